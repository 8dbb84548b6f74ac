from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.letters import LetterModel

from classifier.models import Article, Category, Instructions
from classifier.scorers.embedded import features, reference_topics
from classifier.scorers.embedded.encoding import ArticleTexts, FeatureEncoder
from classifier.scorers.embedded.head import Head
from classifier.scorers.embedded.pairs import ArticleComparison, CategoryTable, compute_features


@pytest.fixture(scope="module")
def viewer() -> FeatureEncoder:
    model = LetterModel()
    return FeatureEncoder(model, reference_topics.load(model))


def row(viewer: FeatureEncoder, article: Article, category: Category) -> dict[str, float]:
    return compute_features(
        viewer.articles([ArticleTexts.of(article)])[0], viewer.categories([category])[0]
    )


def confidence(row: dict[str, float], *, topics: bool) -> float:
    columns = {name: np.array([value]) for name, value in row.items()}
    return float(Head.load().confidences(columns, topics=[topics])[0])


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
        assert 0 <= confidence(numbers, topics=topics) <= 1


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
    alone = compute_features(article, viewer.categories([one])[0])
    together = compute_features(article, viewer.categories([other, one])[1])
    assert alone == pytest.approx(together, abs=1e-6)


@given(article=articles, several=st.lists(categories, min_size=1, max_size=4))
def test_a_pair_has_the_same_features_alone_and_beside_others(
    viewer: FeatureEncoder, article: Article, several: list[Category]
) -> None:
    view = viewer.articles([ArticleTexts.of(article)])[0]
    encoded = viewer.categories(several)
    together = ArticleComparison(view, CategoryTable(encoded))
    for i, category in enumerate(encoded):
        alone = ArticleComparison(view, CategoryTable([category]))
        assert together.row(i) == pytest.approx(alone.row(0), abs=1e-4)
        assert together.mentions[i] == alone.mentions[0]
        assert together.closeness(i) == pytest.approx(alone.closeness(0), abs=1e-4)
        own = together._z_scores[:, together._columns(i)]
        assert own == pytest.approx(alone._z_scores, abs=1e-4)


def test_an_alias_is_as_good_as_a_title(viewer: FeatureEncoder) -> None:
    article = Article(id="a", title="Zzzz", body="Zzzz zzzz zzz.")
    plain = Category(id="a/b", kind="a", title="Fruit")
    aliased = Category(id="a/b", kind="a", title="Fruit", aliases=("Zzzz",))
    before = confidence(row(viewer, article, plain), topics=False)
    assert confidence(row(viewer, article, aliased), topics=False) > max(before, 0.5)


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


WORDS = ["bread", "oven", "tax", "the", "rocket"]
some_words = st.lists(st.sampled_from(WORDS), max_size=30)


@given(of=some_words, title=some_words, body=some_words)
def test_shares_of_words_stay_between_none_and_all(
    viewer: FeatureEncoder, of: list[str], title: list[str], body: list[str]
) -> None:
    category = Category(id="a/b", kind="a", title=" ".join(of[:3]), description=" ".join(of))
    numbers = row(viewer, Article(id="a", title=" ".join(title), body=" ".join(body)), category)
    for name in ("name_coverage", "name_in_headline", "words_in_headline", "topic_coverage"):
        assert 0 <= numbers[name] <= 1 + 1e-9
    for name in ("name_overlap", "words_overlap"):
        assert 0 <= numbers[name] < 1


@given(body=some_words)
def test_adding_a_word_of_the_category_never_lowers_coverage(
    viewer: FeatureEncoder, body: list[str]
) -> None:
    category = Category(id="a/b", kind="a", title="bread oven")
    before, after = (
        row(viewer, Article(id="a", title="t", body=" ".join(text)), category)["name_coverage"]
        for text in (body, [*body, "bread"])
    )
    assert after >= before
