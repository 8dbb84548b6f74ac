"""How many categories a model judges well in one call: the same pairs in packs of several sizes.

The smallest size is what others are held against. A size is taken to be safe where F1 is lower by
less than a tolerance at the lower end of the paired interval: both are resampled with the same
articles, so that how hard an article is drops out (Efron & Tibshirani 1993, ch. 16).
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
"""Of F1."""
_PLACES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PackScores:
    """What one size of pack brought; arrays are articles x categories."""

    pack: int
    confidence: Floats
    """NaN where not judged."""
    place: Floats
    """Where the category stood in its call, from 0 (first) to 1; NaN where that is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackComparison:
    pack: int
    pairs: int
    agreement: float
    """Share of pairs on the same side of the minimum as in the smallest packs."""
    rank: float
    """Spearman's correlation of confidences with those of the smallest packs."""
    f1: MetricEstimate | None
    """None where nothing is said about the pairs, or no label is true or given."""
    change: MetricEstimate | None
    """Of F1, against the smallest packs."""
    places: tuple[float, ...]
    """Mean difference of confidences by the third of the call a category stood in; NaN where none
    did."""

    @property
    def safe(self) -> bool:
        return self.change is not None and self.change.low >= -TOLERANCE


def compare_pack_sizes(
    sides: Sequence[PackScores], *, truth: Bools, known: Bools, minimums: Floats
) -> list[PackComparison]:
    """Compare on the pairs that all sizes have judged. `sides`: the smallest first."""
    judged = np.all([~np.isnan(side.confidence) for side in sides], axis=0)
    counted = judged & known
    weights = np.concatenate([unit_weights(len(truth)), resample_weights(len(truth))])
    base = sides[0]
    least = _f1(base.confidence >= minimums, truth, counted, weights)
    rows = []
    for side in sides:
        given = side.confidence >= minimums
        f1 = _f1(given, truth, counted, weights)
        change = f1 - least
        off = side.confidence - base.confidence
        rows.append(
            PackComparison(
                pack=side.pack,
                pairs=int(judged.sum()),
                agreement=float((given == (base.confidence >= minimums))[judged].mean()),
                rank=_correlation(side.confidence[judged], base.confidence[judged]),
                f1=estimate(f1[0], f1[1:]),
                change=estimate(change[0], change[1:], lowest=-1.0),
                places=tuple(_mean(off[judged & _third(side.place, n)]) for n in range(_PLACES)),
            )
        )
    return rows


def recommended_size(rows: Sequence[PackComparison]) -> int | None:
    """Return the largest size that is safe, and so are all below it; None where none is."""
    found = None
    for row in rows[1:]:
        if not row.safe:
            break
        found = row.pack
    return found


def _f1(given: Bools, truth: Bools, counted: Bools, weights: Weights) -> Floats:
    hits = weights @ (given & truth & counted).sum(axis=1)
    both = weights @ ((given & counted).sum(axis=1) + (truth & counted).sum(axis=1))
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
    """Return ranks, those of tied values alike."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]
