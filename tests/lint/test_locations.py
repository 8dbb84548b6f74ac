from __future__ import annotations

from pathlib import Path

import pytest

from classifier import taxonomy
from classifier.errors import TaxonomyError
from classifier.lint import lint, locate

BREAD = """\
---
title: "Bread"
aliases:
  - Cheese making
tags: [Butter]
Instructions: |-
  Loaves.

  **Key topics**
  - **Sour** dough and [rye](https://example.org)

  **Strictly exclude**
  - Cakes
  - Sour dough and rye
---
"""


def _placed(folder: Path) -> dict[str, int | None]:
    found, _ = locate(lint(taxonomy.load(folder)))
    return {it.finding.rule: it.line for it in found}


def test_a_finding_stands_at_the_words_it_is_about(tmp_path: Path) -> None:
    (tmp_path / "bread.md").write_text(BREAD)
    (tmp_path / "cheese.md").write_text("---\ntitle: Cheese making\n---\n")
    assert _placed(tmp_path) == {
        "contradictory-exclusion": 10,
        "duplicate-name": 2,
        "thin-definition": 2,
        "unknown-reference": 5,
    }


def test_the_worst_comes_first(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ntitle: Ale\n---\n")
    (tmp_path / "b.md").write_text(BREAD)
    found, _ = locate(lint(taxonomy.load(tmp_path)))
    assert [it.finding.severity for it in found] == ["error", "warning", "warning"]


def test_a_definition_silences_a_rule_for_itself(tmp_path: Path) -> None:
    (tmp_path / "ale.md").write_text("---\ntitle: Ale\nlint_ignore: thin-definition\n---\n")
    (tmp_path / "beer.md").write_text("---\ntitle: Beer\nlint_ignore: [loading]\n---\n")
    found, silenced = locate(lint(taxonomy.load(tmp_path)))
    assert [Path(it.file).name for it in found] == ["beer.md"]
    assert silenced == 1


def test_either_of_two_definitions_silences_what_is_about_both(tmp_path: Path) -> None:
    text = "title: Ale\ndescription: Brewed from malt and water alone"
    (tmp_path / "ale.md").write_text(f"---\n{text}\n---\n")
    (tmp_path / "beer.md").write_text(f"---\n{text}\nlint_ignore: duplicate-title\n---\n")
    assert locate(lint(taxonomy.load(tmp_path))) == ([], 1)


def test_a_silenced_rule_that_does_not_exist_is_an_error_that_names_the_file(
    tmp_path: Path,
) -> None:
    (tmp_path / "ale.md").write_text("---\ntitle: Ale\nlint_ignore: thin\n---\n")
    with pytest.raises(TaxonomyError, match=r"ale\.md.*unknown rule 'thin'"):
        locate(lint(taxonomy.load(tmp_path)))


def test_entries_of_a_tags_file_have_their_lines(tmp_path: Path) -> None:
    (tmp_path / "tags.yml").write_text("ale:\n  label: Ale\nbeer:\n  label: Beer\n")
    found, _ = locate(lint(taxonomy.load(tmp_path)))
    assert [it.line for it in found] == [1, 3]


def test_in_one_file_of_many_a_finding_stands_at_its_own_concept(tmp_path: Path) -> None:
    rows = "".join(f"{n}\t\tCake {n}\n" for n in range(1, 50))
    path = tmp_path / "topics.tsv"
    path.write_text(f"id\tparent\tname\n{rows}50\t\tFrüh stück\n51\t\tFruit\n")
    placed, _ = locate(lint(taxonomy.load(path)))
    lines = {it.finding.categories[0].title: it.line for it in placed}
    assert (lines["Cake 3"], lines["Cake 30"], lines["Früh stück"]) == (4, 31, 51)
