from __future__ import annotations

from pathlib import Path

import pytest

from classifier.settings import trust


@pytest.fixture
def settings_file(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(project / "configuration"))
    return project / "classify.toml"


def test_the_settings_of_the_folder_are_trusted_until_they_change(command, settings_file) -> None:
    ran = command("trust")
    assert (ran.code, ran.out) == (0, "")
    assert f"{str(settings_file)!r} is trusted until it changes" in ran.err
    assert trust.is_trusted(settings_file)
    settings_file.write_text(settings_file.read_text() + "at_most = 2\n")
    assert not trust.is_trusted(settings_file)


def test_trust_can_be_taken_back(command, settings_file: Path) -> None:
    assert "was not trusted" in command("trust", "--forget").err
    command("trust", "-q")
    assert "is no longer trusted" in command("trust", str(settings_file), "--forget").err
    assert not trust.is_trusted(settings_file)


def test_without_a_settings_file_one_has_to_be_named(command, settings_file: Path) -> None:
    settings_file.unlink()
    ran = command("trust")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "no settings file in this folder or above it: name one" in ran.err
