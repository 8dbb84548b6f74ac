from __future__ import annotations

from pathlib import PurePath

from hypothesis import given
from hypothesis import strategies as st
from support.definitions import category
from support.sidecars import (
    BREAD,
)

from classifier.sidecars import naming


def test_the_file_is_called_after_the_article() -> None:
    assert naming.file_name(PurePath("a/index.md")) == "data.index.classifications.json"
    assert naming.file_name(PurePath("a/index.en.md")) == "data.index.en.classifications.json"
    assert naming.article_stem("data.index.en.tags.json") == "index.en"
    assert naming.article_stem("index.md") is None


def test_a_title_is_the_key_unless_another_category_has_it() -> None:
    craft = category("Craft", name="concepts/craft"), category("craft", name="tags/craft")
    twins = category("Rye", name="tags/rye"), category("Rye", name="tags/rye-2")
    assert naming.entry_keys([BREAD, *craft, *twins]) == {
        "tags/bread": "Bread",
        "concepts/craft": "Craft (concepts)",
        "tags/craft": "craft (tags)",
        "tags/rye": "Rye (tags/rye)",
        "tags/rye-2": "Rye (tags/rye-2)",
    }


_titles = st.sampled_from(["A", "a", "A (tags)", "A (tags/1)", "tags/1", "A (tags) (tags)"])


@given(st.lists(_titles, max_size=6))
def test_no_two_categories_ever_have_the_same_key(titles: list[str]) -> None:
    categories = [category(title, name=f"tags/{n}") for n, title in enumerate(titles)]
    keys = naming.entry_keys(categories).values()
    assert len({key.casefold() for key in keys}) == len(categories)
