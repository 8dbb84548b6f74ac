from __future__ import annotations

import pytest

from classifier.models import Category
from classifier.site import vocabulary
from classifier.site.fields import LabelField


def field(*labels: list[str]) -> LabelField:
    by_path = {str(n): tuple(each) for n, each in enumerate(labels)}
    return LabelField(name="tags", customary=True, forms={"list": len(labels)}, labels=by_path)


def test_spellings_are_joined_and_the_most_used_comes_first() -> None:
    first, second = vocabulary.vocabulary(
        field(["NATS", "a/b"], ["nats"], ["#nats"], ["nats", "Nats"])
    )
    assert (first.spellings, len(first.articles)) == (("nats", "NATS", "Nats"), 4)
    assert (second.text, second.parent) == ("a/b", "a")


def test_signs_that_mean_something_keep_labels_apart() -> None:
    assert len(vocabulary.vocabulary(field(["C", "C++", "C#", ".C"]))) == 4


@pytest.mark.parametrize(
    ("label", "usable"), [("🍞", False), ("..", False), ("x" * 101, False), ("é", True)]
)
def test_a_label_without_letters_names_no_category(label: str, usable: bool) -> None:
    (one,) = vocabulary.vocabulary(field([label]))
    assert one.is_usable is usable


def test_most_labels_is_what_nine_in_ten_articles_do_not_exceed() -> None:
    assert vocabulary.most_labels([1] * 5 + [3] * 4 + [9]) == 3
    assert vocabulary.most_labels([0]) == 1


def test_slugs_are_lower_case_words_with_hyphens() -> None:
    assert vocabulary.are_slugs(["open-data", "a/b-c", "node.js"])
    assert not vocabulary.are_slugs(["open data", "api"])
    assert not vocabulary.are_slugs([])


BREAD = Category(id="tags/food/bread", kind="tags", title="Bread and rolls")


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("Bread and rolls", "title"),
        ("bread", "slug"),
        ("food/bread", "path"),
        ("tags/food/bread", "id"),
        ("BREAD", "title"),
    ],
)
def test_what_editors_write_of_a_category_is_seen(label: str, value: str) -> None:
    one = field([label])
    assert vocabulary.written_as(one, {vocabulary.label_key(label): BREAD}) == value


def test_labels_mean_categories_of_their_kind_first() -> None:
    other = Category(id="concepts/bread", kind="concepts", title="Bread")
    labels = vocabulary.vocabulary(field(["Bread"]))
    assert vocabulary.matched(labels, [other, BREAD], "concepts") == {"bread": other}
    assert vocabulary.matched(labels, [BREAD], "concepts") == {"bread": BREAD}
