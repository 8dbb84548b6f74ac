"""How many labels may be lost among pairs of which only a random share was looked at: exact bounds.

Every pair is drawn by itself with the same chance, the `rate`, so of `n` labels Binomial(n, rate)
are drawn. What the labels are, and where, is fixed and may be anything: nothing is assumed of the
scorer, and nothing is approximate (Clopper & Pearson 1934).
"""

from __future__ import annotations

from classifier.evaluation.clopper_pearson import beta_cdf


def binomial_cdf(drawn: int, of: int, rate: float) -> float:
    """Return how likely at most `drawn` of so many labels are drawn."""
    if drawn >= of:
        return 1.0
    return 1 - beta_cdf(rate, drawn + 1, of - drawn)


def upper_missed(drawn: int, rate: float, risk: float) -> int:
    """Return the most labels that may be there undrawn, where `drawn` are; wrong with `risk`."""
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
    """Return how many labels there are at least, drawn or not; wrong with `risk`."""
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
    """Return the rank of the drawn label at which to cut; 0: nowhere.

    Of all drawn labels in the order of any score, cut just below the one of that rank: no more than
    `missed` undrawn ones lie below it, but with `risk`. A tolerance limit (Wilks 1941) for a finite
    population: more lie below only where, of the first `missed` + rank labels, fewer than that are
    drawn. It needs no correction for having looked at all scores.
    """
    rank = 0
    while binomial_cdf(rank, missed + rank + 1, rate) <= risk:
        rank += 1
    return rank
