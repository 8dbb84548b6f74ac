"""Choose the minimum confidences with the best F1, one for a kind and one for each category.

With calibrated confidences, the F1 to expect of any minimum is known without counting labels (Ye
et al. 2012, "Optimizing F-measure: A Tale of Two Approaches"), and the best minimum is half of the
best F1 (Lipton et al. 2014, "Thresholding Classifiers to Maximize F1 Score"). That needs far fewer
labels than the minimum that happened to be best, and leaves less to chance. The minimum of a
category is shrunk towards that of its kind, the more, the fewer of its articles are labelled.

Chosen among 21 forms on five sets (`benchmarks/train.py` reports on two others).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.evaluation.metrics import Bools, Floats
from classifier.models import Rule
from classifier.training.targets import PairScores, assigned

SHRINKAGE: Final = 10
"""Articles of a category at which its own minimum weighs as much as that of the kind."""
REJECTIONS: Final = 3
"""Rejected labels of a category that is accepted nowhere, at which the minimum of its kind weighs
as much as the one before."""
_LOWEST: Final = 0.02
_DIGITS: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class F1Minimums:
    """Minimums of one kind."""

    kind: float
    """Confidence (0-1) for categories without one of their own."""
    categories: Floats
    """One per category."""


def choose_minimums(
    field: PairScores, kept: Floats | None = None, rejected: Bools | None = None
) -> F1Minimums:
    """Return the minimums with the best F1 to expect by the held-out confidences of `field`.

    Args:
        field: What is known, and the confidences.
        kept: By category, what the minimum before comes to, for categories without a label: what
            others teach takes no label from them. By default they have the minimum of the kind.
        rejected: Pairs (articles x categories) that people rejected. Labels among them do raise the
            minimum of such a category, towards that of the kind.
    """
    counted = field.known & ~field.excluded
    kind = best_minimum(field.held_out[counted])
    each = np.full(field.truth.shape[1], kind) if kept is None else kept.copy()
    for n, some in enumerate(counted.T):
        belong = float((field.truth[:, n] & some).sum())
        if belong:
            own = best_minimum(field.held_out[some, n])
            each[n] = _between(kind, own, belong / (belong + SHRINKAGE))
        elif rejected is not None and each[n] < kind:
            wrong = float((rejected[:, n] & some & (field.held_out[:, n] >= each[n])).sum())
            each[n] = _between(each[n], kind, wrong / (wrong + REJECTIONS))
    return F1Minimums(round(kind, _DIGITS), each.round(_DIGITS))


def _between(one: float, other: float, share: float) -> float:
    """Return a minimum between two; `share` (0-1) is the weight of the other."""
    return float(np.exp((1 - share) * np.log(one) + share * np.log(other)))


def best_minimum(confidence: Floats) -> float:
    """Return the minimum with the best F1 to expect of calibrated confidences of any pairs."""
    falling = np.sort(confidence)[::-1]
    if not falling.size or not falling[0]:
        return 0.5
    expected = 2 * np.cumsum(falling) / (np.arange(1, len(falling) + 1) + falling.sum())
    return max(float(expected.max()) / 2, _LOWEST)


def held_out_labels(
    field: PairScores,
    rule: Rule,
    folds: NDArray[np.intp],
    kept: Floats | None = None,
    rejected: Bools | None = None,
) -> Bools:
    """Return the labels of each fold (one number per article) by minimums chosen on the others."""
    labels = np.zeros_like(field.truth)
    for fold in np.unique(folds):
        rows = folds == fold
        taken = None if rejected is None else rejected[~rows]
        minimums = choose_minimums(field.rows(~rows), kept, taken)
        here = field.rows(rows)
        labels[rows] = assigned(here.held_out, here.excluded, minimums.categories, rule)
    return labels


def f1(labels: Bools, truth: Bools) -> float:
    """Return F1 over all pairs; 0 if there is neither a label nor a true pair."""
    return 2 * float((labels & truth).sum()) / max(float(labels.sum() + truth.sum()), 1.0)
