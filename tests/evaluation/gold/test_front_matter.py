from __future__ import annotations

from pathlib import Path

import pytest
from support.gold_files import KINDS, given, labelled

from classifier.evaluation.gold import read
from classifier.models import Taxonomy


def test_an_article_that_has_the_field_is_labelled_for_its_kinds(
    site: Path, kitchen: Taxonomy
) -> None:
    folder = labelled(site, one="tags: [Wine]", two="tags: []", three="title: Three")
    gold = read(folder, kitchen, fields=["tags"])
    assert gold.labels == {
        "content/one.md": {"tags/wine": True, "tags/craft": False, "tags/rye-bread": False},
        "content/two.md": dict.fromkeys(KINDS["tags"], False),
    }
    assert gold.origins["content/one.md", "tags/wine"] == "front matter: tags"


def test_a_field_that_says_nothing_leaves_the_article_unknown(
    site: Path, kitchen: Taxonomy
) -> None:
    folder = labelled(site, one="tags: [wine]", two="tags:", three="tags: ''")
    assert set(read(folder, kitchen, fields=["tags"]).labels) == {"content/one.md"}


@pytest.mark.parametrize(
    "value", ["{a: b}", "true", "2024-01-02", "[null]", "[[wine]]", "[true, {a: b}]", "[' ']"]
)
def test_what_cannot_be_a_label_says_nothing(site: Path, kitchen: Taxonomy, value: str) -> None:
    folder = labelled(site, one="tags: [wine]", two=f"tags: {value}")
    gold = read(folder, kitchen, fields=["tags"])
    assert set(gold.labels) == {"content/one.md"}
    assert gold.warnings == ()


@pytest.mark.parametrize(
    "meta",
    [
        "Tags: [WINE, rye-bread]",
        'tags: "wine, Rye Bread"',
        "tags: wine rye-bread",
        "tags:\n- Wine\n- pumpernickel\n- ",
    ],
)
def test_labels_are_lists_or_texts_with_commas_or_words(
    site: Path, kitchen: Taxonomy, meta: str
) -> None:
    gold = read(labelled(site, one=meta), kitchen, fields=["tags"])
    assert given(gold, "content/one.md") == {"tags/wine", "tags/rye-bread"}


def test_a_title_of_several_words_is_one_label(site: Path, kitchen: Taxonomy) -> None:
    gold = read(labelled(site, one="tags: Rye Bread"), kitchen, fields=["tags"])
    assert given(gold, "content/one.md") == {"tags/rye-bread"}
    other = read(labelled(site, one="tags: wine", two="tags: No such"), kitchen, fields=["tags"])
    assert any("'No such'" in warning for warning in other.warnings)


def test_a_title_with_a_comma_is_one_label(site: Path, kitchen: Taxonomy) -> None:
    gold = read(labelled(site, one="tags: Bread, dark"), kitchen, fields=["tags"])
    assert given(gold, "content/one.md") == {"tags/rye-bread"}
    assert gold.warnings == ()


def test_a_field_named_for_a_kind_settles_what_is_ambiguous(site: Path, kitchen: Taxonomy) -> None:
    folder = labelled(site, one="keywords: [craft]", two="topics: {main: craft}")
    gold = read(folder, kitchen, fields=["concepts=keywords", "tags=topics.main"])
    assert gold.labels == {
        "content/one.md": {"concepts/craft": True, "concepts/trade": False},
        "content/two.md": {"tags/craft": True, "tags/rye-bread": False, "tags/wine": False},
    }


def test_another_field_is_about_the_kinds_its_labels_are_of(site: Path, kitchen: Taxonomy) -> None:
    gold = read(labelled(site, one="about: [trade]"), kitchen, fields=["about"])
    assert set(gold.labels["content/one.md"]) == KINDS["concepts"]


def test_what_one_field_leaves_out_another_may_have(site: Path, kitchen: Taxonomy) -> None:
    folder = labelled(site, one="tags: [wine]\nmore: [rye bread]")
    gold = read(folder, kitchen, fields=["tags", "tags=more"])
    assert given(gold, "content/one.md") == {"tags/wine", "tags/rye-bread"}


def test_broken_front_matter_is_counted_and_named(site: Path, kitchen: Taxonomy) -> None:
    folder = labelled(site, one="tags: [wine]", two="tags: [wine")
    gold = read(folder, kitchen, fields=["tags"])
    assert gold.warnings == (
        "'content': left out 1 article with unreadable front matter: 'content/two.md'",
    )


def test_a_definition_among_the_articles_is_no_gold(site: Path, kitchen: Taxonomy) -> None:
    from dataclasses import replace

    folder = labelled(site, one="tags: [wine]", two="tags: [wine]")
    wine = replace(kitchen.categories[-1], source=str(site / "content" / "two.md"))
    taxonomy = replace(kitchen, categories=(*kitchen.categories[:-1], wine))
    assert set(read(folder, taxonomy, fields=["tags"]).labels) == {"content/one.md"}


def test_labels_on_few_articles_are_no_mistake_but_counted(site: Path, kitchen: Taxonomy) -> None:
    many = {f"n{n:02}": "tags: [wine]" for n in range(50)}
    rare = {"a": "tags: [wine, Beer]", "b": "tags: [wine, beer, Cider]"}
    folder = labelled(site, **many, **rare)
    gold = read(folder, kitchen, fields=["tags"])
    assert gold.warnings == ()
    assert gold.notes == (
        "'content': left out 2 labels without a category, each on fewer than 3 articles",
    )
    labelled(site, c="tags: [wine, beer]")
    # In any spelling, three articles are enough to miss a category.
    gold = read(folder, kitchen, fields=["tags"])
    assert "left out 2 labels that no category matches, 3 times in all" in gold.warnings[0]
    assert "left out 1 label without a category" in gold.notes[0]


def test_a_label_rare_in_each_of_two_fields_misses_no_category(
    site: Path, kitchen: Taxonomy
) -> None:
    many = {f"n{n:02}": "tags: [wine]\ntopics: [wine]" for n in range(50)}
    rare = {name: "tags: [wine, beer]\ntopics: [wine, Beer]" for name in ("a", "b")}
    folder = labelled(site, **many, **rare)
    gold = read(folder, kitchen, fields=["tags", "topics"])
    assert gold.warnings == ()
    assert "left out 1 label without a category" in gold.notes[0]
