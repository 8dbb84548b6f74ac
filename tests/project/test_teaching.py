from __future__ import annotations

from typing import Any, cast

import pytest

from classifier.models import Usage
from classifier.project.teaching import TeachingResult


def result(taught: int, *curve: tuple[int, float]) -> TeachingResult:
    return TeachingResult(
        teacher="openai:m1:0",
        taught=taught,
        training=cast(Any, None),
        agreement=(),
        curve=curve,
        usage=Usage(),
        articles=500,
        frontier=(),
        thresholds=None,
        stopped="articles",
        complete=True,
    )


def test_what_more_articles_would_bring_follows_the_slope_over_their_logarithm() -> None:
    # 0.1 for each doubling: 50 more of 50 are one.
    assert result(50, (25, 0.4), (50, 0.5)).next_gain == pytest.approx(0.1)
    assert result(100, (25, 0.4), (50, 0.5), (100, 0.6)).next_gain == pytest.approx(
        0.0585, abs=1e-4
    )


def test_a_gain_is_never_negative_nor_above_what_is_left() -> None:
    assert result(50, (25, 0.6), (50, 0.5)).next_gain == 0
    assert result(50, (25, 0.5), (50, 0.98)).next_gain == pytest.approx(0.02)


def test_one_point_is_no_curve() -> None:
    assert result(50, (50, 0.5)).next_gain is None
    assert result(50, (50, 0.5), (50, 0.6)).next_gain is None
