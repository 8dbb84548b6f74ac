"""Summaries in Markdown, for the page that a build shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from classifier.errors import OutputError
from classifier.sanitize import one_line

_MARKUP: Final = re.compile(r"[&<>\\`*_~\[\]|:@#!]")
# GitHub links addresses, mail, people and issues after it resolved entities, so a zero-width space
# has to part what it looks for.
_LINKED: Final = re.compile(r"[@#](?=\w)|:(?=[\w/])|\b(?:www|gh)(?=[.-])", re.IGNORECASE)
_PART: Final = "\N{ZERO WIDTH SPACE}"
_ROWS: Final = 500
"""Of one table; GitHub drops a summary of more than a megabyte."""


def plain(text: str) -> str:
    """Return what is shown as `text`, on one line, and never taken for markup or a link."""
    parted = _LINKED.sub(rf"\g<0>{_PART}", one_line(text))
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", parted)


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
