from __future__ import annotations

from pathlib import Path

import pytest
from support.gold_files import given, table

from classifier.evaluation.gold import read
from classifier.models import Taxonomy


@pytest.mark.parametrize(
    "label", ["tags/rye-bread", "Rye Bread", "rye-bread", "BREAD, DARK", "Pumpernickel"]
)
def test_a_label_is_an_id_a_title_a_slug_or_an_alias(
    site: Path, kitchen: Taxonomy, label: str
) -> None:
    path = table(site, f'article,category,value\ncontent/one.md,"{label}",1\n')
    assert read(path, kitchen).labels == {"content/one.md": {"tags/rye-bread": True}}


def test_a_label_that_is_no_category_is_counted_and_named_and_never_invented(
    site: Path, kitchen: Taxonomy
) -> None:
    path = table(
        site,
        "article,category\ncontent/one.md,Wine\ncontent/one.md,Beer\ncontent/two.md,Beer\n",
    )
    gold = read(path, kitchen)
    assert given(gold, "content/two.md") == set()
    assert gold.warnings == (
        "'gold.csv': left out 1 label that no category matches, 2 times in all: 'Beer' (2x)",
    )


def test_what_an_ambiguous_label_may_mean_stays_unknown(site: Path, kitchen: Taxonomy) -> None:
    path = table(site, "article,category\ncontent/one.md,Wine\ncontent/one.md,Craft\n")
    gold = read(path, kitchen)
    assert gold.labels["content/one.md"] == {"tags/wine": True, "tags/rye-bread": False}
    assert "'Craft' (concepts/craft or tags/craft)" in gold.warnings[0]
