"""Tables of categories with a parent column, such as the IAB Content Taxonomy."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Final

from classifier.taxonomy.vocabularies.entries import (
    Concept,
    UnreadableVocabularyError,
    VocabularyEntry,
    entries,
)

_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("unique id", "id", "code", "notation", "key", "slug"),
    "parent": ("parent", "parent id", "broader"),
    "title": ("name", "title", "label", "preflabel"),
    "description": ("description", "definition", "scope"),
    "aliases": ("aliases", "altlabel", "synonyms"),
    "kind": ("kind", "classificationtype"),
}
_HEADER_WITHIN: Final = 5
"""Lines: IAB's files have a line of headings above that of the columns."""


def read(data: bytes, *, kind: str) -> list[VocabularyEntry]:
    """Read comma- or tab-separated values; `kind` is for tables without a column for it.

    Raises:
        UnreadableVocabularyError: There are no columns for a name and a parent, or it is not UTF-8.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableVocabularyError("not UTF-8; save it with that encoding") from None
    head = text.split("\n", _HEADER_WITHIN)[:_HEADER_WITHIN]
    delimiter = max("\t,;", key=lambda sign: sum(line.count(sign) for line in head))
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise UnreadableVocabularyError(f"cannot be read as a table: {error}") from None
    for n, row in enumerate(rows[:_HEADER_WITHIN]):
        columns = _columns(row)
        if "title" in columns and "parent" in columns:
            return entries(_concepts(rows[n + 1 :], columns, kind))
    raise UnreadableVocabularyError(
        "expected a table with columns `name` and `parent`, and `id` for parents by id"
    )


def _columns(row: Sequence[str]) -> dict[str, int]:
    names = [" ".join(re.sub(r"[_\s-]+", " ", cell).split()).casefold() for cell in row]
    found: dict[str, int] = {}
    for column, known in _COLUMNS.items():
        for name in known:
            if name in names:
                found[column] = names.index(name)
                break
    return found


def _concepts(
    rows: Sequence[Sequence[str]], columns: Mapping[str, int], kind: str
) -> list[Concept]:
    def cell(row: Sequence[str], column: str) -> str:
        n = columns.get(column, len(row))
        return row[n].strip() if n < len(row) else ""

    return [
        Concept(
            key=cell(row, "code") or cell(row, "title"),
            kind=cell(row, "kind").replace("/", "-").casefold() or kind.casefold(),
            code=cell(row, "code"),
            title=cell(row, "title"),
            aliases=[
                name for part in re.split(r"[|;]", cell(row, "aliases")) if (name := part.strip())
            ],
            description=cell(row, "description"),
            parents=[parent] if (parent := cell(row, "parent")) else [],
        )
        for row in rows
        if cell(row, "title")
    ]
