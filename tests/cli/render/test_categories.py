from __future__ import annotations

from pathlib import Path

LISTED = """\
concepts: 1
  confidence >= 0.80, at most 1, only those in the best level
  Craft (concepts/craft)

tags: 4
  confidence >= 0.50, any number of labels
  Bread (tags/bread)
    Loaves and their bakers.
  Cheese (tags/cheese)
  Olives (tags/olives)
  Wine (tags/wine)
"""


def test_the_categories_are_listed_with_the_rule_of_their_kind(run, project: Path) -> None:
    (project / "classify.toml").write_text(
        'categories = "taxonomy"\nat_most = "all"\n'
        '[rules.concepts]\nminimum = 0.8\nat_most = 1\nby = "level"\n'
    )
    ran = run("categories")
    assert (ran.code, ran.out, ran.err) == (0, LISTED, "")


def test_categories_below_others_are_indented(run, project: Path) -> None:
    rye = "---\ntitle: Rye\nparent: Bread\n---\nLoaves of rye."
    (project / "taxonomy" / "tags" / "rye.md").write_text(rye, encoding="utf-8")
    out = run("categories").out
    assert "\n  Bread (tags/bread)\n    Loaves and their bakers.\n    Rye (tags/rye)\n" in out
    assert "at most 5, the most specific only\n  Bread" in out
