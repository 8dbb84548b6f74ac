"""Compare how well a model judges the same pairs in calls with several numbers of categories.

The smallest pack size is the baseline. A size is safe if the lower end of the paired interval of
its F1 minus the baseline's is above -`TOLERANCE`. Both are resampled with the same articles, so
that the difficulty of an article cancels (Efron & Tibshirani 1993, "An Introduction to the
Bootstrap", ch. 16).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.evaluation.bootstrap import MetricEstimate, estimate, resample_weights
from classifier.evaluation.metrics import Bools, Floats, Weights, ratio, unit_weights

TOLERANCE: Final = 0.02
"""Loss of F1 that is accepted."""
_PLACES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PackScores:
    """The confidences with one pack size; arrays are articles x categories."""

    pack: int
    confidence: Floats
    """0-1; NaN if not judged."""
    place: Floats
    """Position of the category in its call, from 0 (first) to 1; NaN if unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackComparison:
    """One pack size compared with the smallest."""

    pack: int
    pairs: int
    agreement: float
    """Share of pairs on the same side of the minimum as with the smallest packs."""
    rank: float
    """Spearman correlation of the confidences with those of the smallest packs."""
    f1: MetricEstimate | None
    """None if there is no gold for the pairs, or no label is true or assigned."""
    change: MetricEstimate | None
    """F1 minus that of the smallest packs."""
    places: tuple[float, ...]
    """Mean difference of confidences for categories in each third of the call; NaN if there are
    none."""

    @property
    def safe(self) -> bool:
        return self.change is not None and self.change.low >= -TOLERANCE


def compare_pack_sizes(
    sides: Sequence[PackScores], *, truth: Bools, known: Bools, minimums: Floats
) -> list[PackComparison]:
    """Compare pack sizes on the pairs that all have judged.

    Args:
        sides: One per size, the smallest first.
        truth: Whether a category belongs, articles x categories; counts where `known`.
        known: Whether the gold says anything about the pair.
        minimums: The minimum confidence of each category.
    """
    judged = np.all([~np.isnan(side.confidence) for side in sides], axis=0)
    counted = judged & known
    weights = np.concatenate([unit_weights(len(truth)), resample_weights(len(truth))])
    base = sides[0]
    least = _f1(base.confidence >= minimums, truth, counted, weights)
    rows = []
    for side in sides:
        labels = side.confidence >= minimums
        f1 = _f1(labels, truth, counted, weights)
        change = f1 - least
        difference = side.confidence - base.confidence
        rows.append(
            PackComparison(
                pack=side.pack,
                pairs=int(judged.sum()),
                agreement=float((labels == (base.confidence >= minimums))[judged].mean()),
                rank=_correlation(side.confidence[judged], base.confidence[judged]),
                f1=estimate(f1[0], f1[1:]),
                change=estimate(change[0], change[1:], lowest=-1.0),
                places=tuple(
                    _mean(difference[judged & _third(side.place, n)]) for n in range(_PLACES)
                ),
            )
        )
    return rows


def recommended_size(rows: Sequence[PackComparison]) -> int | None:
    """Return the largest size up to which all are safe; None if none above the smallest is."""
    largest = None
    for row in rows[1:]:
        if not row.safe:
            break
        largest = row.pack
    return largest


def _f1(labels: Bools, truth: Bools, counted: Bools, weights: Weights) -> Floats:
    hits = weights @ (labels & truth & counted).sum(axis=1)
    both = weights @ ((labels & counted).sum(axis=1) + (truth & counted).sum(axis=1))
    return ratio(2 * hits, both)


def _third(place: Floats, number: int) -> Bools:
    thirds: Floats = np.minimum(np.floor(place * _PLACES), _PLACES - 1)
    return np.equal(thirds, number)


def _mean(values: Floats) -> float:
    return float(values.mean()) if values.size else float("nan")


def _correlation(one: Floats, other: Floats) -> float:
    ranks = _ranks(one), _ranks(other)
    if any(np.ptp(each) == 0 if each.size else True for each in ranks):
        return float("nan")
    return float(np.corrcoef(*ranks)[0, 1])


def _ranks(values: Floats) -> NDArray[np.float64]:
    """Return ranks; tied values share their mean rank."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]
