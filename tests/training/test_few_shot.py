from __future__ import annotations

import pytest

from classifier.models import Article, Category
from classifier.training.dataset import LabelledArticle
from classifier.training.few_shot import CLEAR, LONGEST, few_shot_examples

BREAD = Category(id="tags/bread", kind="tags", title="Bread")


def labelled(name: str, belongs: bool | None, note: str = "") -> LabelledArticle:
    return LabelledArticle(
        article=Article(id=f"{name}.md", title=name, body=f"Text of {name}. {'word ' * 200}"),
        known={} if belongs is None else {BREAD.id: belongs},
        notes={BREAD.id: note} if note else {},
    )


def chosen(articles: list[LabelledArticle], confidences: dict[str, float]):
    found = few_shot_examples([BREAD], articles, lambda article, _: confidences[article.title])
    return [(it.title, it.accepted) for it in found[BREAD.id].examples] if found else []


def test_the_worst_missed_and_the_worst_wrong_label_are_chosen() -> None:
    articles = [labelled("missed", True), labelled("near", True), labelled("wrong", False)]
    articles += [labelled("right", False), labelled("unknown", None)]
    confidences = {"missed": 0.1, "near": 0.4, "wrong": 0.9, "right": 0.2, "unknown": 1.0}
    assert chosen(articles, confidences) == [("missed", True), ("wrong", False)]
    assert chosen(articles[::-1], confidences) == [("missed", True), ("wrong", False)]


@pytest.mark.parametrize(("error", "number"), [(CLEAR - 0.01, 0), (CLEAR + 0.01, 1)])
def test_a_small_error_is_no_example(error: float, number: int) -> None:
    assert len(chosen([labelled("a", True)], {"a": 1 - error})) == number


def test_of_equal_errors_the_choice_does_not_depend_on_the_order() -> None:
    articles = [labelled(name, True) for name in "abc"]
    confidences = dict.fromkeys("abc", 0.0)
    assert chosen(articles, confidences) == chosen(articles[::-1], confidences)


def test_an_example_is_cut_between_words_and_keeps_the_note_and_the_definition() -> None:
    found = few_shot_examples([BREAD], [labelled("a", True, "a \n loaf")], lambda *_: 0.0)
    (example,) = found[BREAD.id].examples
    assert example.note == "a loaf"
    assert example.text.startswith("Text of a. word ")
    assert example.text.endswith(" word ...")
    assert len(example.text) <= LONGEST + len(" ...")
    assert found[BREAD.id].definition == BREAD.definition
