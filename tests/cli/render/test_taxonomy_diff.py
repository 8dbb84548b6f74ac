from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.cli_sites import commit_definitions


@pytest.fixture
def site(project: Path) -> Path:
    return commit_definitions(project)


def rename(project: Path, name: str, title: str) -> None:
    (project / f"taxonomy/tags/{name}.md").write_text(f"---\ntitle: {title}\n---\n")


def flips(out: str) -> list[tuple[str, str, bool]]:
    return [(f["article"], f["category"], f["gained"]) for f in json.loads(out)["flips"]]


def test_a_changed_definition_shows_what_it_gains_and_loses_and_why(run, site: Path) -> None:
    run("site", "-q")
    rename(site, "wine", "Bread")  # the keyword scorer looks for the title
    out = run("taxonomy", "diff", "--json").out
    assert flips(out) == [("site/a.md", "tags/wine", True), ("site/c.md", "tags/wine", False)]
    assert json.loads(out)["categories"]["tags/wine"] == "changed"
    told = run("taxonomy", "diff").out
    assert "tags/wine: +1 -1 (changed)" in told
    assert "+ site/a.md" in told
    assert "- site/c.md" in told
    assert "Its title is 9 times in the text." in told
    assert "is below the minimum of 0.50" in told
