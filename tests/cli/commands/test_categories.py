from __future__ import annotations

from pathlib import Path


def test_some_categories_can_be_listed_alone(run) -> None:
    out = run("categories", "--kind", "tags", "--category", "wine").out
    assert "Wine" in out
    assert "Bread" not in out


def test_every_warning_about_the_definitions_is_shown(run, project: Path) -> None:
    for n in range(8):
        path = project / "taxonomy" / "tags" / f"odd{n}.md"
        path.write_text(f"---\ntitle: Odd {n}\ntags: [Nowhere]\n---\n")
    assert len(run("categories").err.splitlines()) == 8


def test_definitions_that_cannot_be_used_are_one_line_and_exit_2(run, project: Path) -> None:
    (project / "empty").mkdir()
    ran = run("categories", "--categories", "empty")
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1
    assert "'empty'" in ran.err


def test_the_use_of_the_example_categories_is_told(run, project: Path) -> None:
    (project / "classify.toml").unlink()
    assert "example categories" in run("categories").err
