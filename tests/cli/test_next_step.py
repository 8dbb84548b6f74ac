"""The last line of a command."""

from __future__ import annotations

import shlex
from pathlib import Path

import click
import pytest

from classifier.cli.app import command
from classifier.project.advice import Carried, Facts, advise

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
    assert (
        first == f"{NEXT}12 of 15 articles have labels in 'tags': classify train site --field tags"
    )
    (second,) = advice(run("site").err)
    assert second != first
    assert advice(run("report", "site").err) == [first]


def test_a_field_with_the_name_of_an_option_is_shown_as_the_field(run, tagged: Path) -> None:
    for n in range(12):
        text = f"---\ntitle: Note {n}\ncategories: [Bread]\n---\nBread, bread, bread.\n"
        (tagged / "site" / f"{n:02}.md").write_text(text)
    (line,) = advice(run("site").err)
    assert line.startswith(f"{NEXT}12 of 15 articles have labels in 'categories': classify train")


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


KNOWN = {"paths": ["content"], "articles": 90, "labelled": 80, "looked_at": 90}


@pytest.mark.parametrize(
    "facts",
    [
        Facts(after="run", paths=["content"], own_categories=False),
        Facts(after="init", unjudged=9, **KNOWN),
        Facts(after="run", carry={"tags": Carried(80, 80)}, **KNOWN),
        Facts(after="run", new_verdicts=20, **KNOWN),
        Facts(after="run", uncertain=3, **KNOWN),
        Facts(after="run", **{**KNOWN, "labelled": 20}),
        Facts(after="run", **KNOWN),
        Facts(after="run", applied=True, **KNOWN),
    ],
)
def test_every_advised_command_exists_with_its_options(facts: Facts) -> None:
    advice = advise(facts)
    assert advice is not None
    _, *words = shlex.split(advice.command)
    found: click.Command = command()
    while isinstance(found, click.Group):
        found = found.commands[words.pop(0)]
    context = found.make_context(found.name, words)  # raises where it cannot be parsed
    assert context.params
