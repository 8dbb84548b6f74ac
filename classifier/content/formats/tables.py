"""Rows of CSV, TSV, JSON Lines and Parquet files: each is an article."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from classifier import small_files
from classifier.content.formats.extract import LARGEST, Extract, Item, UnreadableError, named
from classifier.content.front_matter import reading
from classifier.content.front_matter.reading import FrontMatterError

_TEXT: Final = ("text", "body", "content")
_ID: Final = ("id", "path", "url")
_DESCRIPTION: Final = ("description", "summary")
_LANGUAGE: Final = ("language", "lang")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Names of columns; empty: the usual ones, where the table has them."""

    text: str = ""
    id: str = ""
    title: str = ""
    description: str = ""
    language: str = ""

    def among(self, names: Sequence[str]) -> Columns:
        """Return the columns that are there. Raises UnreadableError if a named one is not."""
        return Columns(
            text=_column(self.text, _TEXT, names, "text"),
            id=_column(self.id, _ID, names),
            title=_column(self.title, ("title",), names),
            description=_column(self.description, _DESCRIPTION, names),
            language=_column(self.language, _LANGUAGE, names),
        )


def read(path: Path, columns: Columns) -> Iterator[Item]:
    """Yield the rows of a table, from the first on. Raises UnreadableError, OSError."""
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        yield from _numbered(_parquet(path, columns))
        return
    small_files.refuse_pipe(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            if suffix in (".jsonl", ".ndjson"):
                yield from _numbered(_json_lines(file, columns))
            else:
                yield from _numbered(_separated(file, columns, "\t" if suffix == ".tsv" else ","))
        except UnicodeDecodeError:
            raise UnreadableError("is not UTF-8; save it as UTF-8") from None


_Row = tuple[Mapping[str, Any], Columns] | str
"""Cells and the columns to read, or what is wrong with the row."""


def _numbered(rows: Iterable[_Row]) -> Iterator[Item]:
    for number, row in enumerate(rows, 1):
        name = f"row {number}"
        if isinstance(row, str):
            yield Item(name, row)
            continue
        yield item(name, *row)


def item(number: str, cells: Mapping[str, Any], columns: Columns) -> Item:
    """Return the article of a row; it is called `number` where it has no id."""
    written = cells.get(columns.id)
    id_ = "" if isinstance(written, float) and written != written else _text(written)  # noqa: PLR0124 - NaN
    return Item(id_ or number, _extract(cells, columns))


def _extract(cells: Mapping[str, Any], columns: Columns) -> Extract | str:
    text = cells.get(columns.text)
    if not isinstance(text, str):
        what = "is empty" if text is None else f"has {type(text).__name__}, not a text"
        return f"column {columns.text!r} {what}"
    if len(text) > LARGEST:
        return f"column {columns.text!r} has more than {LARGEST // 10**6} million characters"
    try:
        front = reading.parse(text)
    except FrontMatterError as error:
        return str(error)
    said = named(
        title=_text(cells.get(columns.title)),
        description=_text(cells.get(columns.description)),
        lang=_text(cells.get(columns.language)),
    )
    return Extract(
        body=front.body, meta={**front.meta, **said}, text=text, body_start=front.body_start
    )


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, list | dict) else str(value).strip()


def _column(wanted: str, usual: Sequence[str], names: Sequence[str], needed: str = "") -> str:
    if wanted:
        if wanted in names:
            return wanted
        problem = f"has no column {wanted!r}"
    else:
        by_name = {name.casefold(): name for name in reversed(names)}
        found = next((by_name[name] for name in usual if name in by_name), "")
        if found or not needed:
            return found
        problem = f"has no column {' or '.join(map(repr, usual))} to judge"
    if not names:
        raise UnreadableError("is empty")
    shown = ", ".join(repr(name[:40]) for name in names[:20])
    raise UnreadableError(f"{problem}, only {shown}: name yours in the settings, [table]")


def _separated(file: Iterable[str], columns: Columns, separator: str) -> Iterator[_Row]:
    lines = csv.reader(file, delimiter=separator)
    try:
        names = next(lines, [])
        found = columns.among(names)
        for cells in lines:
            if cells:
                yield dict(zip(names, cells, strict=False)), found
    except csv.Error as error:
        limit = csv.field_size_limit()
        what = f"a cell has more than {limit:,} characters" if "limit" in str(error) else str(error)
        raise UnreadableError(
            f"cannot be read from line {lines.line_num:,} on: {what}; JSON Lines have no such limit"
        ) from None


def _json_lines(file: io.TextIOBase, columns: Columns) -> Iterator[_Row]:
    while line := file.readline(LARGEST + 1):
        if len(line) > LARGEST:
            raise UnreadableError(f"has a line of more than {LARGEST // 10**6} million characters")
        if line.isspace():
            continue
        try:
            cells = json.loads(line)
        except (ValueError, RecursionError):
            yield "no JSON"
            continue
        if not isinstance(cells, dict):
            yield "no JSON object"
            continue
        try:
            found = columns.among(list(cells))
        except UnreadableError as error:
            yield str(error)
            continue
        yield cells, found


def _parquet(path: Path, columns: Columns) -> Iterator[_Row]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        needed = "pip install 'category-classifier[parquet]'"
        raise UnreadableError(f"is Parquet, which needs an extra: {needed}") from None
    try:
        with parquet.ParquetFile(path) as file:
            found = columns.among(file.schema_arrow.names)
            read = [it for it in (found.text, found.id, found.title) if it]
            read += [it for it in (found.description, found.language) if it]
            for batch in file.iter_batches(batch_size=256, columns=list(dict.fromkeys(read))):
                for cells in batch.to_pylist():
                    yield cells, found
    except ArrowException as error:
        problem = " ".join(str(error).split())[:200]
        raise UnreadableError(f"cannot be read as Parquet: {problem}") from None
