"""Clopper-Pearson intervals of proportions of pairs that are clustered in articles.

Exact for independent pairs (Clopper & Pearson 1934), wider for pairs of one article that agree: the
number of pairs is replaced by an effective number, after Korn & Graubard 1998, "Confidence
Intervals for Proportions with Small Expected Number of Positive Counts Estimated from Survey Data".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from numpy.typing import NDArray

_SIDE: Final = 0.025
"""Outside a 95 % interval, at each end."""


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share of pairs, with its interval.

    Example:
        Nine of ten pairs, each of an article of its own:

        >>> import numpy as np
        >>> nine = Proportion.of(np.array([1] * 9 + [0]), np.ones(10, dtype=int))
        >>> [round(end, 3) for end in nine.interval]
        [0.555, 0.997]
    """

    value: float
    """The share, 0-1."""
    pairs: int
    effective: float
    """Number of independent pairs with the same variance."""

    @classmethod
    def of(cls, hits: NDArray[Any], pairs: NDArray[Any]) -> Proportion:
        """Return the share of hits among pairs.

        Args:
            hits: Hits of each article.
            pairs: Pairs of each article.

        Raises:
            ValueError: There are no pairs.
        """
        total, articles = int(pairs.sum()), int((pairs > 0).sum())
        if not total:
            raise ValueError("a proportion of zero pairs is undefined")
        value = float(hits.sum()) / total
        effective = float(total)
        if 0 < value < 1 and articles > 1:
            residual = hits - value * pairs
            variance = float(residual @ residual) * articles / (articles - 1) / total**2
            independent = value * (1 - value) / (total - 1)
            # A variance below that of independent pairs is chance.
            effective = total * min(1.0, independent / variance) if variance else total
        return cls(value, total, effective)

    def chance_above(self, other: float) -> float:
        """Return the probability of this many hits or more if the true share is `other` (0-1)."""
        hits = self.value * self.effective
        return beta_cdf(other, hits, self.effective - hits + 1) if hits else 1.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval, 0-1."""
        hits = self.value * self.effective
        misses = self.effective - hits
        low = _quantile(_SIDE, hits, misses + 1) if hits > 0 else 0.0
        high = _quantile(1 - _SIDE, hits + 1, misses) if misses > 0 else 1.0
        return low, high


def _quantile(chance: float, a: float, b: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        if beta_cdf(middle, a, b) < chance:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def beta_cdf(x: float, a: float, b: float) -> float:
    """Return the distribution function of Beta(a, b) at x, for a and b above 0.

    Evaluates the continued fraction of the regularised incomplete beta function (Press et al. 2007,
    "Numerical Recipes", 3rd edition, section 6.4).
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_cdf(1 - x, b, a)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front += a * math.log(x) + b * math.log1p(-x)
    return math.exp(front) * _fraction(x, a, b) / a


def _fraction(x: float, a: float, b: float) -> float:
    """Evaluate the continued fraction by Lentz's method."""
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 10_000):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            c, d = 1 + term / c, 1 / (1 + term * d)
            value *= c * d
        if abs(c * d - 1) < 1e-12:
            break
    return value
