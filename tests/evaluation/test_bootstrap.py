from __future__ import annotations

import numpy as np
import pytest

from classifier.evaluation.bootstrap import MetricEstimate, estimate, resample_weights


def test_every_resample_draws_as_many_articles_as_there_are() -> None:
    weights = resample_weights(7, resamples=50)
    assert weights.shape == (50, 7)
    assert set(weights.sum(axis=1)) == {7}
    assert weights.mean() == pytest.approx(1)


def test_the_same_gold_is_resampled_in_the_same_way() -> None:
    assert np.array_equal(resample_weights(5, 20), resample_weights(5, 20))
    assert resample_weights(0, 3).shape == (3, 0)


def test_the_interval_is_moved_by_the_bias_of_the_resamples() -> None:
    resampled = np.linspace(0.5, 0.7, 1001)  # 0.1 better than the gold on average
    found = estimate(0.5, resampled)
    assert found is not None
    assert found.value == 0.5
    assert (found.low, found.high) == (pytest.approx(0.405), pytest.approx(0.595))


def test_an_interval_ends_where_the_metric_does() -> None:
    found = estimate(1.0, np.array([0.9, 1.0, 1.0]))
    assert found is not None
    assert found.high == 1.0
    lower = estimate(-0.5, np.array([-1.0, -0.5, 0.0]), lowest=-1.0)
    assert lower is not None
    assert lower.low < 0


def test_a_metric_that_is_not_defined_has_no_interval() -> None:
    assert estimate(float("nan"), np.array([0.5])) is None
    assert estimate(0.5, np.array([np.nan, np.nan])) is None
    assert estimate(0.5, np.array([np.nan, 0.5])) == MetricEstimate(0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("low", "high", "clear"), [(0.1, 0.2, True), (-0.2, -0.1, True), (-0.1, 0.1, False)]
)
def test_a_difference_is_clear_where_its_interval_excludes_zero(low, high, clear) -> None:
    found = MetricEstimate(0.0, low, high)
    assert found.clear is clear
    assert found.varies
