"""Thresholds of a cascade's first scorer that keep a target recall of the second scorer's labels.

The first scorer judges every pair and costs nothing; the second is asked only about pairs at or
above the threshold. The threshold is chosen in three steps, each of which asks it a little more:

1. `pilot_sample`: the pairs that the first scorer ranks highest, and a few others at random.
2. `plan_sample`: the pilot shows how the categories differ, and so how all pairs rank, and which
   size of random sample costs least in the end.
3. `choose_thresholds`: the threshold goes just below one of the lowest labels of a fresh random
   sample (`binomial_bounds.tolerance_rank` says which).

The recall rests on step 3 alone, which samples from all pairs: however good the first scorer and
the ranking are, the second scorer is asked about at least the target share of its own labels,
except with the given risk. SUPG (Kang et al. 2020, arXiv 2004.00827) and LOTUS (Patel et al. 2024,
arXiv 2407.11418) choose thresholds for a recall from samples too, with bounds that hold in the
limit; BARGAIN (Zeighami et al. 2025, arXiv 2509.02896) makes them hold for finite samples by
betting. Here all labels above the threshold are found and those in the sample are kept, so the
number of labels lost among the pairs at hand is bounded, and the bound is exact.

All arrays are articles x categories unless said otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from classifier.evaluation.metrics import Bools, Floats
from classifier.training import random_intercepts
from classifier.training.binomial_bounds import lower_total, tolerance_rank
from classifier.training.random_intercepts import Observations, Prior, sigmoid

LIKELIEST: Final = 0.1
"""Share of the pairs that is always asked about: no threshold is above the highest tenth."""
_PILOT: Final = 0.04
_PILOT_PAIRS: Final = 2500
"""The pilot draws the share `_PILOT` of the pairs at random, but no more than about this many."""
_DOUBT: Final = 0.1
"""Share of the risk spent on bounding the number of labels."""
_RATES: Final = np.geomspace(0.005, 0.95, 40)
_SOFT: Final = 1e-6
_DIGITS: Final = 6
_INTERCEPT_PRECISION: Final = 2.0
_PRIOR: Final = Prior(
    mean=np.array([1.0, 0.0]), precision=1e-3 * np.eye(2), lowest=np.array([0.05, -np.inf])
)
"""Of slope and height: wide, so that there is always one solution; the slope stays positive."""


@dataclass(frozen=True, slots=True)
class RecallTarget:
    """The share of the second scorer's labels to find, and how sure that is."""

    recall: float = 0.98
    risk: float = 0.05
    """Probability, at most, that the recall is lower."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairPool:
    """The pairs that share a recall target."""

    confidence: Floats
    """The first scorer's, 0-1; NaN if it has not judged the pair, which is then always asked."""
    ceiling: float = 1.0
    """No threshold is above this confidence."""

    @property
    def top(self) -> float:
        """The confidence (0-1) from which pairs are always asked about."""
        known = self.confidence[~np.isnan(self.confidence)]
        share = float(np.quantile(known, 1 - LIKELIEST)) if len(known) else 0.0
        return min(share, self.ceiling)

    @property
    def likeliest(self) -> Bools:
        """Which pairs are always asked about."""
        above: Bools = ~(self.confidence < self.top)
        return above

    @property
    def pilot(self) -> float:
        """The probability of a pair to be drawn for the pilot."""
        return min(_PILOT, _PILOT_PAIRS / max(self.confidence.size, 1))

    @property
    def log_odds(self) -> Floats:
        """Log-odds of the first scorer's confidences; a pair it has not judged counts as 1."""
        known = np.nan_to_num(self.confidence, nan=1.0)
        odds: Floats = np.log((known + _SOFT) / (1 - known + _SOFT))
        return odds


def pilot_sample(pool: PairPool, uniforms: Floats) -> Bools:
    """Return which pairs to ask about first, given a uniform random number (0-1) for each."""
    sample: Bools = pool.likeliest | (uniforms < pool.pilot)
    return sample


