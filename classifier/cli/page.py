"""A result as people read it: calm, wrapped, and free of escapes from strangers' text."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from shutil import get_terminal_size
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from classifier.cli.formatting import calibrated, spent, who
from classifier.models import (
    ConfidenceKind,
    Evidence,
    FailureReason,
    Judgement,
    Label,
    Level,
    Rejection,
    Result,
    Verdict,
)
from classifier.sanitize import one_line

_WIDEST = 100
"""Longer lines are hard to read."""
_NARROWEST = 40
_BAR = 10
_QUOTE = 240
"""Characters shown of a quote, unless everything is asked for."""
_MISSES = 3
_NUMBERS = _BAR + len("  0.00  Secondary")
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

    def render(self, result: Result, *, explain: bool = False) -> str:
        """Return the answer for one article, without a line break at its end."""
        return self.lay_out(_Answer(result, self, explain).lines())

    def lay_out(self, lines: Iterable[Line]) -> str:
        with self.console.capture() as capture:
            for line in lines:
                for piece in self._wrapped(line):
                    self.console.print(piece, soft_wrap=True)
        return capture.get().rstrip("\n")

    def bar(self, share: float) -> str:
        """Return a bar of ten cells; `share` is 0-1."""
        full, empty = "█░" if self.unicode else "#-"
        cells = round(share * _BAR)
        return full * cells + empty * (_BAR - cells)

    def _wrapped(self, line: Line) -> Iterator[Text]:
        text = line.text if isinstance(line.text, Text) else Text(one_line(line.text), line.style)
        if line.whole:
            yield Text(" " * line.indent) + text
            return
        for piece in text.wrap(self.console, self.width - line.indent) or [Text()]:
            piece.rstrip()
            yield Text(" " * line.indent if piece.plain else "") + piece


@dataclass(frozen=True, slots=True)
class _Answer:
    result: Result
    page: Page
    explain: bool

    def lines(self) -> Iterator[Line]:
        yield from self._heading()
        yield from self._labels()
        yield from self._rest()
        yield Line()
        yield Line(_who(self.result), "dim")
        yield from _confidences(self.result)

    def _heading(self) -> Iterator[Line]:
        result = self.result
        yield Line(result.title or result.article, "bold")
        if result.title:
            yield Line(result.article, "dim")

    def _labels(self) -> Iterator[Line]:
        labels = self.result.decision.labels
        if not labels:
            yield Line()
            yield Line(self._none(), "bold")
            return
        for kind, titles in self.result.labels.items():
            yield Line()
            yield Line(kind, "bold")
            if not titles:
                yield Line("nothing fits", "dim", 2)
            for label in labels:
                if label.category.kind == kind:
                    yield from self._row(label)
                    if label.verdict:
                        yield Line(_accepted(label.verdict), "bold", 4)
                    yield from self._reasons(label.judgement)

    def _none(self) -> str:
        failures = self.result.failures
        if any(failure.reason is FailureReason.TAMPERED for failure in failures):
            return "No labels: the article talked the model into something."
        return "None of the judged categories fits." if failures else "No category fits."

    def _rest(self) -> Iterator[Line]:
        if shown := self._shown():
            yield Line()
            yield Line("Not assigned" if self.explain else "Nearest misses", "bold")
        for rejection in shown:
            yield from self._row(rejection)
            yield Line(f"{rejection.category.kind}: {rejection.why}", "dim", 4)
            if self.explain:
                yield from self._reasons(rejection.judgement)

    def _row(self, it: Label | Rejection) -> Iterator[Line]:
        """Name, bar, number and level; a long name goes on below."""
        level = it.judgement.level
        room = min(self._longest_title(), self.page.width - 2 - 2 - _NUMBERS)
        bold = "bold" if isinstance(it, Label) else ""
        first, *more = Text(one_line(it.category.title), bold).wrap(self.page.console, room)
        first.rstrip()
        first.append(" " * (room - cell_len(first.plain) + 2))
        first.append(self.page.bar(it.judgement.confidence), STYLES[level])
        first.append(f"  {two_digits(it.judgement.confidence)}  {level}")
        yield Line(first, indent=2)
        yield from (Line(piece, indent=2) for piece in more)

    def _reasons(self, judgement: Judgement) -> Iterator[Line]:
        if judgement.reasoning:
            yield Line(judgement.reasoning, indent=4)
        if self.explain and judgement.raw is not None:
            yield Line(f"calibrated from {two_digits(judgement.raw)}", "dim", 4)
        if self.explain and judgement.aspects:
            aspects = (f"{name} {value:.2f}" for name, value in judgement.aspects.items())
            yield Line(", ".join(aspects), "dim", 4)
        for quote in judgement.evidence if self.explain else judgement.evidence[:1]:
            yield Line(self._quoted(quote), "italic", 4)

    def _quoted(self, quote: Evidence) -> str:
        text = one_line(quote.text)
        if len(text) > _QUOTE and not self.explain:
            text = text[:_QUOTE].rsplit(" ", 1)[0] + ("…" if self.page.unicode else "...")
        marked = f"“{text}”" if self.page.unicode else f'"{text}"'
        return marked if quote.verified else f"{marked} (not found in the article)"

    def _longest_title(self) -> int:
        shown: list[Label | Rejection] = [*self.result.decision.labels, *self._shown()]
        return max((cell_len(one_line(it.category.title)) for it in shown), default=0)

    def _shown(self) -> tuple[Rejection, ...]:
        rejections = self.result.decision.rejections
        return rejections if self.explain else rejections[:_MISSES]


def _accepted(verdict: Verdict) -> str:
    return f"accepted by a person: {verdict.note}" if verdict.note else "accepted by a person"


def two_digits(confidence: float) -> str:
    """Round down: 0.4996 shown as 0.50 would look like enough."""
    return f"{int(confidence * 100 + 1e-9) / 100:.2f}"


def _who(result: Result) -> str:
    judged = len(result.judgements)
    missing = sum(len(failure.categories) for failure in result.failures)
    told = f"{judged} of {judged + missing}" if missing else f"{judged}"
    return f"{told} categories judged by {who(result.scorer, result.model)}: {_spent(result)}"


def _confidences(result: Result) -> Iterator[Line]:
    judged: list[Label | Rejection] = [*result.decision.labels, *result.decision.rejections]
    scored = [it for it in judged if it.judgement.kind is not ConfidenceKind.VERDICT]
    kinds = {it.category.kind for it in scored}
    plain = [it for it in scored if it.judgement.kind is not ConfidenceKind.CALIBRATED]
    if kinds:
        those = kinds - {it.category.kind for it in plain}
        as_is = ", ".join(sorted({it.judgement.kind for it in plain}))
        yield Line(calibrated(kinds, those, as_is), "dim")


def _spent(result: Result) -> str:
    usage = result.usage
    if usage.calls:
        return f"{result.stored} on record, {spent(usage)}" if result.stored else spent(usage)
    return "on record, nothing to pay" if result.stored else spent(usage)
