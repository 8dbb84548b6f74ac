from __future__ import annotations

from pathlib import Path

import pytest
from rich.prompt import Confirm, Prompt
from support import sites

from classifier.cli import initialising


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a person at a terminal answers, in order."""
    given: list[str] = []
    monkeypatch.setattr(initialising, "_on_terminal", lambda: True)
    monkeypatch.setattr(Prompt, "ask", lambda *_, default: given.pop(0) or default)
    monkeypatch.setattr(
        Confirm, "ask", lambda *_, default: (given.pop(0) or "y") == "y" and default
    )
    return given


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pages = {f"a{n}.md": sites.article("tags: [x]\ncategories: [y]") for n in range(3)}
    monkeypatch.chdir(sites.write(tmp_path, pages))
    return tmp_path


def test_a_person_is_asked_for_the_fields_and_before_writing(
    command, site: Path, answers: list[str]
) -> None:
    answers += ["categories", "y"]
    assert command("init").code == 0
    assert (site / "taxonomy/categories/y.md").exists()
    assert not (site / "taxonomy/tags").exists()


def test_the_proposal_is_taken_with_two_returns(command, site: Path, answers: list[str]) -> None:
    answers += ["", ""]
    command("init")
    assert (site / "taxonomy/tags/x.md").exists()
    assert (site / "taxonomy/categories/y.md").exists()


def test_after_a_no_nothing_is_written(command, site: Path, answers: list[str]) -> None:
    answers += ["", "n"]
    ran = command("init")
    assert (ran.code, "nothing is written" in ran.err) == (0, True)
    assert not (site / "classify.toml").exists()


def test_nobody_is_asked_with_yes(command, site: Path, answers: list[str]) -> None:
    assert command("init", "--yes").code == 0
    assert (site / "classify.toml").exists()
