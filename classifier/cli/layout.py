"""Lines laid out for a terminal: wrapped, and free of escapes from strangers' text."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from shutil import get_terminal_size
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from classifier.cli.console import emit
from classifier.models import Level
from classifier.sanitize import one_line

_WORD = re.compile(r"\s*\S+\s*")
_WIDEST = 100
"""Longer lines are hard to read."""
_NARROWEST = 40
_NARROW = 60
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
    hang: int = 0
    """Further indentation of all lines but the first."""
    columns: int = 0
    """Width that a row of a table needs, the longest of its table."""
    stacked: tuple[str, ...] = ()
    """The cells, a line each, for a page that is narrower than the table."""


@dataclass(frozen=True, slots=True)
class Page:
    console: Console
    width: int
    unicode: bool

    @property
    def narrow(self) -> bool:
        """Whether there is no room for wide tables, as on half of a screen."""
        return self.width < _NARROW

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
        if line.columns > self.width and self.narrow:
            yield from (Text(cell, line.style) for cell in line.stacked)
            return
        text = line.text if isinstance(line.text, Text) else Text(one_line(line.text), line.style)
        if line.whole:
            yield Text(" " * line.indent) + text
            return
        indent = line.indent
        for piece in wrapped(text, self.width - line.indent, hang=self._hang(line)):
            yield Text(" " * indent if piece.plain else "") + piece
            indent = line.indent + self._hang(line)

    def _hang(self, line: Line) -> int:
        """Return how far to hang a line: no more than leaves room for its words."""
        return min(line.hang, max(2, self.width // 2 - line.indent))


def wrapped(text: Text, width: int, *, hang: int = 0) -> Iterator[Text]:
    """Yield the lines of a text. A path or an id that is too long stands alone, to be copied.

    All other words that are too long are broken; those of scripts without spaces are.
    """
    for piece in text.divide(_breaks(text.plain, width, hang)):
        piece.rstrip()
        yield piece


def _breaks(text: str, width: int, hang: int) -> Iterator[int]:
    """Yield where lines begin, except the first; those are `hang` narrower."""
    taken = 0
    for word in _WORD.finditer(text):
        if taken and taken + cell_len(word[0].rstrip()) > width:
            yield word.start()
            width -= hang
            taken = hang = 0
        if "/" in word[0] or cell_len(word[0].rstrip()) <= width:
            taken += cell_len(word[0])
            continue
        for place, letter in enumerate(word[0].rstrip(), word.start()):
            if taken + cell_len(letter) > width:
                yield place
                width -= hang
                taken = hang = 0
            taken += cell_len(letter)
        taken += len(word[0]) - len(word[0].rstrip())


def show(lines: Iterable[Line]) -> None:
    """Print lines to stdout."""
    emit(Page.for_stdout().lay_out(lines))


def row(name: str, value: str, *, width: int = 12) -> Line:
    """Return a line such as `cost:       free`."""
    label = f"{name}:" if name else ""
    return Line(Text(f"{label:<{width}}{one_line(value)}"), hang=width)


def table(rows: Sequence[Sequence[str]]) -> Iterator[Line]:
    """Yield rows of equal length in columns: the first to the left, all others to the right.

    The first row is the heading. Rows are not wrapped; on a narrow page that they do not fit,
    every cell has a line of its own.
    """
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(rows[0]))]
    columns = sum(widths) + 2 * (len(widths) - 1)
    for number, (first, *rest) in enumerate(rows):
        cells = (cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))
        text = "  ".join((first.ljust(widths[0]), *cells)).rstrip()
        named = zip(rows[0][1:], rest, strict=True)
        stacked = (first, *(f"  {name}: {cell}" for name, cell in named if cell))
        yield Line(
            Text(text),
            "" if number else "dim",
            whole=True,
            columns=columns,
            stacked=stacked if number else (),
        )
