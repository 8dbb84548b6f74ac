"""`classify taxonomy add`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture
def rye(site: Path) -> Path:
    path = site / "rye.md"
    path.write_text("---\ntitle: Bread\ndescription: Of rye.\n---\n")
    return path


def test_a_preview_shows_labels_and_writes_no_definition(run, rye: Path) -> None:
    run("site", "-q")
    ran = run("taxonomy", "add", "rye.md", "site", "--kind", "tags", "--preview")
    assert ran.code == 0
    assert "tags/rye: +1 -0 (added)\n  + site/a.md\n" in ran.out
    assert ran.err == "classify: a preview: no definition is written\n"
    assert not Path("taxonomy/tags/rye.md").exists()


def test_a_preview_for_programs(run, rye: Path) -> None:
    run("site", "-q")
    ran = run("taxonomy", "add", "rye.md", "site", "--kind", "tags", "--preview", "--json")
    found = json.loads(ran.out)
    assert [(it["article"], it["category"], it["gained"]) for it in found["flips"]] == [
        ("site/a.md", "tags/rye", True)
    ]
    assert ran.err == ""


def test_a_definition_is_added_once_and_never_overwritten(run, rye: Path) -> None:
    ran = run("taxonomy", "add", "rye.md", "--kind", "tags")
    assert ran.code == 0
    assert Path("taxonomy/tags/rye.md").read_text() == rye.read_text()
    rye.write_text("---\ntitle: Other\n---\n")
    again = run("taxonomy", "add", "rye.md", "--kind", "tags")
    assert again.code == 2
    assert "already" in again.err
    assert "title: Bread" in Path("taxonomy/tags/rye.md").read_text()


def test_articles_without_preview_are_refused(run, rye: Path) -> None:
    ran = run("taxonomy", "add", "rye.md", "site")
    assert ran.code == 2
    assert "--preview" in ran.err


def test_the_kind_is_asked_for_where_it_is_unclear(run, rye: Path) -> None:
    ran = run("taxonomy", "add", "rye.md")
    assert ran.code == 2
    assert "--kind, one of concepts, tags" in ran.err
