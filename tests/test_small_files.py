from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from unittest.mock import Mock

import pytest

from classifier import settings, small_files, taxonomy
from classifier.content import articles
from classifier.content.formats import feed, mailbox, tables
from classifier.errors import SettingsError, TaxonomyError, UsageError
from classifier.evaluation.gold import table
from classifier.exchange import annotated
from classifier.models import Article, Failure

READERS = {
    ".mbox": mailbox.read,
    ".xml": feed.read,
    ".csv": partial(tables.read, columns=tables.Columns()),
    ".jsonl": partial(tables.read, columns=tables.Columns()),
}


def test_an_ordinary_file_is_read_up_to_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"x = 1\n")
    assert small_files.read(path) == b"x = 1\n"
    monkeypatch.setattr(small_files, "LARGEST", 6)
    assert small_files.read(path) == b"x = 1\n"
    monkeypatch.setattr(small_files, "LARGEST", 5)
    with pytest.raises(OSError, match="File too large"):
        small_files.read(path)


@pytest.mark.parametrize("name", ["n" * 300, "a\0b", "missing", "file/inside"])
def test_a_path_that_no_file_can_have_is_one_of_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / name
    asked = small_files.exists, small_files.is_file, small_files.is_dir
    assert not any(ask(path) for ask in asked)
    assert small_files.why_not(path) == "no such file or folder"


def test_a_path_that_may_not_be_reached_is_called_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "stat", Mock(side_effect=PermissionError(13, "Permission denied")))
    assert small_files.why_not(tmp_path) == "no permission to reach the file or folder"


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_nothing_waits_for_a_pipe(tmp_path: Path, make) -> None:
    make(tmp_path / "classify.toml")
    with pytest.raises(SettingsError, match=r"classify.toml': cannot be read: not an ordinary"):
        settings.load(tmp_path)


def test_a_file_of_gigabytes_is_no_settings_and_no_definition(tmp_path: Path) -> None:
    for name in ("classify.toml", "tags/bread.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("---\ntitle: A\n---\n")
        os.truncate(path, 3 * 10**9)  # takes no space on the disk
    with pytest.raises(SettingsError, match=r"classify.toml': cannot be read: File too large"):
        settings.load(tmp_path)
    with pytest.raises(TaxonomyError, match=r"bread.md': cannot be read: File too large"):
        taxonomy.load(tmp_path / "tags")


@pytest.mark.parametrize("name", ["a.md", "a.html", "gold.csv", "export.json"])
def test_what_a_user_names_waits_for_no_pipe(tmp_path: Path, name: str) -> None:
    pipe = tmp_path / name
    os.mkfifo(pipe)
    if name.startswith("a."):
        found = articles.read(pipe)
        assert isinstance(found, Failure)
        assert "a pipe, not an ordinary file" in found.message
    else:
        reader = (
            annotated.read if name.endswith(".json") else partial(table.read_table, content=None)
        )
        with pytest.raises(UsageError, match="a pipe, not an ordinary file"):
            reader(pipe)


@pytest.mark.parametrize("name", ["a.mbox", "a.xml", "a.csv", "a.jsonl"])
def test_files_of_many_articles_wait_for_no_pipe(tmp_path: Path, name: str) -> None:
    pipe = tmp_path / name
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="a pipe, not an ordinary file"):
        next(iter(READERS[pipe.suffix](pipe)))


def test_what_a_shell_puts_in_the_place_of_a_command_is_read() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as file:
        file.write("Bread.\n")
    found = articles.read(Path(f"/dev/fd/{reading}"))
    os.close(reading)
    assert isinstance(found, Article)
    assert found.body == "Bread.\n"


def test_a_name_that_is_too_long_is_no_file(tmp_path: Path) -> None:
    for path in (tmp_path / ("x" * 300), tmp_path / "a\0b"):
        assert not small_files.exists(path)
        assert not small_files.is_file(path)
