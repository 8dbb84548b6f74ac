from __future__ import annotations

import unicodedata
from typing import Literal

import pytest

from classifier.models import Category, ConfidenceKind, Judgement, Label, Taxonomy, Verdict
from classifier.project.label_fields import TargetField, WriteOptions, WrittenLabels, target_fields
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
    return list(field.wanted(there, WrittenLabels(labels=labels, earlier=earlier)))


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


def room(
    there: list[str],
    *ours: Category,
    at_most: int | None,
    earlier: tuple[str, ...] = (),
    accepted: tuple[Category, ...] = (),
) -> list[str]:
    """Merge, with `at_most` labels of the kind; `ours` are decided in this order."""
    labels = [
        Label(
            category=one,
            judgement=Judgement(
                category=one.id, confidence=0.9, kind=ConfidenceKind.SIMILARITY, scorer="test"
            ),
            verdict=Verdict(category=one.id, accepted=True) if one in accepted else None,
        )
        for one in ours
    ]
    field = TargetField(name="tags", value="title", categories=ABC, at_most={"tags": at_most})
    return list(field.wanted(there, WrittenLabels(labels=labels, earlier=earlier)))


A, B, C = category("a", "A"), category("b", "B"), category("c", "C")
ABC = (A, B, C)


def test_labels_of_people_count_towards_at_most() -> None:
    assert room(["A"], B, at_most=1) == ["A"]
    assert room(["#a"], B, at_most=1) == ["#a"]
    assert room(["A"], B, C, at_most=2) == ["A", "B"]
    assert room(["B"], A, B, at_most=2) == ["B", "A"]
    assert room(["A", "B"], C, at_most=1) == ["A", "B"]
    assert room(["A"], B, C, at_most=None) == ["A", "B", "C"]


def test_labels_that_are_no_categories_do_not_count_towards_at_most() -> None:
    assert room(["x", "y"], A, at_most=1) == ["x", "y", "A"]


def test_a_label_of_ours_makes_room_for_one_that_a_person_wrote() -> None:
    assert room(["B", "A"], B, at_most=1, earlier=("B",)) == ["A"]
    assert room(["B"], A, at_most=1, earlier=("B",)) == ["A"]
    assert room(["A"], A, B, at_most=1, earlier=("A",)) == ["A"]


def test_what_a_person_accepted_is_written_whatever_there_is() -> None:
    assert room(["A"], B, C, at_most=1, accepted=(C,)) == ["A", "C"]


def test_a_tag_in_the_text_is_a_label_that_needs_no_writing() -> None:
    bread, wine = category("bread", "Bread"), category("wine", "Wine", "vino")
    field = TargetField(
        name="tags", value="title", categories=(bread, wine), inline=True, at_most={"tags": 1}
    )
    labels = [
        Label(
            category=one,
            judgement=Judgement(
                category=one.id, confidence=0.9, kind=ConfidenceKind.SIMILARITY, scorer="test"
            ),
        )
        for one in (bread, wine)
    ]
    assert field.wanted([], WrittenLabels(labels=labels)) == ("Bread",)
    # The text's own tag takes the only place; it is not repeated, nor removed where it was written.
    assert field.wanted([], WrittenLabels(labels=labels, inline=["vino"])) == ()
    kept = WrittenLabels(labels=labels, inline=["vino"], earlier=["Wine"])
    assert field.wanted(["Wine"], kept) == ("Wine",)
