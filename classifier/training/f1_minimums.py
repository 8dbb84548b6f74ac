"""Choose the minimum confidences with the best F1, one for a kind and one for each category.

With calibrated confidences the expected F1 of any minimums is known without counting labels
(Ye et al. 2012, "Optimizing F-measure: A Tale of Two Approaches"; the best minimum is half the best
F1, Lipton et al. 2014, "Thresholding Classifiers to Maximize F1 Score").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.evaluation.metrics import Bools, Floats
from classifier.models import Rule
from classifier.training.targets import PairScores, assigned

FOLDS: Final = 5
_TRIED: Final = 60
"""Minimums tried for a kind, at most."""
_LOWEST: Final = 0.02
_DIGITS: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class F1Minimums:
    """Minimums of one kind."""

    kind: float
    """Confidence (0-1) for categories without one of their own."""
    categories: Floats
    """One per category."""


def choose_minimums(field: PairScores, rule: Rule) -> F1Minimums:
    """Return the minimums with the best F1 by the held-out confidences of `field`.

    Labels are given as a run gives them (`rule`); those of unknown pairs are left out.
    """
    best, kind = -1.0, rule.minimum
    for minimum in _tried(field):
        labels = assigned(field.held_out, field.excluded, np.full(1, minimum), rule) & field.known
        found = f1(labels, field.truth & field.known)
        if found > best:
            best, kind = found, float(minimum)
    kind = round(kind, _DIGITS)
    return F1Minimums(kind, np.full(field.truth.shape[1], kind))


def held_out_labels(field: PairScores, rule: Rule, folds: NDArray[np.intp]) -> Bools:
    """Return the labels of each fold (one number per article) by minimums chosen on the others."""
    labels = np.zeros_like(field.truth)
    for fold in np.unique(folds):
        rows = folds == fold
        minimums = choose_minimums(field.rows(~rows), rule)
        here = field.rows(rows)
        labels[rows] = assigned(here.held_out, here.excluded, minimums.categories, rule)
    return labels


def f1(labels: Bools, truth: Bools) -> float:
    """Return F1 over all pairs; 0 if there is neither a label nor a true pair."""
    return 2 * float((labels & truth).sum()) / max(float(labels.sum() + truth.sum()), 1.0)


def _tried(field: PairScores) -> Floats:
    values = field.held_out[field.known & ~field.excluded & (field.held_out >= _LOWEST)]
    if not values.size:
        return np.full(1, 0.5)
    return np.unique(np.quantile(values, np.linspace(0, 1, _TRIED), method="lower"))
