from __future__ import annotations

from pathlib import Path

import pytest

from classifier import taxonomy
from classifier.errors import TaxonomyError

IAB = (
    "Relational ID System\t\tContent Taxonomy\t\t\t\t\n"
    "Unique ID\tParent\tName\tTier 1\tTier 2\tTier 3\tExtension\n"
    "1\t\tAutomotive\tAutomotive\t\t\t\n"
    "2\t1\tAuto Body Styles\tAutomotive\tAuto Body Styles\t\t\n"
    "3\t2\tCommercial Trucks\tAutomotive\tAuto Body Styles\tCommercial Trucks\t\n"
    "9\t\tArt\tArt\t\t\t\n"
    "JLBCU7\t9\tArt\tArt\tArt\t\t\n"
    "\t\t\t\t\t\t\n"
)


def loaded(folder: Path, name: str, text: str) -> dict[str, tuple[str, ...]]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return {c.id: c.parents for c in taxonomy.load(path).categories}


def test_the_content_taxonomy_of_iab_is_read(tmp_path: Path) -> None:
    assert loaded(tmp_path, "IAB.tsv", IAB) == {
        "iab/automotive": (),
        "iab/auto-body-styles": ("iab/automotive",),
        "iab/commercial-trucks": ("iab/auto-body-styles",),
        "iab/art": (),
        "iab/JLBCU7": ("iab/art",),
    }


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_parents_may_be_names_and_further_columns_are_known(tmp_path: Path, sign: str) -> None:
    lines = [
        ("Title", "Parent", "Description", "Aliases", "Kind"),
        ("Food", "", "What people eat", "Meals|Dishes", "Topics"),
        ("Bread", "Food", "Loaves", "", "Topics"),
    ]
    text = "\n".join(sign.join(line) for line in lines)
    assert loaded(tmp_path, "t.csv", text) == {
        "topics/food": (),
        "topics/bread": ("topics/food",),
    }
    food = next(c for c in taxonomy.load(tmp_path / "t.csv").categories if c.title == "Food")
    assert (food.aliases, food.description) == (("Meals", "Dishes"), "What people eat")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"a,b\n1,2\n", "expected a table with columns `name` and `parent`"),
        (b"name,parent\n", "no concepts in it"),
        (b"name,parent\n\xff,\n", "not UTF-8"),
        (b"", "expected a table"),
    ],
)
def test_another_table_is_one_line(tmp_path: Path, data: bytes, problem: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    with pytest.raises(TaxonomyError, match=problem):
        taxonomy.load(path)
