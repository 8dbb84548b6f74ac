"""Choose the minimum confidence at which labels reach a target precision or recall.

The observed value alone would promise too much: among many minimums, the one that looks best was
often lucky. So each minimum is a test of the hypothesis that it misses the target. Tests run in an
order fixed beforehand, and a minimum is chosen only if all tests before it rejected: the
probability of choosing one that misses the target is then at most `RISK`, however many were tried
(Angelopoulos et al. 2021, "Learn then Test: Calibrating Predictive Algorithms to Achieve Risk
Control").
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
"""Multiples of the smallest number of labels that could show the precision, from which it is tested
downwards: otherwise a few wrong labels among the first would end the test too early."""
_STEP: Final = 1.1
_RECALL_STEPS: Final = 100


@dataclass(frozen=True, slots=True)
class MetricTarget:
    """A precision or recall to reach."""

    measure: Literal["precision", "recall"]
    value: float
    """Between 0 and 1."""


@dataclass(frozen=True, slots=True)
class ChosenMinimum:
    """The minimum confidence for a target, and the evidence for it."""

    minimum: float | None
    """Confidence (0-1); None if no minimum is known to reach the target."""
    measured: Proportion | None
    """The precision or recall at the minimum, else the best one; None if there is too little
    gold."""


@dataclass(frozen=True, slots=True, eq=False)
class PairScores:
    """Pairs that compete for labels; every array is articles x categories."""

    confidence: Floats
    """The confidence (0-1) that labels are decided on; NaN if not judged."""
    held_out: Floats
    """The confidence by a fit without the article; the target is measured on this one."""
    truth: Bools
    known: Bools
    """Whether the gold says anything about the pair."""
    excluded: Bools
    """Whether an exclusion rule fired."""

    def rows(self, some: NDArray[np.intp] | Bools) -> PairScores:
        """Return some of the articles."""
        return PairScores(
            self.confidence[some],
            self.held_out[some],
            self.truth[some],
            self.known[some],
            self.excluded[some],
        )

    def column(self, n: int) -> PairScores:
        """Return one category: arrays of articles x 1."""
        some = slice(n, n + 1)
        return PairScores(
            self.confidence[:, some],
            self.held_out[:, some],
            self.truth[:, some],
            self.known[:, some],
            self.excluded[:, some],
        )


def choose_minimum(field: PairScores, target: MetricTarget, rule: Rule) -> ChosenMinimum:
    """Return the minimum that reaches a precision with most labels, or a recall with fewest.

    Labels are given as a run gives them (`rule`); those of unknown pairs are left out.
    """
    tested = _Ranked.of(field.held_out, field, rule)
    search = _precision if target.measure == "precision" else _recall
    labels, measured = search(tested, target.value, field)
    if not labels:
        return ChosenMinimum(None, measured)
    minimum = _Ranked.of(field.confidence, field, rule).minimum(
        labels, at_least=target.measure == "recall"
    )
    return ChosenMinimum(minimum, measured)


def assigned(confidence: Floats, excluded: Bools, minimums: Floats, rule: Rule) -> Bools:
    """Return which pairs of one kind are labels: `decisions.decide` for many articles at once.

    Args:
        confidence: Articles x categories, 0-1.
        excluded: Whether an exclusion rule fired, articles x categories.
        minimums: One minimum, one per category, or articles x categories.
        rule: How many labels an article may have, by score or by level.
    """
    labels = ~excluded & (confidence >= minimums)
    ranked = np.where(labels, confidence, -1.0)
    if rule.by == "level":
        levels = _level(ranked)
        labels &= levels == levels.max(axis=1, keepdims=True, initial=0)
    if rule.at_most is not None:
        order = np.argsort(-ranked, axis=1, kind="stable")
        place = np.empty_like(order)
        np.put_along_axis(place, order, np.arange(order.shape[1])[None, :], axis=1)
        labels &= place < rule.at_most
    return labels


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
        """Possible numbers of labels, ascending: equal confidences are all labels or none."""
        return np.flatnonzero(np.append(np.diff(self.confidence) != 0, True)[: len(self.rows)]) + 1

    def first(self, labels: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the hits and the labels of each article if there are this many labels."""
        rows, truth = self.rows[:labels], self.truth[:labels]
        hits = np.bincount(rows[truth], minlength=self.articles)
        return hits, np.bincount(rows, minlength=self.articles)

    def up_to(self, labels: int, *, at_least: bool) -> int:
        """Return the nearest possible number of labels; 0 if there is none."""
        some = (
            self.ends[self.ends >= labels][:1] if at_least else self.ends[self.ends <= labels][-1:]
        )
        return int(some[0]) if some.size else 0

    def minimum(self, labels: int, *, at_least: bool) -> float | None:
        """Return the minimum that gives at most, or at least, this many labels."""
        number = self.up_to(min(labels, len(self.rows)), at_least=at_least)
        # Rounded down, so that the last of them is a label.
        return math.floor(float(self.confidence[number - 1]) * 1e4) / 1e4 if number else None


def _precision(ranked: _Ranked, value: float, _: PairScores) -> tuple[int, Proportion | None]:
    fewest = math.ceil(math.log(RISK) / math.log(value))
    starts = [start for times in _STARTS if (start := times * fewest) <= len(ranked.rows)]
    best: tuple[int, Proportion | None] = 0, None
    measured: list[Proportion] = []
    for start in starts:
        for labels in _downwards(ranked, start):
            proportion = Proportion.of(*ranked.first(labels))
            measured.append(proportion)
            if proportion.chance_above(value) > RISK / len(starts):
                break
            best = max(best, (labels, proportion), key=lambda pair: pair[0])
    return best if best[0] else (0, max(measured, key=lambda pair: pair.value, default=None))


def _downwards(ranked: _Ranked, labels: int) -> Iterator[int]:
    while labels := ranked.up_to(labels, at_least=True):
        yield labels
        labels = max(labels + 1, int(labels * _STEP))


def _recall(ranked: _Ranked, value: float, field: PairScores) -> tuple[int, Proportion | None]:
    positives = (field.truth & field.known & ~np.isnan(field.held_out)).sum(axis=1)
    if not positives.any():
        return 0, None
    best: tuple[int, Proportion | None] = 0, None
    for labels in _upwards(ranked):
        proportion = Proportion.of(ranked.first(labels)[0], positives)
        if proportion.chance_above(value) > RISK:
            return best if best[0] else (0, proportion)
        best = labels, proportion
    return best


def _upwards(ranked: _Ranked) -> Sequence[int]:
    """Return numbers of labels to test, from all to few, each with some hits less."""
    ends = np.flatnonzero(ranked.truth) + 1
    steps = ends[:: -max(1, len(ends) // _RECALL_STEPS)]
    return list(dict.fromkeys(ranked.up_to(int(n), at_least=True) for n in steps))
