"""The judgements of one scorer as columns of small numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias

from classifier.content.markdown import Prose, prose
from classifier.models import (
    ConfidenceKind,
    Evidence,
    Failure,
    Judgement,
    Label,
    Level,
    Rejection,
    Result,
)
from classifier.outputs.report.data import Judged, ReportScorer
from classifier.sanitize import one_line

NEAR: Final = 0.10
"""A pair that was not assigned is a near miss where no more than this was lacking."""
LEVELS: Final = tuple(Level)
_AROUND: Final = 90
"""Characters of the article shown on either side of a quote."""
_LABEL, _EXCLUDED, _REACHES, _NEAR = 1, 2, 4, 8
_LEVEL_SHIFT: Final = 4

Columns: TypeAlias = dict[str, list[Any]]


class Table:
    """Values by number, each once."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def number(self, item: Any) -> int:
        found = self._numbers.setdefault(item, len(self.items))
        if found == len(self.items):
            self.items.append(item)
        return found


@dataclass(frozen=True, slots=True)
class Tables:
    texts: Table
    packs: Table

    def text(self, text: str | None) -> int:
        """Return its number; -1 for none."""
        return self.texts.number(one_line(text)) if text else -1


class ScorerColumns:
    """The columns of one scorer."""

    def __init__(self, source: ReportScorer, places: Mapping[str, int], tables: Tables) -> None:
        self._source = source
        self._places = places
        self._tables = tables
        self._confidence: list[int] = []
        self._needed: list[int] = []
        self._flags: list[int] = []
        self._failures: list[list[Any]] = []
        self._times: list[int] = []
        self._models: list[int] = []
        self._calibrated = False
        self.details: Columns = {}

    def add(self, row: int, article: Judged, number: int, explained_categories: set[str]) -> None:
        result, times = article.results[number], article.times[number]
        confidence, flags = [-1] * len(self._places), [0] * len(self._places)
        needed = [-1] * len(self._places)
        self._models.append(self._tables.text(result.model))
        self._times.append(round(max(times.values(), default=0)))
        explained: dict[int, tuple[Label | Rejection, float]] = {}
        for it in decided(result):
            place = self._places[it.category.id]
            flags[place] = self._flag(it)
            needed[place] = _ten_thousandths(it.minimum)
            if it.judgement.kind is not ConfidenceKind.VERDICT:
                confidence[place] = _ten_thousandths(it.judgement.confidence)
            if it.category.id in explained_categories:
                explained[place] = it, times.get(it.category.id, 0.0)
        quotes = _Quotes(article.body, self._tables)
        for place, (it, at) in sorted(explained.items()):
            self._explain(row * len(self._places) + place, it, at, quotes)
        self._confidence += confidence
        self._needed += needed if self._source.decided_by else ()
        self._flags += flags
        self._failures += (self._failure(row, failure) for failure in result.failures)

    def core(self) -> dict[str, Any]:
        taxonomy = self._source.taxonomy
        kinds = dict.fromkeys(category.kind for category in taxonomy.categories)
        return {
            "identity": one_line(self._source.identity),
            "calibrated": self._calibrated,
            "usage": asdict(self._source.usage),
            "minimums": [_ten_thousandths(taxonomy.minimum(c)) for c in taxonomy.categories],
            "rules": {one_line(kind): asdict(taxonomy.rule(kind)) for kind in kinds},
            "decided_by": one_line(self._source.decided_by),
            "needed": self._needed,
            "confidence": self._confidence,
            "flags": self._flags,
            "times": self._times,
            "models": self._models,
            "failures": self._failures,
        }

    def _flag(self, it: Label | Rejection) -> int:
        judgement = it.judgement
        if judgement.kind is ConfidenceKind.VERDICT:
            return _LABEL if isinstance(it, Label) else 0
        self._calibrated |= judgement.kind is ConfidenceKind.CALIBRATED
        flag = LEVELS.index(judgement.level) << _LEVEL_SHIFT
        lacking = it.minimum - judgement.confidence
        if isinstance(it, Label):
            flag |= _LABEL
        elif it.verdict is None and judgement.exclusion is None and lacking <= NEAR:
            flag |= _NEAR
        if judgement.exclusion is not None:
            flag |= _EXCLUDED
        elif lacking <= 0:
            flag |= _REACHES
        return flag

    def _explain(self, pair: int, it: Label | Rejection, at: float, quotes: _Quotes) -> None:
        judgement, text = it.judgement, self._tables.text
        pack = tuple(self._places[name] for name in judgement.pack if name in self._places)
        values = {
            "pair": pair,
            "why": text(it.why) if it.why else -1,
            "reasoning": text(judgement.reasoning),
            "exclusion": text(judgement.exclusion),
            "kind": text(str(judgement.kind)),
            "raw": -1 if judgement.raw is None else _ten_thousandths(judgement.raw),
            "aspects": _aspects(judgement, self._tables),
            "evidence": [quotes.numbers(quote) for quote in judgement.evidence],
            "pack": self._tables.packs.number(pack) if len(pack) > 1 else -1,
            "at": round(at),
        }
        for name, value in values.items():
            self.details.setdefault(name, []).append(value)

    def _failure(self, row: int, failure: Failure) -> list[Any]:
        missing = [self._places[name] for name in failure.categories if name in self._places]
        # None stand for all: a list of them would be as long as the row.
        left = [] if len(missing) == len(self._places) else missing
        return [row, str(failure.reason), one_line(failure.message), left]


def decided(result: Result) -> Iterator[Label | Rejection]:
    yield from result.decision.labels
    yield from result.decision.rejections


def _aspects(judgement: Judgement, tables: Tables) -> list[int]:
    flat: list[int] = []
    for name, value in judgement.aspects.items():
        flat += tables.text(name), _ten_thousandths(value)
    return flat


class _Quotes:
    """The quotes from one body, each with what is around it as prose."""

    def __init__(self, body: str, tables: Tables) -> None:
        self._body = body
        self._tables = tables

    @cached_property
    def _prose(self) -> Prose:
        return prose(self._body)

    def numbers(self, quote: Evidence) -> list[int]:
        """Return those of the quote, of what is before and after; the quote alone: unverified."""
        text = self._tables.text
        if quote.start is None or quote.end is None:
            return [text(quote.text)]
        read = self._prose
        start, end = read.at_or_after(quote.start), read.at_or_after(quote.end)
        before = read.text[max(0, start - _AROUND) : start].rpartition("\n")[2]
        after = read.text[end : end + _AROUND].partition("\n")[0]
        if len(before) == _AROUND < start:
            before = f"… {before.partition(' ')[2]}"
        if len(after) == _AROUND < len(read.text) - end:
            after = f"{after.rpartition(' ')[0]} …"
        return [text(quote.text), text(before), text(after)]


def _ten_thousandths(share: float) -> int:
    """Round down: what is not enough must not look like enough."""
    return int(share * 10_000 + 1e-7)
