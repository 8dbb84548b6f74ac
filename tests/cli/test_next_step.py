"""The last line of a command."""

from __future__ import annotations

from pathlib import Path

import pytest

NEXT = "classify: next: "


@pytest.fixture
def tagged(site: Path) -> Path:
    for n in range(12):
        text = f"---\ntitle: Note {n}\ntags: [Bread]\n---\nBread, bread, bread.\n"
        (site / "site" / f"{n:02}.md").write_text(text)
    return site


def advice(err: str) -> list[str]:
    return [line for line in err.splitlines() if line.startswith(NEXT)]


def test_a_run_ends_with_the_next_step_and_never_with_the_same_twice(run, tagged: Path) -> None:
    (first,) = advice(run("site").err)
    assert first == f"{NEXT}12 of 15 articles carry `tags`: classify train site --field tags"
    (second,) = advice(run("site").err)
    assert second != first
    assert advice(run("report", "site").err) == [first]


def test_evaluating_ends_with_the_next_step(run, tagged: Path) -> None:
    ran = run("eval", "site", "--field", "tags")
    assert ran.code == 0
    assert len(advice(ran.err)) == 1
    assert ran.err.splitlines()[-1] == advice(ran.err)[0]


@pytest.mark.parametrize("options", [["--quiet"], ["--json"], ["--no-store"], ["--dry-run"]])
def test_there_is_none_where_nobody_asked_for_words(run, tagged: Path, options: list[str]) -> None:
    assert advice(run("site", *options).err) == []


def test_the_next_command_has_the_options_that_it_needs(run, tagged: Path) -> None:
    Path("classify.toml").unlink()
    (line,) = advice(run("site", "--categories", "taxonomy", "--store", "my store.db").err)
    assert line.endswith(" --categories taxonomy --store 'my store.db'")
