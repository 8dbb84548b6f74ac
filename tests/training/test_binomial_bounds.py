from __future__ import annotations

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.training.binomial_bounds import (
    binomial_cdf,
    lower_total,
    tolerance_rank,
    upper_missed,
)

RATES = st.floats(0.01, 0.9)
RISKS = st.sampled_from([0.005, 0.05, 0.2])


def by_sum(drawn: int, of: int, rate: float) -> float:
    return sum(comb(of, n) * rate**n * (1 - rate) ** (of - n) for n in range(drawn + 1))


@given(st.integers(0, 60), st.integers(0, 40), RATES)
def test_chances_are_binomial(of: int, drawn: int, rate: float) -> None:
    expected = by_sum(min(drawn, of), of, rate)
    assert binomial_cdf(drawn, of, rate) == pytest.approx(expected, abs=1e-9)


@given(st.integers(0, 30), RATES, RISKS)
def test_one_more_label_missed_would_be_too_unlikely(drawn: int, rate: float, risk: float) -> None:
    most = upper_missed(drawn, rate, risk)
    assert most == 0 or binomial_cdf(drawn, drawn + most, rate) > risk
    assert binomial_cdf(drawn, drawn + most + 1, rate) <= risk


@given(st.integers(1, 30), RATES, RISKS)
def test_fewer_labels_than_the_least_would_be_too_unlikely(
    drawn: int, rate: float, risk: float
) -> None:
    fewest = lower_total(drawn, rate, risk)
    assert fewest >= drawn
    assert 1 - binomial_cdf(drawn - 1, fewest, rate) > risk
    assert fewest == drawn or 1 - binomial_cdf(drawn - 1, fewest - 1, rate) <= risk


@given(st.integers(0, 60), RATES, RISKS)
def test_the_cut_is_at_the_last_label_that_is_safe(missed: int, rate: float, risk: float) -> None:
    rank = tolerance_rank(missed, rate, risk)
    # More than `missed` lie below it where of the first missed + rank fewer than rank are drawn.
    assert rank == 0 or binomial_cdf(rank - 1, missed + rank, rate) <= risk
    assert binomial_cdf(rank, missed + rank + 1, rate) > risk


def test_nothing_drawn_says_nothing_of_how_many_there_are() -> None:
    assert lower_total(0, 0.1, 0.05) == 0
