from __future__ import annotations

import os
from pathlib import Path

import pytest

from classifier import settings, small_files, taxonomy
from classifier.errors import SettingsError, TaxonomyError


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
