from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.scorers.embedded.head import Head, HeadWeight, LinearModel

HEAD = Head.load()


def test_a_half_is_where_the_weighted_features_cancel_out() -> None:
    model = LinearModel(
        weights={"x": HeadWeight(mean=1.0, scale=2.0, weight=3.0)},
        intercept=-3.0,
        clip=(-2.0, 2.0),
        steeper=2.0,
    )
    assert model.confidence({"x": 3.0}) == 0.5
    assert model.confidence({"x": 5.0}) == pytest.approx(1 / (1 + 2.718281828**-3))
    assert model.confidence({"x": 500.0}) == model.confidence({"x": 5.0})  # clipped
    below = model.confidence({"x": 1.0})
    assert below == pytest.approx(1 / (1 + 2.718281828**6))  # twice as steep below a half


@given(st.floats(-1e9, 1e9), st.booleans())
def test_any_features_give_a_confidence(value: float, topics: bool) -> None:
    row = dict.fromkeys(HEAD.weights_for(topics=topics).weights, value)
    assert 0 < HEAD.confidence(row, topics=topics) < 1


def test_categories_with_topics_have_a_model_of_their_own() -> None:
    assert HEAD.weights_for(topics=True) is HEAD.topical
    assert HEAD.weights_for(topics=False) is HEAD.named
    assert HEAD.named != HEAD.topical
