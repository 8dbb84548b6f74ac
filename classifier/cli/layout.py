"""Lines laid out for a terminal: wrapped, and free of escapes from strangers' text."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from shutil import get_terminal_size
from typing import TextIO

from rich.console import Console
from rich.text import Text

from classifier.cli.console import emit
from classifier.models import Level
from classifier.sanitize import one_line

_WIDEST = 100
"""Longer lines are hard to read."""
_NARROWEST = 40
BAR = 10
STYLES = {
    Level.PRIMARY: "green",
    Level.SECONDARY: "cyan",
    Level.TERTIARY: "yellow",
    Level.IGNORED: "dim",
}


@dataclass(frozen=True, slots=True)
class Line:
    """Text that is wrapped to the page, every line of it indented alike."""

    text: str | Text = ""
    style: str = ""
    indent: int = 0
    whole: bool = False
    """Not wrapped, however long it is: a path is to be copied."""


@dataclass(frozen=True, slots=True)
class Page:
    console: Console
    width: int
    unicode: bool

    @classmethod
    def for_stdout(cls) -> Page:
        return cls.on(sys.stdout)

    @classmethod
    def on(cls, file: TextIO) -> Page:
        """Fit the page to `file`: as wide as its terminal or $COLUMNS, else 80 columns."""
        columns = os.environ.get("COLUMNS", "")
        if not columns.isdecimal() and not file.isatty():
            columns = "80"
        width = int(columns) if columns.isdecimal() else get_terminal_size().columns
        width = max(_NARROWEST, min(width, _WIDEST))
        # Rich alone would keep bold and italic escapes under NO_COLOR.
        plain = bool(os.environ.get("NO_COLOR"))
        console = Console(
            file=StringIO(),  # write() alone prints, and knows what to do when it cannot
            force_terminal=True if file.isatty() else None,
            width=width,
            color_system=None if plain else "auto",
            markup=False,
            emoji=False,
            highlight=False,
        )
        return cls(console, width, unicode=(file.encoding or "").lower().startswith("utf"))

    def lay_out(self, lines: Iterable[Line]) -> str:
        with self.console.capture() as capture:
            for line in lines:
                for piece in self._wrapped(line):
                    self.console.print(piece, soft_wrap=True)
        return capture.get().rstrip("\n")

    def bar(self, share: float) -> str:
        """Return a bar of ten cells; `share` is 0-1."""
        full, empty = "█░" if self.unicode else "#-"
        cells = round(share * BAR)
        return full * cells + empty * (BAR - cells)

    def _wrapped(self, line: Line) -> Iterator[Text]:
        text = line.text if isinstance(line.text, Text) else Text(one_line(line.text), line.style)
        if line.whole:
            yield Text(" " * line.indent) + text
            return
        for piece in text.wrap(self.console, self.width - line.indent) or [Text()]:
            piece.rstrip()
            yield Text(" " * line.indent if piece.plain else "") + piece


def show(lines: Iterable[Line]) -> None:
    """Print lines to stdout."""
    emit(Page.for_stdout().lay_out(lines))


def row(name: str, value: str, *, width: int = 12) -> Line:
    """Return a line such as `cost:       free`."""
    label = f"{name}:" if name else ""
    return Line(Text(f"{label:<{width}}{one_line(value)}"))


def table(rows: Sequence[Sequence[str]], *, style: str = "dim") -> Iterator[Line]:
    """Yield rows of equal length in columns: the first to the left, all others to the right.

    The first row is the heading, in `style`. Rows are not wrapped.
    """
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(rows[0]))]
    for number, (first, *rest) in enumerate(rows):
        cells = (cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))
        text = "  ".join((first.ljust(widths[0]), *cells)).rstrip()
        yield Line(Text(text), "" if number else style, whole=True)
