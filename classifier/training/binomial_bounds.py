"""Exact bounds on the number of labels among pairs of which only a random sample was checked.

Every pair is drawn independently with the same probability `rate`, so of n labels Binomial(n, rate)
are drawn. The labels are fixed and may be anything: nothing is assumed of the scorer, and nothing
is approximate (Clopper & Pearson 1934, "The use of confidence or fiducial limits illustrated in the
case of the binomial").
"""

from __future__ import annotations

from classifier.evaluation.clopper_pearson import beta_cdf


def binomial_cdf(drawn: int, of: int, rate: float) -> float:
    """Return the probability that at most `drawn` of `of` labels are drawn."""
    if drawn >= of:
        return 1.0
    return 1 - beta_cdf(rate, drawn + 1, of - drawn)


def upper_missed(drawn: int, rate: float, risk: float) -> int:
    """Return an upper bound on the labels not drawn; it fails with probability `risk`."""
    low, high = 0, 1
    while binomial_cdf(drawn, drawn + high, rate) > risk:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if binomial_cdf(drawn, drawn + middle, rate) > risk:
            low = middle
        else:
            high = middle
    return low


def lower_total(drawn: int, rate: float, risk: float) -> int:
    """Return a lower bound on all labels, drawn or not; it fails with probability `risk`."""
    if not drawn:
        return 0
    low, high = drawn - 1, drawn
    while binomial_cdf(drawn - 1, high, rate) >= 1 - risk:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if binomial_cdf(drawn - 1, middle, rate) >= 1 - risk:
            low = middle
        else:
            high = middle
    return high


def tolerance_rank(missed: int, rate: float, risk: float) -> int:
    """Return the rank, from the lowest, of the drawn label to put a threshold just below.

    Sort the drawn labels by any score. Below the label of this rank lie at most `missed` labels
    that were not drawn, except with probability `risk`. This is a tolerance limit (Wilks 1941,
    "Determination of sample sizes for setting tolerance limits") for a finite population: more lie
    below only if fewer than rank of the first `missed` + rank labels are drawn. It needs no
    correction for having looked at all scores.

    Returns:
        The rank, from 1; 0 if no threshold is safe.
    """
    rank = 0
    while binomial_cdf(rank, missed + rank + 1, rate) <= risk:
        rank += 1
    return rank
