from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.definitions import category, taxonomy

from classifier.lint import RULES, lint
from classifier.models import Category, Instructions


def _broken(*categories: Category) -> list[str]:
    return [finding.rule for finding in lint(taxonomy(*categories))]


def test_sound_definitions_break_no_rule() -> None:
    bread = category("Bread", topics=["Sourdough"], exclusions=["Cakes"], related=("Cheese",))
    assert _broken(bread, category("Cheese", topics=["Rennet"])) == []


@pytest.mark.parametrize("title", ["Bread", "BREAD"])
def test_two_labels_of_one_kind_that_read_alike_are_an_error(title: str) -> None:
    assert _broken(category("Bread"), category(title, name="tags/loaf")) == ["duplicate-title"]


def test_kinds_may_share_a_title() -> None:
    assert _broken(category("Bread"), category("Bread", name="concepts/bread")) == []


@pytest.mark.parametrize("alias", ["Cheese", "cheeses", "Curd"])
def test_a_name_that_another_category_goes_by_is_found(alias: str) -> None:
    cheese = category("Cheese", aliases=("Curd",))
    assert _broken(category("Bread", aliases=(alias,)), cheese) == ["duplicate-name"]


def test_titles_that_differ_in_their_endings_only_are_one_name() -> None:
    assert _broken(category("Cheese"), category("Cheeses")) == ["duplicate-name"]


def test_an_exclusion_of_its_own_topic_title_or_alias_is_an_error() -> None:
    bread = category(
        "Bread",
        aliases=("Loaves",),
        topics=["Sour dough."],
        exclusions=["bread", "loaves", "sour dough", "Cakes"],
    )
    assert _broken(bread) == ["contradictory-exclusion"] * 3


def test_an_exclusion_may_mention_the_title() -> None:
    assert _broken(category("Scaling", exclusions=["Scaling of images"])) == []


@pytest.mark.parametrize("description", ["", "Cheese", "All about cheese"])
def test_a_definition_that_says_no_more_than_its_title_is_thin(description: str) -> None:
    assert _broken(category("Cheese", description=description)) == ["thin-definition"]


def test_key_topics_stand_in_for_a_description() -> None:
    topics = ["Rennet and curd", "Ripening cellars"]
    assert _broken(category("Cheese", description="", topics=topics)) == []


@pytest.mark.parametrize(("count", "broken"), [(500, []), (501, ["long-instructions"])])
def test_long_instructions_are_found(count: int, broken: list[str]) -> None:
    its = replace(category("Cheese"), instructions=Instructions(text="word " * count))
    assert _broken(its) == broken


def test_references_are_found_by_any_name(tmp_path: Path) -> None:
    cheese = category("Cheese", aliases=("Curd",))
    good = category("Bread", related=("cheese", "CURD", "tags/cheese"))
    assert _broken(good, cheese) == []
    assert _broken(replace(good, related=("Butter",)), cheese) == ["unknown-reference"]


def test_links_in_the_text_are_references_too(tmp_path: Path) -> None:
    (tmp_path / "cheese.md").touch()
    source = str(tmp_path / "bread.md")
    for text, broken in {
        "See [[Cheese]] and [[cheese|that]], [here](cheese.md#making), [there](/x.md).": [],
        "See [[Butter]].": ["unknown-reference"],
        "See [butter](butter.md).": ["unknown-reference"],
        "See [butter](https://example.org/butter.md).": [],
        f"See [butter]({'b' * 400}.md) and [milk](%00.md).": ["unknown-reference"] * 2,
    }.items():
        bread = category("Bread", description=f"Flour, water, salt. {text}", source=source)
        assert _broken(bread, category("Cheese")) == broken, text


def test_a_reference_to_oneself_is_found() -> None:
    assert _broken(category("Bread", related=("bread",))) == ["reference-cycle"]


def test_a_tag_may_refer_to_the_category_of_its_name() -> None:
    tag = category("Bread", related=("Bread",))
    assert _broken(tag, category("Bread", name="categories/bread")) == []


def test_a_ring_is_found_once_and_two_that_are_related_are_none() -> None:
    a, b, c = (category(name) for name in ("Ale", "Beer", "Cider"))
    pair = (replace(a, related=("Beer",)), replace(b, related=("Ale",)), c)
    assert _broken(*pair) == []
    ring = (
        replace(a, related=("Beer",)),
        replace(b, related=("Cider",)),
        replace(c, related=("Ale",)),
    )
    assert _broken(*ring) == ["reference-cycle"]


def test_what_reading_warned_of_is_told_once() -> None:
    bread = category("Bread", related=("Butter",), source="tags/bread.md")
    warned = replace(
        taxonomy(bread),
        warnings=(
            "'tags/bread.md': related to unknown categories: 'Butter'",
            "'tags/bread.md': 'aliases' is not a list of texts; ignored",
            "settings: the rule for 'tag' is for a kind without categories",
        ),
    )
    found = list(lint(warned))
    assert [finding.rule for finding in found] == ["loading", "loading", "unknown-reference"]
    assert [finding.categories for finding in found] == [(bread,), (), (bread,)]
    assert found[0].message.startswith("'aliases'")


@given(st.sets(st.sampled_from(sorted(RULES))))
def test_only_chosen_rules_are_told(rules: set[str]) -> None:
    broken = taxonomy(
        category("Bread", exclusions=["Bread"], related=("Bread", "Nothing")),
        category("Bread", name="tags/loaf", description=""),
    )
    everything = [finding.rule for finding in lint(broken)]
    chosen = [finding.rule for finding in lint(broken, rules=rules)]
    assert chosen == [rule for rule in everything if rule in rules]


# --- what the offline scorer cannot weigh --------------------------------------------------------


def test_exclusions_that_only_say_what_is_missing_are_named_once() -> None:
    rules = ["Cakes", "Content that does not align with baking", "Posts without flour"]
    (finding,) = lint(taxonomy(category("Bread", topics=["Sourdough loaves"], exclusions=rules)))
    assert finding.rule == "unweighed-exclusion"
    assert "2 of its 3 exclusions say only what is missing" in finding.message
    assert finding.quote == rules[1]


def test_an_example_is_enough_to_weigh_an_exclusion() -> None:
    rules = ["Unrelated food, such as cakes"]
    assert _broken(category("Bread", topics=["Sourdough loaves"], exclusions=rules)) == []
