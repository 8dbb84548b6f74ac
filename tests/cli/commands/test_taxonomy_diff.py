"""`classify taxonomy diff`: which labels change with the definitions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.cli_sites import commit_definitions
from support.repository import git


@pytest.fixture
def site(project: Path) -> Path:
    return commit_definitions(project)


def rename(project: Path, name: str, title: str) -> None:
    (project / f"taxonomy/tags/{name}.md").write_text(f"---\ntitle: {title}\n---\n")


def flips(out: str) -> list[tuple[str, str, bool]]:
    return [(f["article"], f["category"], f["gained"]) for f in json.loads(out)["flips"]]


def test_without_a_change_nothing_flips(run, site: Path) -> None:
    run("site", "-q")
    ran = run("taxonomy", "diff")
    assert ran.code == 0
    assert "0 definitions of 5 changed, 3 articles" in ran.out
    assert "0 labels added, 0 removed" in ran.out


def test_what_was_judged_for_it_is_stored(run, site: Path) -> None:
    run("site", "-q")
    rename(site, "wine", "Bread")
    run("taxonomy", "diff")
    assert "are stored" in run("site").out


def test_a_removed_category_loses_its_articles_and_a_new_one_gains_them(run, site: Path) -> None:
    run("site", "-q")
    (site / "taxonomy/tags/wine.md").unlink()
    rename(site, "dairy", "Cheese")
    out = run("taxonomy", "diff", "HEAD").out
    assert "tags/dairy: +1 -0 (added)" in out
    assert "tags/wine: +0 -1 (removed)" in out
    assert "the category was removed" in out


def test_a_renamed_file_flips_nothing(run, site: Path) -> None:
    run("site", "-q")
    (site / "taxonomy/tags/wine.md").rename(site / "taxonomy/tags/vino.md")
    assert flips(run("taxonomy", "diff", "--json").out) == []


def test_a_threshold_of_another_time_is_not_compared_only_definitions_are(run, site: Path) -> None:
    run("site", "-q")
    (site / "classify.toml").write_text('categories = "taxonomy"\nminimum = 0.99\n')
    assert flips(run("taxonomy", "diff", "--json").out) == []


def test_a_folder_stands_for_the_other_definitions_as_well(run, site: Path, tmp_path: Path) -> None:
    (tmp_path / "old" / "tags").mkdir(parents=True)
    (tmp_path / "old" / "tags" / "wine.md").write_text("---\ntitle: Wine\n---\n")
    out = run("taxonomy", "diff", "old", "site", "--json").out
    assert ("site/a.md", "tags/bread", True) in flips(out)
    assert ("site/c.md", "tags/wine", True) not in flips(out)


def test_a_verdict_keeps_a_label_from_flipping(run, site: Path) -> None:
    run("site", "-q")
    run("accept", "site/c.md", "wine")
    rename(site, "wine", "Bread")
    assert flips(run("taxonomy", "diff", "--json").out) == [("site/a.md", "tags/wine", True)]


@pytest.mark.parametrize("base", ["no-such-state", "--exec=touch x", "HEAD:taxonomy/../.."])
def test_a_state_that_is_not_there_is_told_in_one_line(run, site: Path, base: str) -> None:
    run("site", "-q")
    ran = run("taxonomy", "diff", "--", base)
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert base in ran.err
    assert not Path("x").exists()


def test_a_state_before_the_definitions_were_there_is_told_in_one_line(run, site: Path) -> None:
    git(".", "commit", "-q", "--allow-empty", "-m", "x")
    git(".", "rm", "-rq", "--cached", "taxonomy")
    git(".", "commit", "-q", "-m", "none")
    ran = run("taxonomy", "diff", "HEAD", "site")
    assert ran.code == 2
    assert "has no 'taxonomy'" in ran.err


def test_with_nothing_stored_articles_have_to_be_named(run, site: Path) -> None:
    ran = run("taxonomy", "diff")
    assert ran.code == 2
    assert "no article is stored: name articles" in ran.err
