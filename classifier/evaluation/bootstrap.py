"""Confidence intervals by resampling articles, as the pairs of one article are not independent.

Percentile intervals (Efron & Tibshirani 1993, "An Introduction to the Bootstrap", ch. 13), shifted
by the bootstrap's estimate of bias (ch. 10): drawing an article twice raises the average precision
of a category with few articles, so resamples look better than the gold does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from classifier.evaluation.metrics import Floats, Weights

RESAMPLES: Final = 1000
SEED: Final = 20_170_806
"""Fixed, so that the same gold and judgements give the same report."""
_ENDS: Final = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class MetricEstimate:
    """A metric and its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def varies(self) -> bool:
        """Whether the resamples differ; if not, the interval says nothing."""
        return self.low < self.high

    @property
    def clear(self) -> bool:
        """For a difference: whether its interval excludes 0."""
        return self.low > 0 or self.high < 0


def resample_weights(articles: int, resamples: int = RESAMPLES) -> Weights:
    """Return how often each article is drawn, with replacement: resamples x articles."""
    chance = np.random.default_rng(SEED)
    weights = np.zeros((resamples, articles), dtype=np.int32)
    for row in weights if articles else ():
        row[:] = np.bincount(chance.integers(articles, size=articles), minlength=articles)
    return weights


def estimate(value: float, resampled: Floats, *, lowest: float = 0.0) -> MetricEstimate | None:
    """Return a metric with its interval; None if the metric is not defined (NaN).

    Args:
        value: The metric of the gold as it is.
        resampled: The metric of each resample; NaN is left out.
        lowest: Lower limit of the interval; the upper one is 1.
    """
    defined = resampled[~np.isnan(resampled)]
    if np.isnan(value) or not defined.size:
        return None
    ends = np.quantile(defined, _ENDS) - defined.mean() + value
    low, high = np.clip(ends, lowest, 1.0)
    return MetricEstimate(float(value), float(low), float(high))
