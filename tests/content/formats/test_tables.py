from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from classifier.content.formats.extract import Extract, UnreadableError
from classifier.content.formats.tables import Columns, read

ROWS = [
    {"key": "a", "body": "# Rye\n\nRye bread rises.", "title": "Rye", "lang": "en"},
    {"key": "b", "body": 'Says "no", twice,\nin two lines.', "title": "", "lang": ""},
]
PARQUET = pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])


def _table(path: Path, rows: Sequence[dict[str, object]]) -> Path:
    if path.suffix == ".parquet":
        pyarrow = pytest.importorskip("pyarrow")
        from pyarrow import parquet

        parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    else:
        import csv

        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(
                file, list(rows[0]), delimiter="\t" if path.suffix == ".tsv" else ","
            )
            writer.writeheader()
            writer.writerows(rows)
    return path


@PARQUET
def test_rows_of_every_kind_of_table_are_the_same(tmp_path: Path, suffix: str) -> None:
    path = _table(tmp_path / f"rows{suffix}", ROWS)
    items = list(read(path, Columns(id="key")))
    assert [item.name for item in items] == ["a", "b"]
    for item, row in zip(items, ROWS, strict=True):
        assert isinstance(item.content, Extract)
        assert item.content.body == row["body"]
        assert item.content.text == row["body"]  # offsets are those of the cell
    first = items[0].content
    assert isinstance(first, Extract)
    assert first.meta == {"title": "Rye", "lang": "en"}


@PARQUET
def test_a_column_that_is_not_there_is_named_with_those_that_are(
    tmp_path: Path, suffix: str
) -> None:
    path = _table(tmp_path / f"rows{suffix}", ROWS)
    try:
        problems = [str(item.content) for item in read(path, Columns(text="txet"))]
    except UnreadableError as error:
        problems = [str(error)]
    assert all("no column 'txet'" in it and "'body'" in it for it in problems)
    assert problems


def test_a_number_is_an_id_and_no_text(tmp_path: Path) -> None:
    path = _table(tmp_path / "rows.jsonl", [{"id": 7, "text": "Rye."}, {"id": 8, "text": 3}])
    good, bad = read(path, Columns())
    assert (good.name, bad.name) == ("7", "8")
    assert isinstance(good.content, Extract)
    assert bad.content == "column 'text' has int, not a text"


def test_a_line_that_is_no_json_is_one_row(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "Rye."}\n{"text": \n[1]\n\n{"text": "Wheat."}\n', "utf-8")
    assert [
        item.content if isinstance(item.content, str) else "" for item in read(path, Columns())
    ] == [
        "",
        "no JSON",
        "no JSON object",
        "",
    ]


def test_a_cell_that_is_too_long_for_csv_says_what_helps(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text\nshort\n" + "x" * 200_000 + "\n", "utf-8")
    items = read(path, Columns())
    assert next(items).name == "row 1"
    with pytest.raises(UnreadableError, match=r"131,072 characters; JSON Lines"):
        next(items)


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
def test_a_table_without_a_line_is_empty(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"rows{suffix}"
    path.write_bytes(b"")
    with pytest.raises(UnreadableError, match=r"^is empty$"):
        list(read(path, Columns()))
