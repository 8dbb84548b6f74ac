"""What `classify link` did to the files."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from classifier.cli.console import emit, log
from classifier.outputs.write_back import Refused
from classifier.project.link import LinkOutcome, LinkResult
from classifier.sanitize import lines
from classifier.wording import count


def show_refused(outcome: LinkOutcome) -> None:
    if isinstance(outcome, Refused):
        log(outcome.message)


def show_diff(outcome: LinkOutcome) -> None:
    """Print what would change in a file, and why it could not."""
    show_refused(outcome)
    if not isinstance(outcome, Refused) and outcome.edited.changed:
        diff = outcome.edited.diff().removesuffix("\n")
        emit(lines(diff) if sys.stdout.isatty() else diff)  # a file is for `git apply`


def show_result(result: LinkResult, *, dry_run: bool, quiet: bool) -> None:
    """Print to stderr what became of the files."""
    if not quiet:
        log(", ".join(_counts(result, dry_run=dry_run)))


def _counts(result: LinkResult, *, dry_run: bool) -> Iterator[str]:
    would = "would change" if dry_run else "changed"
    links = f"{count(result.added, 'link')} added"
    if result.removed:
        links = f"{links}, {result.removed:,} removed"
    yield f"{count(len(result.changed), 'file')} {would} ({links})"
    yield f"{result.unchanged:,} up to date"
    if result.refused:
        yield f"{len(result.refused):,} skipped"
