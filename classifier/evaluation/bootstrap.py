"""Intervals by resampling articles: the pairs of one article are not independent.

Percentile intervals (Efron & Tibshirani 1993, "An Introduction to the Bootstrap", ch. 13), moved by
the bias that the bootstrap estimates (ch. 10): an article that is drawn twice helps the average
precision of a category with few articles, so all resamples look better than the gold does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from classifier.evaluation.metrics import Floats, Weights

RESAMPLES: Final = 1000
SEED: Final = 20_170_806
"""Fixed, so that the same gold and records give the same report."""
_ENDS: Final = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class MetricEstimate:
    """A metric, and its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def varies(self) -> bool:
        """Whether the resamples differ: a share of none or all tells nothing about its interval."""
        return self.low < self.high

    @property
    def clear(self) -> bool:
        """Of a difference: whether its sign is."""
        return self.low > 0 or self.high < 0


def resample_weights(articles: int, resamples: int = RESAMPLES) -> Weights:
    """Return how often each article is drawn, with replacement, in each resample."""
    chance = np.random.default_rng(SEED)
    weights = np.zeros((resamples, articles), dtype=np.int32)
    for row in weights if articles else ():
        row[:] = np.bincount(chance.integers(articles, size=articles), minlength=articles)
    return weights


def estimate(
    value: float, resample_weights: Floats, *, lowest: float = 0.0
) -> MetricEstimate | None:
    """Return None where the metric is not defined; resamples where it is not are left out.

    No end of the interval is below `lowest` or above 1.
    """
    defined = resample_weights[~np.isnan(resample_weights)]
    if np.isnan(value) or not defined.size:
        return None
    ends = np.quantile(defined, _ENDS) - defined.mean() + value
    low, high = np.clip(ends, lowest, 1.0)
    return MetricEstimate(float(value), float(low), float(high))