@dataclass(frozen=True, slots=True, eq=False)
class LabelModel:
    """Log-odds that a pair is a label: one slope for all, an intercept for each category.

    It only ranks pairs. How well it fits decides how much is saved, never whether the recall holds.
    """

    slope: float
    height: float
    intercepts: Floats
    """One per category."""

    @classmethod
    def fit(cls, log_odds: Floats, truth: Bools, weight: Floats) -> LabelModel:
        """Fit to pairs, weighted by one over their sampling probability; 0 leaves one out."""
        rows, columns = np.nonzero(weight > 0)
        scores = log_odds[rows, columns]
        data = Observations(
            design=np.column_stack([scores, np.ones(len(scores))]),
            truth=truth[rows, columns].astype(np.float64),
            rows=rows,
            columns=columns,
            categories=log_odds.shape[1],
            weight=weight[rows, columns],
        )
        fitted = random_intercepts.fit(data, _PRIOR, precision=_INTERCEPT_PRECISION)
        slope, height = fitted.weights.tolist()
        return cls(slope, height, fitted.intercepts)

    def __call__(self, log_odds: Floats) -> Floats:
        """Return log-odds of being a label, given the first scorer's."""
        of_label: Floats = self.slope * log_odds + self.height + self.intercepts
        return of_label

    def inverse(self, value: float) -> Floats:
        """Return the scorer's log-odds, one per category, where the label's are `value`."""
        of_scorer: Floats = (value - self.height - self.intercepts) / self.slope
        return of_scorer


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SamplingPlan:
    """The size of the random sample, and what it is expected to cost."""

    pool: PairPool
    target: RecallTarget
    model: LabelModel
    rate: float
    """Probability of every pair to be sampled. 1: no threshold would save anything."""
    found: int
    """Labels among the pairs that are always asked about."""
    labels: float
    """Expected number of labels among all pairs."""
    share: float
    """Expected share of the pairs that the second scorer will have been asked about."""


def plan_sample(
    pool: PairPool, *, truth: Bools, known: Bools, target: RecallTarget
) -> SamplingPlan:
    """Choose the size of the random sample after the pilot.

    Args:
        pool: The pairs.
        truth: Whether a pair of the pilot is a label; counts where `known`.
        known: Which pairs of the pilot the second scorer has answered.
        target: The recall to keep.
    """
    likeliest = pool.likeliest
    weight = np.where(likeliest, 1.0, 1 / pool.pilot) * known
    model = LabelModel.fit(pool.log_odds, truth, weight)
    found = int((truth & known & likeliest).sum())
    chance = sigmoid(np.sort(model(pool.log_odds)[~likeliest]))
    below = np.cumsum(chance)
    rest = float(below[-1]) if len(below) else 0.0
    size = pool.confidence.size
    best = SamplingPlan(
        pool=pool, target=target, model=model, rate=1.0, found=found, labels=found + rest, share=1.0
    )
    for rate in _RATES.tolist():
        rank = _rank(target, rate, found=found, sampled=round(rate * rest))
        if not rank:
            continue
        kept = int(np.searchsorted(rate * below, rank - 0.5))
        share = (size - kept + kept * (rate + pool.pilot)) / size
        if share < best.share:
            best = replace(best, rate=rate, share=share)
    return best


def _rank(target: RecallTarget, rate: float, *, found: int, sampled: int) -> int:
    """Return the rank of the sampled label to put the threshold below; 0 if there is none."""
    labels = found + lower_total(sampled, rate, _DOUBT * target.risk)
    missed = int((1 - target.recall) * labels + 1e-9)
    return tolerance_rank(missed, rate, (1 - _DOUBT) * target.risk)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampledThresholds:
    """The thresholds, and the labels they rest on."""

    values: Floats
    """Confidence (0-1) from which a category is asked about, one per category; 0: always."""
    drawn: int
    """Labels in the random sample, without the pairs that are always asked about."""
    below: int
    """How many of these are below the thresholds."""


def choose_thresholds(
    plan: SamplingPlan, *, truth: Bools, known: Bools, drawn: Bools
) -> SampledThresholds:
    """Choose the thresholds after the random sample.

    A pair that the second scorer could not answer may be a label: it can lower the threshold, but
    is not counted as a label that was found.

    Args:
        plan: The plan the sample was drawn by.
        truth: Whether a sampled pair is a label; counts where `known`.
        known: Which pairs the second scorer has answered.
        drawn: Which pairs are in the sample.
    """
    pool = plan.pool
    score = plan.model(pool.log_odds)
    inside = drawn & ~pool.likeliest
    sure = int((inside & known & truth).sum())
    labels = np.sort(score[inside & (truth | ~known)])
    rank = 0 if plan.rate >= 1 else _rank(plan.target, plan.rate, found=plan.found, sampled=sure)
    if not rank:
        return SampledThresholds(values=np.zeros(score.shape[1]), drawn=len(labels), below=0)
    reached = np.full(score.shape[1], pool.top)
    if rank <= len(labels):
        odds = np.exp(np.clip(plan.model.inverse(labels[rank - 1]), -50, 50))
        reached = np.minimum(reached, (odds - _SOFT + odds * _SOFT) / (1 + odds))
    # Rounded down, so that no pair slips below a threshold that is written with few digits.
    values = np.floor(np.clip(reached, 0, 1) * 10**_DIGITS) / 10**_DIGITS
    below = inside & (truth | ~known) & (pool.confidence < values)
    return SampledThresholds(values=values, drawn=len(labels), below=int(below.sum()))
