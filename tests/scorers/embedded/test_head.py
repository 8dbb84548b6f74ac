from __future__ import annotations

import numpy as np
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
    even, above, far, below = model.confidences({"x": np.array([3.0, 5.0, 500.0, 1.0])})
    assert even == 0.5
    assert above == pytest.approx(1 / (1 + 2.718281828**-3))
    assert far == above  # clipped
    assert below == pytest.approx(1 / (1 + 2.718281828**6))  # twice as steep below a half


@given(st.floats(-1e9, 1e9), st.booleans())
def test_any_features_give_a_confidence(value: float, topics: bool) -> None:
    columns = dict.fromkeys(HEAD.weights_for(topics=topics).weights, np.array([value]))
    (confidence,) = HEAD.confidences(columns, topics=[topics])
    assert 0 < confidence < 1


def test_each_category_gets_the_confidence_of_its_own_model() -> None:
    names = {*HEAD.named.weights, *HEAD.topical.weights}
    columns = {name: np.linspace(0.1, 0.9, 3) for name in names}
    mixed = HEAD.confidences(columns, topics=[True, False, True])
    named = HEAD.confidences(columns, topics=[False] * 3)
    topical = HEAD.confidences(columns, topics=[True] * 3)
    assert mixed.tolist() == [topical[0], named[1], topical[2]]


def test_categories_with_topics_have_a_model_of_their_own() -> None:
    assert HEAD.weights_for(topics=True) is HEAD.topical
    assert HEAD.weights_for(topics=False) is HEAD.named
    assert HEAD.named != HEAD.topical
