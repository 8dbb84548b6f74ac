from __future__ import annotations

from pathlib import Path

import pytest

from classifier.errors import SettingsError, UsageError
from classifier.project import Project
from classifier.project.artifact import artifact


def made(output: Path | None = None, **settings: object):
    with Project.open(**settings) as project:
        return artifact(project, "trained", output)


def test_the_file_lies_beside_the_categories(site: Path) -> None:
    found = made()
    assert (found.path, found.use) == (site / "taxonomy/trained.json", "used")


def test_a_file_named_in_the_settings_is_the_one(site: Path) -> None:
    named = site / "mine.json"
    assert (made(trained=named).path, made(trained=named).use) == (named, "used")
    assert made(Path("other.json"), trained=named).use == "elsewhere"


def test_a_file_that_the_settings_turn_off_is_written_and_said_to_be_off(site: Path) -> None:
    assert made(trained="off").use == "off"


def test_the_example_categories_are_not_written_to(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="`categories=PATH`, or the file to write with `output"):
        made()
    assert made(tmp_path / "own.json").use == "elsewhere"


def test_a_file_is_replaced_whole_and_read_only_where_there_is_one(site: Path) -> None:
    found = made()

    def load(path: Path) -> str:
        if path.read_text() != "good":
            raise SettingsError("broken")
        return "good"

    assert found.existing(load) is None
    found.write("bad")
    with pytest.raises(SettingsError, match="broken"):
        found.existing(load)
    found.write("good")
    assert found.existing(load) == "good"
