"""`classify taxonomy suggest`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.site import write_article


@pytest.fixture
def wine(project: Path) -> Path:
    for n in range(30):
        write_article(project / "site" / f"{n:02}.md", f"Wine, wine, wine. Vintage {n}.")
    return project


def test_unused_and_wide_categories_are_shown(run, wine: Path) -> None:
    run("site", "-q")
    ran = run("taxonomy", "suggest", "site")
    assert ran.code == 0
    assert ran.out.startswith("30 articles, 0 without a label\n")
    assert "retire: no article has it, by a run or by hand\n  Craft (highest confidence" in ran.out
    assert "  Wine: 30 of 30\n" in ran.out


def test_json_has_the_same_for_programs(run, wine: Path) -> None:
    run("site", "-q")
    found = json.loads(run("taxonomy", "suggest", "site", "--json").out)
    assert found["schema"] == "classify-suggestions/1"
    assert (found["articles"], found["unlabelled"]) == (30, 0)
    assert {it["category"] for it in found["retire"]} == {
        "tags/bread",
        "tags/cheese",
        "tags/olives",
        "concepts/craft",
    }
    (split,) = found["split"]
    assert (split["category"], split["articles"], split["of"]) == ("tags/wine", 30, 30)
    assert found["missing"] == found["merge"] == []


def test_without_judgements_one_line_names_the_way_out(run, wine: Path) -> None:
    ran = run("taxonomy", "suggest", "site")
    assert (ran.code, ran.out) == (2, "")
    assert "no article is judged yet" in ran.err
