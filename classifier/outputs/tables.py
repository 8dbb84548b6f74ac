"""Rows as a data file, in the format its name ends in; documented in docs/data.md."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, TypeAlias

from classifier.errors import OutputError
from classifier.outputs import files
from classifier.outputs.rows import Column, Type
from classifier.sanitize import escape_json

_Rows: TypeAlias = Iterable[Mapping[str, Any]]

_BATCH: Final = 5_000
"""Rows in a row group of Parquet: all that is in memory at a time."""


def check(path: Path) -> None:
    """Raise OutputError where the ending of `path` says that `write` cannot write it."""
    suffix = path.suffix.lower()
    if suffix not in _WRITERS:
        raise OutputError(
            f"unknown format {str(path)!r}: name a file that ends in .jsonl, .csv or .parquet"
        )
    if suffix == ".parquet":
        _need_pyarrow(path)


def write(path: Path, rows: _Rows, columns: Sequence[Column]) -> int:
    """Write the rows in the format `path` ends in, and return how many there were.

    The rows are pulled as they are written and appear as a whole at the end; where they raise, or
    cannot be written, what was there stays. What is not in `columns` is left out. Raises
    OutputError, as far as it can be known before the first row is pulled.
    """
    check(path)
    counted = _Counted(rows)
    with files.replacing(path, "wb") as file:
        _WRITERS[path.suffix.lower()](file, counted, columns)
    return counted.number


class _Counted:
    def __init__(self, rows: _Rows) -> None:
        self._rows = rows
        self.number = 0

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        for row in self._rows:
            self.number += 1
            yield row


def _write_jsonl(file: IO[bytes], rows: _Rows, columns: Sequence[Column]) -> None:
    names = [column.name for column in columns]
    for row in rows:
        text = _json({name: row[name] for name in names})
        file.write(text.encode() + b"\n")


def _json(value: object) -> str:
    return escape_json(_TO_JSON.encode(value))


# json.dumps makes one for each call, which takes as long again as a row's small values.
_TO_JSON: Final = json.JSONEncoder(ensure_ascii=False)


# CSV

# Controls have no place in a spreadsheet and break some readers; half a surrogate pair cannot be
# written at all.
_UNFIT_FOR_CSV: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# What makes a spreadsheet run a cell as a formula (OWASP, "CSV Injection"). Those already behind an
# apostrophe get another one, so that taking one away gives back the text, whatever it was.
# Where a spreadsheet parts cells by another sign than a comma, one begins behind that sign or a
# line break, whatever our quotation marks say.
_FORMULA: Final = re.compile(
    "(?:^|(?<=[;\t\r\n]))(?=[ ']*[=+\\-@\uff1d\uff0b\uff0d\uff20])|^(?='*[\t\r\n])"
)


def _write_csv(file: IO[bytes], rows: _Rows, columns: Sequence[Column]) -> None:
    import csv

    line = _Encoded(file)
    writer = csv.writer(line, lineterminator="\r\n")
    writer.writerow([column.name for column in columns])
    plan = [(column.name, _CSV_CELLS.get(column.type, _csv_json)) for column in columns]
    for row in rows:
        cells = ((row[name], to_cell) for name, to_cell in plan)
        writer.writerow("" if value is None else to_cell(value) for value, to_cell in cells)


@dataclass(frozen=True, slots=True)
class _Encoded:
    """The little of a text file that csv needs; a TextIOWrapper would close `file` behind us."""

    file: IO[bytes]

    def write(self, text: str, /) -> int:
        return self.file.write(text.encode())


def _csv_text(text: str) -> str:
    return _FORMULA.sub("'", _UNFIT_FOR_CSV.sub("\ufffd", text))


def _csv_json(value: object) -> str:
    """Write JSON in which no cell can begin, with `;` as an escape."""
    return _json(value).replace(";", r"\u003b")


_CSV_CELLS: Final[Mapping[Type, Callable[[Any], str]]] = {
    "text": _csv_text,
    "number": repr,
    "integer": str,
    "flag": lambda value: "true" if value else "false",
    "time": str,
}
"""The others, which are nested, are written as JSON."""


# Parquet


def _need_pyarrow(path: Path) -> None:
    try:
        import pyarrow.parquet  # noqa: F401 - asks whether it works, not only whether it is there
    except ImportError as error:
        raise OutputError(
            f"{str(path)!r} needs pyarrow: pip install 'category-classifier[parquet]', "
            "or name a .csv or .jsonl file"
        ) from error


def _write_parquet(file: IO[bytes], rows: _Rows, columns: Sequence[Column]) -> None:
    import pyarrow.parquet as pq

    with pq.ParquetWriter(file, _schema(columns), compression="zstd") as writer:
        pulled = iter(rows)
        while batch := list(islice(pulled, _BATCH)):
            writer.write_table(to_arrow(batch, columns))


def to_arrow(rows: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> Any:
    """Return the rows as an Arrow table."""
    import pyarrow as pa

    schema = _schema(columns)
    arrays = [_arrow([row[field.name] for row in rows], field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _schema(columns: Sequence[Column]) -> Any:
    import pyarrow as pa

    types = _arrow_types()
    return pa.schema([(column.name, types[column.type]) for column in columns])


def _arrow_types() -> dict[Type, Any]:
    import pyarrow as pa

    text, number, integer, flag = pa.string(), pa.float64(), pa.int64(), pa.bool_()
    return {
        "text": text,
        "number": number,
        "integer": integer,
        "flag": flag,
        "time": pa.timestamp("ms", tz="UTC"),
        "texts": pa.list_(text),
        "numbers": pa.list_(number),
        "aspects": pa.map_(text, number),
        "evidence": pa.list_(
            pa.struct([("text", text), ("start", integer), ("end", integer), ("verified", flag)])
        ),
        "failures": pa.list_(
            pa.struct([("reason", text), ("message", text), ("categories", pa.list_(text))])
        ),
        "judgements": pa.list_(_judgement_type()),
    }


def _judgement_type() -> Any:
    import pyarrow as pa

    text, number, integer = pa.string(), pa.float64(), pa.int64()
    quote = pa.struct([("text", text), ("start", integer), ("end", integer)])
    return pa.struct(
        [
            ("category", text),
            ("definition", text),
            ("confidence", number),
            ("confidence_kind", text),
            ("scorer", text),
            ("aspects", pa.map_(text, number)),
            ("exclusion", text),
            ("reasoning", text),
            ("evidence", pa.list_(quote)),
            ("pack", pa.list_(text)),
            ("summary", text),
            ("penalty", text),
            ("judged_at", number),
        ]
    )


def _arrow(values: list[Any], type_: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_timestamp(type_):
        return pa.array(values, pa.string()).cast(type_)
    if pa.types.is_map(type_):
        values = [None if value is None else list(value.items()) for value in values]
    try:
        return pa.array(values, type_)
    except UnicodeEncodeError:  # rare, so only then is every value looked through
        return pa.array([_encodable(value) for value in values], type_)


_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def _encodable(value: Any) -> Any:
    match value:
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case list():
            return [_encodable(item) for item in value]
        case tuple():
            return tuple(_encodable(item) for item in value)
        case dict():
            return {key: _encodable(item) for key, item in value.items()}
        case _:
            return value


_WRITERS: Final[Mapping[str, Callable[[IO[bytes], _Rows, Sequence[Column]], None]]] = {
    ".jsonl": _write_jsonl,
    ".csv": _write_csv,
    ".parquet": _write_parquet,
}
