from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.cli_sites import write_three_articles


@pytest.fixture
def site(project: Path) -> Path:
    return write_three_articles(project)


def test_few_articles_are_listed_with_their_labels_above_the_summary(run, site: Path) -> None:
    out = run("site").out
    assert out.startswith("site/a.md: Bread\nsite/b.md: -\n")
    assert "pairs by level" in out


def test_the_list_alone_is_a_line_per_article(run, site: Path) -> None:
    lines = run("site", "--list", "--quiet").out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["site/a.md", "site/b.md", "site/sub/c.md"]


def test_many_articles_are_listed_when_asked(run, site: Path) -> None:
    for number in range(30):
        (site / "site" / f"n{number:02}.md").write_text(f"Bread, bread, bread: loaf {number}.\n")
    assert "site/n07.md: Bread" not in run("site").out
    assert "site/n07.md: Bread" in run("site", "--list").out


def test_json_of_a_run_is_a_line_for_each_article_and_the_summary_is_on_stderr(
    run, site: Path
) -> None:
    (site / "site" / "bad.md").write_bytes(b"\xff")
    for _ in range(2):
        ran = run("site", "--json")
        assert ran.code == 1
        answers = {answer["article"]: answer for answer in map(json.loads, ran.out.splitlines())}
        assert {path: answer["ok"] for path, answer in answers.items()} == {
            "site/a.md": True,
            "site/b.md": True,
            "site/bad.md": False,
            "site/sub/c.md": True,
        }
        assert answers["site/a.md"]["labels"]["tags"][0]["title"] == "Bread"
        assert "pairs by level" in ran.err


def test_quiet_tells_only_failures(run, site: Path) -> None:
    assert run("site", "--quiet").out == ""
    (site / "site" / "bad.md").write_bytes(b"\xff")
    ran = run("site", "--quiet")
    assert (ran.code, ran.out) == (1, "")
    assert all(line.startswith("classify: ") for line in ran.err.splitlines())
    assert "'site/bad.md' is not UTF-8" in ran.err
