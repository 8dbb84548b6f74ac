"""Files that hold many articles: ids, failures of single entries, and what a file may not do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from classifier.content.collections import articles_in, is_collection
from classifier.content.formats.tables import Columns
from classifier.models import Article, Failure


def _read(path: Path, **columns: str) -> Mapping[str, Article | Failure]:
    found = list(articles_in(path, Columns(**columns)))
    return {id_.removeprefix(path.as_posix()): it for id_, it in found}


def test_what_has_many_articles_is_known_by_its_ending() -> None:
    assert all(map(is_collection, map(Path, ("a.csv", "a.MBOX", "a.jsonl", "a.rss", "a.xml"))))
    assert not any(map(is_collection, map(Path, ("a.md", "a.html", "a", "csv"))))


def test_an_entry_is_named_by_the_file_and_otherwise_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("id,text\nrye,Rye bread rises.\n,Wheat bread rises.\n", "utf-8")
    found = _read(path)
    assert list(found) == ["#rye", "#row 2"]
    rye = found["#rye"]
    assert isinstance(rye, Article)
    assert (rye.id, rye.title, rye.body) == (f"{path.as_posix()}#rye", "", "Rye bread rises.")


def test_an_id_that_comes_twice_is_a_failure_of_the_second(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("id,text\nrye,Rye bread rises.\nrye,Wheat bread rises.\n", "utf-8")
    first, second = articles_in(path, Columns())
    assert isinstance(first[1], Article)
    assert isinstance(second[1], Failure)
    assert "earlier entry" in second[1].message


def test_an_entry_without_text_is_one_failure_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text('{"id": "a", "text": " "}\n{"id": "b", "text": "Rye bread."}\n', "utf-8")
    found = _read(path)
    assert isinstance(found["#a"], Failure)
    assert f"{path.as_posix()}#a" in found["#a"].message
    assert isinstance(found["#b"], Article)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet", "a.mbox", "a.rss", "a.xml"])
def test_a_file_of_noise_is_failures_and_never_an_error(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\xff\xfe\x00\x01 {[<" * 50)
    (*_, (id_, failure)) = articles_in(path, Columns())
    assert isinstance(failure, Failure)
    assert path.as_posix() in failure.message
    assert path.as_posix() in id_


def test_a_file_that_is_not_there_is_one_failure(tmp_path: Path) -> None:
    ((_, failure),) = articles_in(tmp_path / "none.csv", Columns())
    assert isinstance(failure, Failure)
