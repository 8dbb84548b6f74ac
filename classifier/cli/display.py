"""Progress on stderr: a live display on a terminal, otherwise a line now and then."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from classifier.cli.console import log
from classifier.cli.formatting import span, spent
from classifier.cli.terms import in_options
from classifier.models import FailureReason
from classifier.sanitize import one_line
from classifier.wording import count

if TYPE_CHECKING:
    from rich.console import RenderableType

    from classifier.progress import Progress

EVERY = 5.0
"""Seconds between lines without a terminal."""
EVERY_ON_TERMINAL = 1.0
_PER_SECOND = 8
_BAR = 30


def shown(progress: Progress, *, quiet: bool) -> AbstractContextManager[None]:
    """Show the progress while the block runs."""
    if quiet:
        return nullcontext()
    return _display(progress) if on_terminal() else _lines(progress)


class ScanDisplay:
    """Shows the number of articles scanned, if that takes long."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._last: float | None = time.monotonic()
        self._width = 0

    def update(self, articles: int) -> None:
        self.show(f"{count(articles, 'article')} scanned")

    def show(self, text: str) -> None:
        every = EVERY_ON_TERMINAL if on_terminal() else EVERY
        if self._last is None:  # the first sign of another scan, long after the last one
            self._last = time.monotonic()
        if self._quiet or time.monotonic() - self._last < every:
            return
        self._last = time.monotonic()
        if on_terminal():
            self._width = max(self._width, len(text))
            sys.stderr.write(f"\r{text:{self._width}}")
            sys.stderr.flush()
        else:
            log(text)

    def clear(self) -> None:
        sys.stderr.write(f"\r{' ' * self._width}\r" if self._width else "")
        self._width = 0
        self._last = None


def on_terminal() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM", "") not in ("dumb", "unknown")


def embedding(done: int, total: int) -> str:
    return f"embedding {total:,} definitions: {100 * done // max(1, total)} %"


def stopping(progress: Progress) -> str:
    return f"finishing {count(progress.under_way, 'article')}; Ctrl-C again stops at once"


@contextmanager
def _lines(progress: Progress) -> Iterator[None]:
    ended = threading.Event()

    def tell() -> None:
        shown: set[FailureReason] = set()
        while not ended.wait(EVERY):
            log("; ".join(parts(progress)))
            for reason, first in first_failures(progress).items():
                if reason not in shown:
                    shown.add(reason)
                    log(first)

    teller = threading.Thread(target=tell, name="classify-progress", daemon=True)
    teller.start()
    try:
        yield
    finally:
        ended.set()
        teller.join()


@contextmanager
def _display(progress: Progress) -> Iterator[None]:
    from rich.console import Console
    from rich.live import Live

    plain = bool(os.environ.get("NO_COLOR"))
    console = Console(
        file=sys.stderr,
        color_system=None if plain else "auto",
        markup=False,
        emoji=False,
        highlight=False,
    )
    # Removed at the end, because the summary repeats it. Nothing else prints meanwhile, and stdout
    # may be a file, so neither stream is redirected.
    with Live(
        console=console,
        get_renderable=lambda: _picture(progress),
        refresh_per_second=_PER_SECOND,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ):
        yield


def _picture(progress: Progress) -> RenderableType:
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    done = progress.pairs + progress.unjudged
    top = Table.grid(padding=(0, 1))
    share = f"{100 * done // max(1, progress.due_pairs)}%"
    top.add_row(ProgressBar(total=max(1, progress.due_pairs), completed=done, width=_BAR), share)
    lines = [Text(part, no_wrap=True, overflow="ellipsis") for part in parts(progress)]
    lines += [
        Text(first, no_wrap=True, overflow="ellipsis")
        for first in first_failures(progress).values()
    ]
    if progress.stopping:
        lines.append(Text(stopping(progress), "bold", no_wrap=True, overflow="ellipsis"))
    return Group(top, *lines)


def first_failures(progress: Progress) -> dict[FailureReason, str]:
    """Return the first failure of each kind, with the path of its article."""
    found = {}
    for reason, failed in sorted(progress.failed.items()):
        for path, failure in failed.examples[:1]:  # another thread may be about to add it
            # A failure without categories is about the file, which its message names.
            where = f"{path!r}: " if failure.categories else ""
            found[reason] = one_line(in_options(f"{reason}: {where}{failure.message}"))
    return found


def parts(progress: Progress) -> list[str]:
    """Return the parts of the display, each short enough for one line."""
    reasons = ", ".join(f"{it.articles:,} {name}" for name, it in sorted(progress.failed.items()))
    failed = f", {progress.failures:,} failed ({reasons})" if reasons else ""
    rate = f", {progress.rate:,.0f} pairs/s" if progress.pairs else ""
    left = "" if progress.left is None or progress.stopping else f", {span(progress.left)} left"
    told = [
        f"{progress.articles:,} of {count(progress.due_articles, 'article')}{failed}",
        f"{progress.pairs:,} of {count(progress.due_pairs, 'pair')}, "
        f"{progress.stored:,} stored{rate}{left}",
    ]
    if progress.embedding:
        told.insert(0, embedding(*progress.embedding))
    if progress.usage.calls:
        usage = progress.usage
        told.append(spent(usage))
    return told
