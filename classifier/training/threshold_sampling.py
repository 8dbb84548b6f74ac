"""Where to cut what one scorer thinks, so that what another would label is not lost.

Two scorers in a row: the first judges every pair and costs nothing, the second is asked only about
what the first has not ruled out. A cut is chosen in three steps, each of which asks it more:

1. `first_look`: the pairs that the first thinks likeliest, and a few of the others at random.
2. `plan`: these say how the categories differ (`offsets`), and so how all pairs rank, and how large
   a random sample costs least in the end.
3. `settle`: of the labels in that sample, the cut goes just below one near the lowest
   (`lost.spare`).

The promise rests on step 3 alone, which draws anew and from all pairs: whatever the first scorer
and the offsets are worth, the share of the second's labels that it is asked about is at least as
promised, but with the risk. SUPG (Kang et al. 2020) and LOTUS (Patel et al. 2024) cut at a recall
by samples, too, with bounds that hold in the limit; BARGAIN (Zeighami et al. 2025, arXiv
2509.02896) makes them hold for finite samples, by bets. Here labels above the cut are all found and
those of the sample are kept, so what is bounded is a number of lost ones among pairs that are at
hand, and the bound is exact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from classifier.evaluation.metrics import Bools, Floats
from classifier.training import offsets
from classifier.training.binomial_bounds import lower_total, tolerance_rank
from classifier.training.offsets import Offsets

LIKELIEST: Final = 0.1
"""Share of the pairs that is always asked about: cuts are never above it."""
_PILOT: Final = 0.04
_PILOT_PAIRS: Final = 2500
"""What the first look draws at random: such a share of the pairs, about so many at most."""
_DOUBT: Final = 0.1
"""Share of the risk that is spent on how many labels there are."""
_RATES: Final = np.geomspace(0.005, 0.95, 40)
_SOFT: Final = 1e-6
_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class RecallTarget:
    recall: float = 0.98
    risk: float = 0.05
    """Chance at most that less is reached."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairPool:
    """The pairs that are cut together: articles x categories, as are all arrays."""

    confidence: Floats
    """The first scorer's, 0-1; NaN where it has not judged: such pairs are always passed on."""
    ceiling: float = 1.0
    """A confidence at which no cut may be."""

    @property
    def top(self) -> float:
        """The confidence from which on pairs are always asked about."""
        known = self.confidence[~np.isnan(self.confidence)]
        share = float(np.quantile(known, 1 - LIKELIEST)) if len(known) else 0.0
        return min(share, self.ceiling)

    @property
    def likeliest(self) -> Bools:
        found: Bools = ~(self.confidence < self.top)
        return found

    @property
    def pilot(self) -> float:
        """The chance of a pair to be drawn for the first look."""
        return min(_PILOT, _PILOT_PAIRS / max(self.confidence.size, 1))

    @property
    def log_odds(self) -> Floats:
        known = np.nan_to_num(self.confidence, nan=1.0)
        found: Floats = np.log((known + _SOFT) / (1 - known + _SOFT))
        return found


def pilot_sample(pool: PairPool, lots: Floats) -> Bools:
    """Return which pairs to ask about first; `lots`: a random number of each, 0-1."""
    found: Bools = pool.likeliest | (lots < pool.pilot)
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SamplingPlan:
    pool: PairPool
    aim: RecallTarget
    model: Offsets
    rate: float
    """Chance of every pair to be drawn. 1: no cut would save anything."""
    found: int
    """Labels among the likeliest."""
    labels: float
    """Expected in all."""
    share: float
    """Of the pairs that will have been asked about in the end, as expected."""


def plan_sample(pool: PairPool, *, truth: Bools, known: Bools, aim: RecallTarget) -> SamplingPlan:
    """Choose the size of the sample. `truth` counts where it is `known`, of the first look."""
    likeliest = pool.likeliest
    weight = np.where(likeliest, 1.0, 1 / pool.pilot) * known
    model = offsets.fit(pool.log_odds, truth, weight)
    found = int((truth & known & likeliest).sum())
    chance = 1 / (1 + np.exp(-np.clip(np.sort(model(pool.log_odds)[~likeliest]), -50, 50)))
    below = np.cumsum(chance)
    rest = float(below[-1]) if len(below) else 0.0
    size = pool.confidence.size
    best = SamplingPlan(
        pool=pool, aim=aim, model=model, rate=1.0, found=found, labels=found + rest, share=1.0
    )
    for rate in _RATES.tolist():
        rank = _rank(aim, rate, found=found, drawn=round(rate * rest))
        if not rank:
            continue
        cut = int(np.searchsorted(rate * below, rank - 0.5))
        share = (size - cut + cut * (rate + pool.pilot)) / size
        if share < best.share:
            best = replace(best, rate=rate, share=share)
    return best


def _rank(aim: RecallTarget, rate: float, *, found: int, drawn: int) -> int:
    """Return at which of the drawn labels to cut."""
    labels = found + lower_total(drawn, rate, _DOUBT * aim.risk)
    missed = int((1 - aim.recall) * labels + 1e-9)
    return tolerance_rank(missed, rate, (1 - _DOUBT) * aim.risk)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampledThresholds:
    values: Floats
    """For each category the confidence from which on it is asked about; 0: always."""
    drawn: int
    """Labels in the sample, without the likeliest pairs."""
    below: int
    """Of these, how many are below the cuts."""


def choose_thresholds(
    made: SamplingPlan, *, truth: Bools, known: Bools, drawn: Bools
) -> SampledThresholds:
    """Choose the cuts by the sample: `truth` counts where a pair is `known`, of those `drawn`.

    A pair about which the second scorer had no answer may be a label, but is not counted on.
    """
    pool = made.pool
    score = made.model(pool.log_odds)
    inside = drawn & ~pool.likeliest
    sure = int((inside & known & truth).sum())
    labels = np.sort(score[inside & (truth | ~known)])
    rank = 0 if made.rate >= 1 else _rank(made.aim, made.rate, found=made.found, drawn=sure)
    if not rank:
        return SampledThresholds(values=np.zeros(score.shape[1]), drawn=len(labels), below=0)
    reached = np.full(score.shape[1], pool.top)
    if rank <= len(labels):
        odds = np.exp(np.clip(made.model.reaching(labels[rank - 1]), -50, 50))
        reached = np.minimum(reached, (odds - _SOFT + odds * _SOFT) / (1 + odds))
    # Down, so that no pair slips below a cut that is written with few digits.
    values = np.floor(np.clip(reached, 0, 1) * 10**_DIGITS) / 10**_DIGITS
    below = inside & (truth | ~known) & (pool.confidence < values)
    return SampledThresholds(values=values, drawn=len(labels), below=int(below.sum()))
