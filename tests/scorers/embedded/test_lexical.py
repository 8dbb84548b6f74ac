from __future__ import annotations

import tracemalloc
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.scorers.embedded import lexical
from classifier.scorers.embedded.lexical import Text


def common(written: Sequence[str]) -> list[float]:
    return [0.1 if word in {"the", "of", "and", "a", "for"} else 1.0 for word in written]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("team", "teams"),
        ("policy", "policies"),
        ("scaling", "scale"),
        ("planned", "planning"),
        ("branch", "branches"),
        ("API", "APIs"),
    ],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert lexical.stem(one) == lexical.stem(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("news", "new"), ("policy", "police"), ("string", "strong"), ("bus", "bu"), ("red", "r")],
)
def test_different_words_keep_different_stems(one: str, other: str) -> None:
    assert lexical.stem(one) != lexical.stem(other)


@given(st.text(max_size=30))
def test_a_stem_is_never_longer_than_the_word_and_never_empty(word: str) -> None:
    for found in lexical.words(word):
        assert 0 < len(lexical.stem(found)) <= len(found.lower())


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("aspnetmvc", "We moved to ASP.NET MVC."),
        ("nodejs", "Node.js runs it"),
        ("ecommerce", "on e-commerce"),
        ("codereview", "Code reviews help"),
    ],
)
def test_a_tag_in_one_word_is_found_where_it_is_several(tag: str, text: str) -> None:
    ((start, end),) = Text(text).find_joined(tag)
    assert "".join(lexical.words(text)[start:end]).lower().startswith(tag)


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("island", "This is land."),
        ("notable", "We were not able to."),
        ("aspnetmvc", "ASP.NET 5, then MVC"),
        ("space", "space"),
        ("abcde", "a b c d e"),
    ],
)
def test_words_that_only_happen_to_join_are_no_tag(tag: str, text: str) -> None:
    assert Text(text).find_joined(tag) == []


def test_common_words_carry_no_weight() -> None:
    assert set(lexical.weigh("the cost of bread", common)) == {"cost", "bread"}


@pytest.mark.parametrize(
    ("title", "joins"),
    [
        ("Cats and dogs", True),
        ("Ships, boats", True),
        ("Law/Order", True),
        ("R&D", True),
        ("Sand castles", False),
        ("Scoring", False),
        ("and", False),
        ("Bread,", False),
        ("", False),
    ],
)
def test_a_title_of_several_subjects_is_known_by_how_it_joins_them(title: str, joins: bool) -> None:
    assert lexical.joins(title) is joins


@given(st.lists(st.integers(0, 50), min_size=1), st.integers(0, 5000))
def test_a_stem_matches_better_the_more_often_a_text_has_it(counts: list[int], length: int) -> None:
    matched = lexical.saturated(np.array(sorted(counts), np.float64), length)
    assert ((matched >= 0) & (matched < 1)).all()
    assert (np.diff(matched) >= 0).all()


def test_a_text_of_many_words_keeps_each_form_once() -> None:
    text = "The team deploys its pipelines. " * 20_000
    tracemalloc.start()
    try:
        found = Text(text)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.frequencies["team"] == 20_000
    assert most < 40 * len(found)  # a string alone takes more
