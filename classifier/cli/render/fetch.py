"""What `classify fetch` fetched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from classifier.cli.console import emit, emit_json, log
from classifier.project.fetch import FetchedPage
from classifier.wording import count


def show_page(page: FetchedPage, *, json: bool) -> None:
    """Print the file of a page, and to stderr why there is none."""
    if page.status == "failed":
        log(page.why)
    if json:
        emit_json(asdict(page))
    elif page.path:
        emit(page.path)


def show_result(pages: Sequence[FetchedPage], folder: Path, *, quiet: bool) -> None:
    """Print to stderr how many pages there are."""
    if quiet:
        return
    by_status = Counter(page.status for page in pages)
    parts = [f"{count(by_status['fetched'], 'page')} fetched"]
    if by_status["kept"]:
        parts.append(f"{by_status['kept']:,} already there")
    if by_status["failed"]:
        parts.append(f"{by_status['failed']:,} failed")
    log(", ".join(parts))
    if by_status["fetched"]:
        log(f"next: `classify run {folder}`")
