"""Choose the minimum confidence at which labels reach a precision, or a recall.

The observed value alone would promise too much: of many minimums, the one that looks good is often
one that was lucky. So each is a test that the target is missed, and one is chosen only where all
before it, in an order fixed beforehand, were rejected: then the chance of choosing one that misses
the target is at most `ERROR`, however many were tried (Angelopoulos et al. 2021, "Learn then
Test: Calibrating Predictive Algorithms to Achieve Risk Control").
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from classifier.evaluation.clopper_pearson import Proportion
from classifier.evaluation.metrics import Bools, Floats
from classifier.models import Level, Rule

RISK: Final = 0.05
_STARTS: Final = (2, 4, 8)
"""Precision is tested downwards from so many times the labels that could show it if all were right:
a few wrong ones among the first would otherwise end the test where it has hardly begun."""
_STEP: Final = 1.1
_RECALL_STEPS: Final = 100


@dataclass(frozen=True, slots=True)
class MetricTarget:
    measure: Literal["precision", "recall"]
    value: float
    """Between 0 and 1."""


@dataclass(frozen=True, slots=True)
class ChosenMinimum:
    minimum: float | None
    """None: no minimum is known to reach the target."""
    measured: Proportion | None
    """What was measured there, else at its best; None: there is too little to measure."""


@dataclass(frozen=True, slots=True, eq=False)
class PairScores:
    """Articles x categories that compete for labels; every array has that shape."""

    confidence: Floats
    """As labels are decided on; NaN where not judged."""
    held_out: Floats
    """The same from what was fitted without the article: what is measured is measured on it."""
    truth: Bools
    known: Bools
    excluded: Bools

    def column(self, n: int) -> PairScores:
        some = slice(n, n + 1)
        return PairScores(
            self.confidence[:, some],
            self.held_out[:, some],
            self.truth[:, some],
            self.known[:, some],
            self.excluded[:, some],
        )


def choose_minimum(field: PairScores, target: MetricTarget, rule: Rule) -> ChosenMinimum:
    """Return the minimum with most labels that reaches a precision, or fewest for a recall.

    Labels are counted as a run gives them; those of pairs that are not known are left out.
    """
    tested = _Ranked.of(field.held_out, field, rule)
    look = _precision if target.measure == "precision" else _recall
    labels, found = look(tested, target.value, field)
    if not labels:
        return ChosenMinimum(None, found)
    minimum = _Ranked.of(field.confidence, field, rule).minimum(
        labels, at_least=target.measure == "recall"
    )
    return ChosenMinimum(minimum, found)


def assigned(confidence: Floats, excluded: Bools, minimums: Floats, rule: Rule) -> Bools:
    """Return which pairs of one kind are labels: `decide` for many articles at once.

    `minimums`: one, or one for each category.
    """
    fit = ~excluded & (confidence >= minimums)
    ranked = np.where(fit, confidence, -1.0)
    if rule.by == "level":
        levels = _level(ranked)
        fit &= levels == levels.max(axis=1, keepdims=True, initial=0)
    if rule.at_most is not None:
        order = np.argsort(-ranked, axis=1, kind="stable")
        place = np.empty_like(order)
        np.put_along_axis(place, order, np.arange(order.shape[1])[None, :], axis=1)
        fit &= place < rule.at_most
    return fit


def _level(confidence: Floats) -> NDArray[np.intp]:
    floors = sorted(level.floor for level in Level)
    return np.searchsorted(floors, confidence, side="left")


@dataclass(frozen=True, eq=False)
class _Ranked:
    """The pairs that are labels where the minimum allows it, by falling confidence."""

    confidence: Floats
    rows: NDArray[np.intp]
    truth: Bools
    articles: int

    @classmethod
    def of(cls, confidence: Floats, field: PairScores, rule: Rule) -> _Ranked:
        # A minimum cuts off the last places, so the others do not depend on it.
        given = assigned(confidence, field.excluded, np.zeros(1), rule)
        rows, columns = np.nonzero(given & field.known)
        values = confidence[rows, columns]
        order = np.argsort(-values, kind="stable")
        return cls(
            values[order],
            rows[order],
            field.truth[rows, columns][order],
            len(field.truth),
        )

    @cached_property
    def ends(self) -> NDArray[np.intp]:
        """How many labels there can be: equal confidences are all labels or none."""
        return np.flatnonzero(np.append(np.diff(self.confidence) != 0, True)[: len(self.rows)]) + 1

    def first(self, labels: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return hits and labels of each article, where there are so many labels."""
        rows, truth = self.rows[:labels], self.truth[:labels]
        hits = np.bincount(rows[truth], minlength=self.articles)
        return hits, np.bincount(rows, minlength=self.articles)

    def up_to(self, labels: int, *, at_least: bool) -> int:
        """Return the possible number of labels that is nearest; 0: there is none."""
        some = (
            self.ends[self.ends >= labels][:1] if at_least else self.ends[self.ends <= labels][-1:]
        )
        return int(some[0]) if some.size else 0

    def minimum(self, labels: int, *, at_least: bool) -> float | None:
        """Return the minimum that gives so many labels at most, or at least."""
        number = self.up_to(min(labels, len(self.rows)), at_least=at_least)
        # Rounded down, so that the last of them is a label.
        return math.floor(float(self.confidence[number - 1]) * 1e4) / 1e4 if number else None


def _precision(ranked: _Ranked, value: float, _: PairScores) -> tuple[int, Proportion | None]:
    fewest = math.ceil(math.log(RISK) / math.log(value))
    starts = [start for times in _STARTS if (start := times * fewest) <= len(ranked.rows)]
    best: tuple[int, Proportion | None] = 0, None
    seen: list[Proportion] = []
    for start in starts:
        for labels in _downwards(ranked, start):
            found = Proportion.of(*ranked.first(labels))
            seen.append(found)
            if found.chance_above(value) > RISK / len(starts):
                break
            best = max(best, (labels, found), key=lambda it: it[0])
    return best if best[0] else (0, max(seen, key=lambda it: it.value, default=None))


def _downwards(ranked: _Ranked, labels: int) -> Iterator[int]:
    while labels := ranked.up_to(labels, at_least=True):
        yield labels
        labels = max(labels + 1, int(labels * _STEP))


def _recall(ranked: _Ranked, value: float, field: PairScores) -> tuple[int, Proportion | None]:
    wanted = (field.truth & field.known & ~np.isnan(field.held_out)).sum(axis=1)
    if not wanted.any():
        return 0, None
    best: tuple[int, Proportion | None] = 0, None
    for labels in _upwards(ranked):
        found = Proportion.of(ranked.first(labels)[0], wanted)
        if found.chance_above(value) > RISK:
            return best if best[0] else (0, found)
        best = labels, found
    return best


def _upwards(ranked: _Ranked) -> Sequence[int]:
    """Return numbers of labels, from all to few, with a part of the hits less each time."""
    ends = np.flatnonzero(ranked.truth) + 1
    steps = ends[:: -max(1, len(ends) // _RECALL_STEPS)]
    return list(dict.fromkeys(ranked.up_to(int(n), at_least=True) for n in steps))
