"""One result as a page: labels with reasons, near misses, who judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from classifier.cli.formatting import calibrated, spent, two_digits, who
from classifier.cli.layout import BAR, STYLES, Line, Page, wrapped
from classifier.models import (
    ConfidenceKind,
    Evidence,
    FailureReason,
    Judgement,
    Label,
    Rejection,
    Result,
    Verdict,
)
from classifier.sanitize import one_line

_QUOTE: Final = 240
"""Characters shown of a quote, unless everything is asked for."""
_MISSES: Final = 3
_NUMBERS: Final = BAR + len("  0.00  Secondary")


def render(result: Result, page: Page, *, explain: bool = False) -> str:
    """Return the page of one article, without a line break at its end."""
    return page.lay_out(_Answer(result, page, explain).lines())


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
            yield Line(result.article, "dim", whole=True)

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
            return "No labels: possible prompt injection in the article."
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
        title = Text(one_line(it.category.title), "bold" if isinstance(it, Label) else "")
        if self.page.narrow and cell_len(title.plain) > room:
            yield Line(title, indent=2)  # beside the bar there is no room for its words
            title = Text("")
        first, *more = wrapped(title, room)
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


def _who(result: Result) -> str:
    judged = len(result.judgements)
    missing = sum(len(failure.categories) for failure in result.failures)
    told = f"{judged} of {judged + missing}" if missing else f"{judged}"
    noun = "category" if told == "1" else "categories"
    return f"{told} {noun} judged by {who(result.scorer, result.model)}: {_spent(result)}"


def _confidences(result: Result) -> Iterator[Line]:
    judged: list[Label | Rejection] = [*result.decision.labels, *result.decision.rejections]
    scored = [it for it in judged if it.judgement.kind is not ConfidenceKind.VERDICT]
    kinds = {it.category.kind for it in scored}
    plain = [it for it in scored if it.judgement.kind is not ConfidenceKind.CALIBRATED]
    if kinds:
        those = kinds - {it.category.kind for it in plain}
        as_is = ", ".join(sorted({it.judgement.kind for it in plain}))
        yield Line(calibrated(kinds, those, as_is), "dim")
    if result.decision.profile:
        yield Line(f"minimums: by {result.decision.profile}", "dim")


def _spent(result: Result) -> str:
    usage = result.usage
    if usage.calls:
        return f"{result.stored} stored, {spent(usage)}" if result.stored else spent(usage)
    return "from the store, free" if result.stored else spent(usage)
