"""`--since GIT-REF`: only articles that have changed, unless all of them may be concerned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.repository import git


@pytest.fixture
def site(project: Path) -> Path:
    """Three articles that nobody has judged, all committed."""
    folder = project / "site"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.md").write_text(f"---\ntitle: {name}\n---\nBread and bread {name}.\n")
    git(".", "init", "-q")
    git(".", "add", ".")
    git(".", "commit", "-q", "-m", "all")
    return folder


def found(run, *options: str, since: str = "HEAD") -> list[str]:
    out = run("check", "site", "--since", since, "--format", "json", "-q", *options).out
    return [it["article"] for it in json.loads(out)["findings"]]


def test_what_has_not_changed_is_left_out(run, site: Path) -> None:
    ran = run("check", "site", "--since", "HEAD")
    assert (ran.code, "0 articles checked, 0 up to date" in ran.out) == (0, True)


@pytest.mark.parametrize("name", ["a.md", "new.md", "späte Grüße.md", "-rf.md", "$(x);`y`.md"])
def test_an_edited_or_new_article_counts(run, site: Path, name: str) -> None:
    (site / name).write_text("---\ntitle: A\n---\nWine.\n")
    assert found(run) == [f"site/{name}"]
    git(".", "add", "site")
    assert found(run) == [f"site/{name}"]
    git(".", "commit", "-q", "-m", "edit")
    assert found(run) == []
    assert found(run, since="HEAD~1") == [f"site/{name}"]


def test_an_article_counts_whose_sidecar_has_changed(run, site: Path) -> None:
    (site / "data.b.classifications.json").write_text("{}\n")
    assert found(run) == ["site/b.md"]


def test_patterns_still_hold(run, site: Path) -> None:
    (site / "a.md").write_text("---\ntitle: A\n---\nWine.\n")
    assert found(run, "--exclude", "a.md") == []


@pytest.mark.parametrize("change", ["edited", "gone", "new", "trained", "settings"])
def test_all_count_where_definitions_or_settings_have_changed(
    run, site: Path, project: Path, change: str
) -> None:
    wine = project / "taxonomy/tags/wine.md"
    match change:
        case "edited":
            wine.write_text("---\ntitle: Fine wine\n---\n")
        case "gone":
            wine.unlink()
        case "new":
            wine.with_name("beer.md").write_text("---\ntitle: Beer\n---\n")
        case "trained":
            (project / "taxonomy/trained.json").write_text('{"version": 1}\n')
        case "settings":
            (project / "classify.toml").write_text('categories = "taxonomy"\nminimum = 0.7\n')
    ran = run("check", "site", "--since", "HEAD")
    assert "so all articles count" in ran.err
    assert "3 articles not judged" in ran.out


def test_what_happened_meanwhile_on_the_other_branch_does_not_count(run, site: Path) -> None:
    branch = git(".", "branch", "--show-current").strip()
    git(".", "checkout", "-q", "-b", "mine")
    (site / "a.md").write_text("---\ntitle: A\n---\nWine.\n")
    git(".", "commit", "-qam", "mine")
    git(".", "checkout", "-q", branch)
    (site / "b.md").write_text("---\ntitle: B\n---\nWine.\n")
    git(".", "commit", "-qam", "theirs")
    git(".", "checkout", "-q", "mine")
    assert found(run, since=branch) == ["site/a.md"]


def test_a_run_judges_only_what_has_changed(run, site: Path) -> None:
    assert "no article has changed since 'HEAD'" in run("site", "--since", "HEAD").err
    (site / "b.md").write_text("---\ntitle: B\n---\nWine, wine and wine.\n")
    ran = run("site", "--since", "HEAD")
    assert ran.code == 0
    assert json.loads(run("status", "site", "--json").out)["articles"] == 3
    assert run("check", "site/b.md").code == 1  # judged, its label is not written
    assert "not judged" in run("check", "site/a.md").out


@pytest.mark.parametrize("name", ["nowhere", "--output=x", ""])
def test_a_commit_that_git_does_not_know_is_told_in_one_line(run, site: Path, name: str) -> None:
    ran = run("check", "site", f"--since={name}")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "git knows no such commit" in ran.err
    assert not Path("x").exists()


def test_without_a_repository_it_is_told_in_one_line(run, project: Path) -> None:
    ran = run("check", "lunch.md", "--since", "HEAD")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
