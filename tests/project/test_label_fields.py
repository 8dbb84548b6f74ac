from __future__ import annotations

import unicodedata
from typing import Literal

import pytest

from classifier.models import Category, ConfidenceKind, Judgement, Label, Taxonomy
from classifier.project.label_fields import OwnLabels, TargetField, WriteOptions, target_fields
from classifier.settings import Settings


def category(name: str, title: str, *aliases: str) -> Category:
    return Category(id=f"tags/{name}", kind="tags", title=title, aliases=aliases)


def wanted(
    there: list[str],
    *ours: Category,
    among: tuple[Category, ...] = (),
    value: Literal["title", "slug", "id"] = "title",
    mode: Literal["merge", "replace"] = "merge",
    earlier: tuple[str, ...] = (),
) -> list[str]:
    field = TargetField(name="tags", value=value, categories=(*ours, *among), mode=mode)
    labels = [
        Label(
            category=one,
            judgement=Judgement(
                category=one.id, confidence=0.9, kind=ConfidenceKind.SIMILARITY, scorer="test"
            ),
        )
        for one in ours
    ]
    return list(field.wanted(there, OwnLabels(labels=labels, earlier=earlier)))


BEDS = category("plants/beds", "J\u00e4te-Beds & Rows", "Borders")


@pytest.mark.parametrize("mode", ["merge", "replace"])
@pytest.mark.parametrize("value", ["title", "slug", "id"])
@pytest.mark.parametrize(
    "spelling",
    [
        unicodedata.normalize("NFD", BEDS.title),
        BEDS.title.upper(),
        "#j\u00e4te_beds_&_rows",
        "j\u00e4te  beds & rows",
        "tags/plants/BEDS",
        "Plants/beds",
        "beds",
        "#borders",
    ],
)
def test_a_label_in_another_spelling_is_neither_added_again_nor_respelled(
    spelling: str, value: Literal["title", "slug", "id"], mode: Literal["merge", "replace"]
) -> None:
    assert wanted([spelling], BEDS, value=value, mode=mode) == [spelling]


def test_categories_that_differ_in_a_sign_are_all_written() -> None:
    titles = ["a - b", "a: b", "a / b", "a\u2019b", "a]b", "C", "C#", "C++"]
    ours = [category(f"n{number}", title) for number, title in enumerate(titles)]
    assert wanted([], *ours) == titles
    assert wanted(titles[:3], *ours) == titles


def test_people_may_have_one_label_twice() -> None:
    assert wanted(["Beds", "beds"], BEDS) == ["Beds", "beds"]


def test_a_label_of_ours_that_a_person_respelled_was_not_removed() -> None:
    assert wanted(["beds"], BEDS, earlier=(BEDS.title,)) == ["beds"]
    assert wanted([], BEDS, earlier=(BEDS.title,)) == []


def test_a_slug_that_is_the_title_of_another_category_is_still_the_slug() -> None:
    fruit, firm = category("apple", "Fruit"), category("firm", "Apple")
    assert wanted([], fruit, firm, value="slug") == ["apple", "firm"]
    assert wanted(["apple"], firm, among=(fruit,), value="slug") == ["apple", "firm"]
    assert wanted(["apple"], firm, among=(fruit,), value="title") == ["apple"]


def test_a_kind_is_named_in_any_spelling() -> None:
    kinds = {"tags": "tags/a", "site topics": "site topics/b"}
    taxonomy = Taxonomy(
        categories=tuple(Category(id=name, kind=kind, title="T") for kind, name in kinds.items())
    )
    options = WriteOptions(fields=("Site-Topics=about", "TAGS=keywords"))
    found = target_fields(Settings(), taxonomy, list(kinds), options)
    assert [(field.name, [c.kind for c in field.categories]) for field in found] == [
        ("keywords", ["tags"]),
        ("about", ["site topics"]),
    ]
