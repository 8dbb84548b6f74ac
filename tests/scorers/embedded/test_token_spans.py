from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from classifier.models import Article, Category
from classifier.scorers.embedded import reference_topics, token_spans
from classifier.scorers.embedded.encoding import ArticleTexts, FeatureEncoder
from classifier.scorers.embedded.features import ReferenceTopics
from classifier.scorers.embedded.model_files import ModelFiles
from classifier.scorers.embedded.pairs import compute_features
from classifier.scorers.embedded.sentence_model import SentenceModel

DINNER = "We boiled potatoes, fried onions in butter and set the table for eight people. " * 6


@pytest.fixture(scope="module")
def model() -> SentenceModel:
    return SentenceModel.open(ModelFiles.find())


@pytest.fixture(scope="module")
def known(model: SentenceModel) -> ReferenceTopics:
    return reference_topics.load(model)


@pytest.mark.parametrize(
    ("tokens", "count"), [(0, 0), (1, 1), (4, 1), (5, 1), (6, 2), (8, 2), (9, 2), (40, 10)]
)
def test_a_span_is_a_few_tokens_and_no_token_is_left_out(tokens: int, count: int) -> None:
    states = np.eye(tokens, 40, dtype=np.float32)
    found = token_spans.from_tokens(states, np.eye(40, dtype=np.float32))
    assert found.shape == (count, 40)
    assert (found[:, :tokens] > 0).sum() == tokens


@pytest.mark.parametrize("tokens", [*range(1, 15), 250])
def test_spans_are_summed_as_numpy_sums_them(tokens: int) -> None:
    states = np.random.default_rng(tokens).standard_normal((tokens, 7), np.float32)
    starts = token_spans._starts(tokens)
    assert (token_spans._sums(states, starts) == np.add.reduceat(states, starts, axis=0)).all()


def test_directions_have_length_one_and_nothing_stays_nothing() -> None:
    found = token_spans.unit_spans(np.array([[3, 4], [0, 0]], np.int8))
    assert found.tolist() == [[np.float32(0.6), np.float32(0.8)], [0, 0]]


@pytest.mark.slow
def test_the_background_has_the_axes_that_embedding_it_gives(
    model: SentenceModel, known: ReferenceTopics
) -> None:
    assert known.axes.shape == (384, token_spans.DIMENSIONS)
    assert np.allclose(known.axes.T @ known.axes, np.eye(token_spans.DIMENSIONS), atol=1e-2)
    again = reference_topics.embed(model)
    closeness = known.along(known.titles) @ known.along(known.texts).T
    assert np.allclose(again.along(again.titles) @ again.along(again.texts).T, closeness, atol=5e-3)


def test_spans_are_the_same_alone_and_in_company(
    model: SentenceModel, known: ReferenceTopics
) -> None:
    texts = ["Rockets", DINNER, "", "Rockets rise. " * 300, "A short one, and then some more."]
    _, together = model.read(texts, known.axes)
    for text, found in zip(texts, together, strict=True):
        _, (alone,) = model.read([text], known.axes)
        assert np.abs(alone.astype(int) - found).max(initial=0) <= 1


@pytest.mark.slow
def test_a_remark_in_passing_is_seen(model: SentenceModel, known: ReferenceTopics) -> None:
    viewer = FeatureEncoder(model, known)
    rockets = viewer.categories([Category(id="a/b", kind="a", title="Rockets")])[0]
    bodies = (DINNER * 8, f"{DINNER * 4} My uncle builds spaceships. {DINNER * 4}")
    parts = [ArticleTexts.of(Article(id="a", body=body)) for body in bodies]
    views = viewer.articles([replace(part, read=part.passages) for part in parts])
    plain, remark = (compute_features(view, rockets) for view in views)
    more = {name: remark[name] - plain[name] for name in plain}
    assert more["z_name_spans_1"] > 3 * more["z_title_texts"]


@pytest.mark.slow
@pytest.mark.parametrize("body", ["\u200b", "\u00ad \u2060", "!"])
def test_an_article_of_which_no_token_is_left_has_a_view(
    model: SentenceModel, known: ReferenceTopics, body: str
) -> None:
    view = FeatureEncoder(model, known).articles([ArticleTexts.of(Article(id="a", body=body))])[0]
    assert len(view.spans)
    assert np.isfinite(view.spans).all()


def test_a_model_that_pools_by_itself_gives_one_span_per_window() -> None:
    class Session:
        def get_inputs(self) -> list[Any]:
            return []

        def get_outputs(self) -> list[Any]:
            return [SimpleNamespace(name="sentence_embedding")]

        def run(self, _names: list[str], _feed: dict[str, Any]) -> list[np.ndarray]:
            return [np.ones((2, 4), np.float32)]

    pooling = SentenceModel(ModelFiles.find(), None, Session())  # type: ignore[arg-type]
    vectors, found = pooling.run([np.array([1, 2, 3])] * 2, np.eye(4, 2, dtype=np.float32))
    assert vectors.shape == (2, 4)
    assert [its.tolist() for its in found] == [[[127, 127]]] * 2
