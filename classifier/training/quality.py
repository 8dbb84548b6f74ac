"""What labels and confidences of one kind are worth beside gold labels, and which are better."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from classifier.evaluation.bootstrap import MetricEstimate, estimate, resample_weights
from classifier.evaluation.gold_pairs import GoldPairs
from classifier.evaluation.metrics import Bools, Floats, Scored, Statistics, ratio, unit_weights
from classifier.training import f1_minimums

EQUAL: Final = 1e-9
"""Metrics and confidences (0-1) that differ by less are the same but for rounding."""
_NORMAL: Final = 1.96
"""Standard errors on each side of a 95 % interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Metrics of labels and confidences on articles that took no part in training."""

    f1: MetricEstimate | None
    macro_f1: float
    """Mean F1 over the categories with an article; 0-1."""
    precision: float
    recall: float
    average_precision: float
    """Over all pairs (micro)."""
    calibration_error: float


def measure_quality(confidence: Floats, labels: Bools, pairs: GoldPairs) -> Quality:
    """Measure confidences and labels (articles x categories) against gold labels."""
    known = pairs.judged
    scored = Scored(confidence, pairs.truth, known, labels)
    one = unit_weights(len(pairs.articles))
    measured = Statistics(scored).measure(one, np.full((1, 1), np.nan))
    return Quality(
        f1=f1_estimate(labels, pairs),
        macro_f1=_macro_f1(labels, pairs),
        precision=float(measured["precision"][0]),
        recall=float(measured["recall"][0]),
        average_precision=float(measured["micro_ap"][0]),
        calibration_error=float(measured["ece"][0]),
    )


def _f1_by_resample(labels: Bools, pairs: GoldPairs) -> Floats:
    """Return F1 of the articles as they are, then of each resample."""
    known = pairs.judged
    articles = len(pairs.articles)
    weights = np.concatenate([unit_weights(articles), resample_weights(articles)])
    right = (labels & pairs.truth & known).sum(axis=1)
    either = (labels & known).sum(axis=1) + (pairs.truth & known).sum(axis=1)
    return ratio(2.0 * (weights @ right), (weights @ either).astype(np.float64))


def _micro_f1(labels: Bools, pairs: GoldPairs) -> float:
    return f1_minimums.f1(labels & pairs.judged, pairs.truth & pairs.judged)


def _macro_f1(labels: Bools, pairs: GoldPairs) -> float:
    """Return the mean F1 of the categories that an article has; NaN without any."""
    right, wrong, missed = (
        (part & pairs.judged).sum(axis=0)
        for part in (labels & pairs.truth, labels & ~pairs.truth, ~labels & pairs.truth)
    )
    each = ratio(2 * right, 2 * right + wrong + missed)[right + missed > 0]
    return float(each.mean()) if each.size else float("nan")


def f1_estimate(labels: Bools, pairs: GoldPairs) -> MetricEstimate | None:
    """Return F1 with its interval; None if there is no true pair."""
    values = _f1_by_resample(labels, pairs)
    return estimate(float(values[0]), values[1:])


def f1_difference(before: Bools, after: Bools, pairs: GoldPairs) -> MetricEstimate | None:
    """Return by how much F1 rises, with its interval; None if there is no true pair."""
    values = _f1_by_resample(after, pairs) - _f1_by_resample(before, pairs)
    return estimate(float(values[0]), values[1:], lowest=-1.0)


def is_worse(labels: Bools, before: Bools, pairs: GoldPairs, *, on_average: bool = False) -> bool:
    """Whether labels have a lower F1 than before, of all labels or of a category in the mean.

    `on_average`: whether the mean of both F1 is lower, in place of one of them.
    """
    micro = _micro_f1(labels, pairs) - _micro_f1(before, pairs)
    macro = _macro_f1(labels, pairs) - _macro_f1(before, pairs)
    if on_average and not math.isnan(macro):
        return micro + macro < -EQUAL
    return micro < -EQUAL or macro < -EQUAL


def is_better(
    labels: Bools, before: Bools, pairs: GoldPairs, errors: float, *, on_average: bool = False
) -> bool:
    """Whether labels have a higher F1 than before, and are no worse (`is_worse`).

    `errors`: by how many standard errors it must be higher, at least.
    """
    gain = f1_difference(before, labels, pairs)
    if gain is None or gain.value <= EQUAL:
        return False
    if is_worse(labels, before, pairs, on_average=on_average):
        return False
    return gain.value >= errors * (gain.high - gain.low) / (2 * _NORMAL)
