from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.models import Article, Category, Instructions
from classifier.scorers.embedded import features, reference_topics, token_spans
from classifier.scorers.embedded.encoding import ArticleTexts, FeatureEncoder
from classifier.scorers.embedded.head import Head


class LetterModel:
    """Vectors by the letters of a text: no meaning, but quick and the same every time."""

    digest = "letters"

    def encode(self, texts: Sequence[str], *, role: str = "passage") -> np.ndarray:
        rows = np.zeros((len(texts), 27), np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[26] = 0.1
            for letter in text.lower():
                if "a" <= letter <= "z":
                    row[ord(letter) - 97] += 1
        return features.unit_rows(rows)

    def read(self, texts: Sequence[str], axes: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        words = [self.encode(text.split()) for text in texts]
        return self.encode(texts), [token_spans.from_tokens(rows, axes) for rows in words]

    def rarities(self, words: Sequence[str]) -> list[float]:
        return [min(1.0, len(word) / 8) for word in words]


@pytest.fixture(scope="module")
def viewer() -> FeatureEncoder:
    model = LetterModel()
    return FeatureEncoder(model, reference_topics.load(model))


def row(viewer: FeatureEncoder, article: Article, category: Category) -> dict[str, float]:
    return features.compute_features(
        viewer.articles([ArticleTexts.of(article)])[0], viewer.categories([category])[0]
    )


texts = st.text(max_size=80)
categories = st.builds(
    Category,
    id=st.just("a/b"),
    kind=st.just("a"),
    title=texts,
    description=texts,
    aliases=st.lists(texts, max_size=2).map(tuple),
    instructions=st.builds(
        Instructions,
        topics=st.lists(texts, max_size=3).map(tuple),
        exclusions=st.lists(texts, max_size=2).map(tuple),
    ),
)
articles = st.builds(Article, id=st.just("a"), title=texts, description=texts, body=texts)


@given(article=articles, category=categories)
def test_every_row_has_the_same_finite_numbers_for_the_head(
    viewer: FeatureEncoder, article: Article, category: Category
) -> None:
    head = Head.load()
    numbers = row(viewer, article, category)
    assert all(math.isfinite(value) for value in numbers.values())
    for topics in (False, True):
        assert set(head.weights_for(topics=topics).weights) <= set(numbers)
        assert 0 <= head.confidence(numbers, topics=topics) <= 1


def test_exclusions_are_no_part_of_what_a_category_is_about(viewer: FeatureEncoder) -> None:
    article = Article(id="a", title="Apples", body="Apples and pears are sold here.")
    plain = Category(id="a/b", kind="a", title="Fruit", description="Things that grow on trees")
    rules = Instructions(exclusions=("Apples and pears",))
    excluding = Category(
        id="a/b", kind="a", title="Fruit", description=plain.description, instructions=rules
    )
    assert row(viewer, article, plain) == row(viewer, article, excluding)


def test_a_view_depends_on_its_own_category_alone(viewer: FeatureEncoder) -> None:
    article = viewer.articles([ArticleTexts.of(Article(id="a", body="Apples and pears"))])[0]
    one = Category(id="a/1", kind="a", title="Fruit")
    other = Category(id="a/2", kind="a", title="Stones", description="Rocks and gravel")
    alone = features.compute_features(article, viewer.categories([one])[0])
    together = features.compute_features(article, viewer.categories([other, one])[1])
    assert alone == pytest.approx(together, abs=1e-6)


def test_evidence_can_only_raise_the_confidence() -> None:
    """What training promises: `head.json` holds no weight of the wrong sign."""
    head = Head.load()
    for name, weight in [*head.named.weights.items(), *head.topical.weights.items()]:
        if name in features.NEGATIVE_FEATURES:
            assert weight.weight <= 0, name
        elif name not in features.CONTEXT_FEATURES:
            assert weight.weight >= 0, name


def test_prototypes_are_names_description_and_every_topic(viewer: FeatureEncoder) -> None:
    category = Category(
        id="a/b",
        kind="a",
        title="Fruit",
        description="Grows on trees",
        aliases=("Produce",),
        instructions=Instructions(topics=("Apples", "Pears"), exclusions=("Nuts",)),
    )
    view = viewer.categories([category])[0]
    assert view.labels == ("Fruit", "Produce", "Fruit", "Apples", "Pears")
    assert len(view.prototypes) == len(view.labels)
    assert len(view.exclusions) == 1


def test_an_alias_is_as_good_as_a_title(viewer: FeatureEncoder) -> None:
    article = Article(id="a", title="Zzzz", body="Zzzz zzzz zzz.")
    plain = Category(id="a/b", kind="a", title="Fruit")
    aliased = Category(id="a/b", kind="a", title="Fruit", aliases=("Zzzz",))
    head = Head.load()
    before = head.confidence(row(viewer, article, plain), topics=False)
    assert head.confidence(row(viewer, article, aliased), topics=False) > max(before, 0.5)


def test_what_a_category_is_like_among_general_topics_does_not_depend_on_the_article(
    viewer: FeatureEncoder,
) -> None:
    category = Category(id="a/b", kind="a", title="Fruit", description="Grows on trees")
    rows = [
        row(viewer, Article(id="a", title=title, body=f"{title} and more."), category)
        for title in ("Apples", "Thunderstorms")
    ]
    about = viewer.categories([category])[0].neighbourhood
    assert set(about) <= features.CONTEXT_FEATURES
    assert all({name: row[name] for name in about} == about for row in rows)


def test_the_head_of_a_category_is_chosen_by_whether_it_has_key_topics() -> None:
    head = Head.load()
    assert head.weights_for(topics=False) is head.named
    assert head.weights_for(topics=True) is head.topical
    assert head.named != head.topical


def test_the_background_is_wide_and_repeats_nothing() -> None:
    titles = [title for title, _ in reference_topics.topics()]
    assert len(titles) == len(set(titles)) >= 250
    assert all(description.endswith(".") for _, description in reference_topics.topics())
