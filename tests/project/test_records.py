from __future__ import annotations

from pathlib import Path

import pytest

from classifier.errors import StoreError
from classifier.project.records import OpenRecords


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".classify" / "records.sqlite3"


def test_reading_makes_no_file_and_writing_does(path: Path) -> None:
    records = OpenRecords(path)
    assert records.get("read").path is None
    assert not path.exists()
    assert records.get("write").path == path
    assert path.exists()
    assert (path.parent / ".gitignore").read_text() == "*\n"
    assert records.get("read") is records.get("write")
    records.close()


def test_a_store_elsewhere_gets_no_gitignore(tmp_path: Path) -> None:
    records = OpenRecords(tmp_path / "mine" / "records.sqlite3")
    records.get("write")
    assert not (tmp_path / "mine" / ".gitignore").exists()
    records.close()


def test_nothing_is_kept_of_what_is_to_be_forgotten(path: Path) -> None:
    records = OpenRecords(path)
    temporary = records.get("forget")
    temporary.store.begin("me", at=0)
    assert records.get("forget") is temporary
    records.close()
    assert not path.exists()


def test_a_store_that_is_not_there_or_cannot_be_used_is_one_line_with_the_way_out(
    path: Path,
) -> None:
    records = OpenRecords(path)
    with pytest.raises(StoreError, match=r"nothing is stored yet: there is no .* see `store`"):
        records.existing()
    path.parent.mkdir()
    path.write_bytes(b"not a store" * 100)
    with pytest.raises(StoreError, match="is not a store of classify: name another with `store`"):
        records.get("write")
    assert path.read_bytes() == b"not a store" * 100
