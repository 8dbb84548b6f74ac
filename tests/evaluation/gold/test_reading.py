from __future__ import annotations

from pathlib import Path

import pytest
from support.gold_files import KINDS, given, labelled, table

from classifier.errors import UsageError
from classifier.evaluation.gold import read
from classifier.models import Taxonomy


def test_without_values_a_named_article_has_what_is_listed_and_no_more(
    site: Path, kitchen: Taxonomy
) -> None:
    path = table(site, "article,category\ncontent/one.md,Wine\ncontent/two.md,\n")
    gold = read(path, kitchen)
    assert set(gold.labels) == {"content/one.md", "content/two.md"}
    assert given(gold, "content/one.md") == {"tags/wine"}
    assert given(gold, "content/two.md") == set()
    assert set(gold.labels["content/one.md"]) == KINDS["tags"]
    assert gold.warnings == ()


def test_with_values_only_what_is_listed_is_known(site: Path, kitchen: Taxonomy) -> None:
    path = table(site, "article,category,value\ncontent/one.md,wine,yes\ncontent/one.md,trade,0\n")
    assert read(path, kitchen).labels == {
        "content/one.md": {"tags/wine": True, "concepts/trade": False}
    }


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ([], "name the front matter field that holds the labels, with `fields=NAME`"),
        (["labels"], "no article in 'content' has a field 'labels'"),
        (["topics=tags"], "no kind 'topics' in the definitions, only concepts, tags"),
    ],
)
def test_a_folder_needs_a_field_that_is_there(
    site: Path, kitchen: Taxonomy, fields: list[str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        read(labelled(site, one="tags: [wine]"), kitchen, fields=fields)
