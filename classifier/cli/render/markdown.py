"""Summaries in Markdown, for the page that a build shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from classifier.errors import OutputError
from classifier.sanitize import one_line

_MARKUP: Final = re.compile(r"[&<>\\`*_~\[\]|:@#!]")
_ROWS: Final = 500
"""Of one table; GitHub drops a summary of more than a megabyte."""


def plain(text: str) -> str:
    """Return what is shown as `text`, on one line, and never taken for markup or a link."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", one_line(text))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(heads)
    yield _row(["---"] * len(heads))
    left = 0
    for number, row in enumerate(rows):
        if number < _ROWS:
            yield _row([plain(cell) for cell in row])
        else:
            left += 1
    if left:
        yield f"\nand {left:,} more"


def append(path: Path, lines: Iterable[str]) -> None:
    """Add lines at the end of a file. Raises OutputError where it cannot be written."""
    try:
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        raise OutputError(f"cannot write {str(path)!r}: {error.strerror or error}") from None


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
