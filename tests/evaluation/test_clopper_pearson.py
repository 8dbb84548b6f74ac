from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from classifier.evaluation.clopper_pearson import Proportion, beta_cdf


@pytest.mark.parametrize(
    ("x", "a", "b", "chance"),
    [
        (0.5, 1, 1, 0.5),
        (0.25, 2, 1, 0.0625),
        (0.9, 29, 1, 0.9**29),
        (0.2, 1, 10, 1 - 0.8**10),
        (0.5, 5000, 5000, 0.5),
        (0.0, 2, 3, 0.0),
        (1.0, 2, 3, 1.0),
    ],
)
def test_the_beta_distribution_is_what_it_is_known_to_be(
    x: float, a: float, b: float, chance: float
) -> None:
    assert beta_cdf(x, a, b) == pytest.approx(chance, abs=1e-9)


@given(st.floats(0.01, 0.99), st.integers(1, 300), st.integers(1, 300))
def test_it_is_the_chance_of_so_many_hits(x: float, hits: int, misses: int) -> None:
    """P(X >= k) of a binomial is the beta distribution with k and n - k + 1, by its mirror too."""
    assert beta_cdf(x, hits, misses) == pytest.approx(1 - beta_cdf(1 - x, misses, hits), abs=1e-9)


def test_nine_of_ten_independent_pairs_have_the_interval_of_the_tables() -> None:
    found = Proportion.of(np.array([1] * 9 + [0]), np.ones(10, dtype=int))
    assert found.interval == pytest.approx((0.5550, 0.9975), abs=1e-4)
    assert found.chance_above(0.5) == pytest.approx(11 / 1024)


def test_pairs_of_one_article_that_agree_tell_less_than_as_many_articles() -> None:
    alone = Proportion.of(np.array([1, 1, 1, 0] * 10), np.ones(40, dtype=int))
    together = Proportion.of(np.array([4, 4, 4, 0, 4, 4, 4, 0, 4, 0]), np.full(10, 4))
    assert together.effective < alone.effective / 2
    low, high = together.interval
    assert high - low > 0.3


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1).filter(
        lambda rows: any(hits + misses for hits, misses in rows)
    )
)
def test_the_interval_holds_the_value(rows: list[tuple[int, int]]) -> None:
    hits, misses = np.array(rows).T
    found = Proportion.of(hits, hits + misses)
    low, high = found.interval
    assert 0 <= low <= found.value + 1e-9
    assert found.value - 1e-9 <= high <= 1


def test_a_share_of_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zero pairs"):
        Proportion.of(np.zeros(3), np.zeros(3))


@given(st.floats(0, 1), st.floats(0.01, 2000), st.floats(0.01, 2000))
def test_the_distribution_agrees_with_scipy(x: float, a: float, b: float) -> None:
    assert beta_cdf(x, a, b) == pytest.approx(float(special.betainc(a, b, x)), abs=1e-8)


@given(st.integers(0, 200), st.integers(1, 200))
def test_the_interval_of_independent_pairs_agrees_with_scipy(hits: int, misses: int) -> None:
    found = Proportion.of(np.array([1] * hits + [0] * misses), np.ones(hits + misses, dtype=int))
    exact = stats.binomtest(hits, hits + misses).proportion_ci(method="exact")
    assert found.interval == pytest.approx((float(exact.low), float(exact.high)), abs=1e-6)
