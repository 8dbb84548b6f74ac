from __future__ import annotations

import json
from pathlib import Path

TABLE = "name,parent\nFood,\nBread,Food\n"


def test_a_vocabulary_is_imported_used_and_exported(run, project: Path) -> None:
    (project / "food.csv").write_text(TABLE, encoding="utf-8")
    ran = run("taxonomy", "import", "food.csv", "--to", "topics")
    assert (ran.code, ran.out) == (0, "")
    assert "wrote 2 definitions to 'topics'" in ran.err
    assert (project / "topics" / "food" / "bread.md").is_file()
    again = run("taxonomy", "import", "food.csv", "--to", "topics")
    assert again.code == 2
    assert "nothing is overwritten" in again.err
    turtle = run("taxonomy", "export", "--categories", "topics").out
    assert "<urn:classify:food/bread> a skos:Concept" in turtle
    terms = run("taxonomy", "export", "--categories", "food.csv", "--format", "schema-org").out
    assert len(json.loads(terms)["@graph"][0]["hasDefinedTerm"]) == 2


def test_a_vocabulary_is_used_in_place(run, project: Path) -> None:
    (project / "food.csv").write_text(TABLE, encoding="utf-8")
    ran = run("categories", "--categories", "food.csv")
    assert "  Food (food/food)\n    Bread (food/bread)\n" in ran.out


def test_unknown_formats_and_files_are_one_line(run, project: Path) -> None:
    for arguments in (("export", "--format", "xml"), ("import", "none.ttl")):
        ran = run("taxonomy", *arguments)
        assert ran.code == 2
        assert ran.err.count("\n") == 1
