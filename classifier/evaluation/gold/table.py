"""Gold labels from a table of pairs: CSV, TSV or JSON Lines."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from classifier import small_files
from classifier.content import articles
from classifier.content.discovery import SUFFIXES
from classifier.errors import UsageError
from classifier.evaluation.gold.resolve import Claim, ClaimColumn, quoted_list
from classifier.models import Level
from classifier.settings.trust import checkout
from classifier.wording import count

JSON_LINES: Final = (".jsonl", ".ndjson")
SEPARATED: Final = (".csv", ".tsv")

_ARTICLE: Final = ("article", "path", "file", "article_path", "article_slug")
_CATEGORY: Final = ("category", "category_id", "category_title", "tag", "label")
_VALUE: Final = ("value", "belongs", "level", "label", "verdict", "truth")
"""`label` names the category if no other column does."""
_NOTE: Final = ("note", "reason", "reasoning", "comment")
_WORDS: Final = {
    "true": True,
    "yes": True,
    "accepted": True,
    "false": False,
    "no": False,
    "rejected": False,
    "quaternary": False,  # some sites have a level between Tertiary and Ignored
    **{level.lower(): level in (Level.PRIMARY, Level.SECONDARY) for level in Level},
}
_SEPARATOR: Final = re.compile(r"sep=([,;\t])\r?(?:\n|\Z)", re.IGNORECASE)
"""A first line that tells spreadsheets what separates cells."""


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    article: str
    labels: tuple[str, ...]
    value: str | None
    """None without such a column; empty if the cell is empty."""
    note: str


@dataclass(slots=True)
class TableLabels:
    """The labels of a table."""

    column: ClaimColumn
    missing: list[str] = field(default_factory=list)
    """Articles that do not exist."""
    without_value: int = 0
    """Rows without a value in a table that has values."""

    def warnings(self, source: str) -> list[str]:
        found: list[str] = []
        if self.missing:
            found.append(
                f"{source!r}: left out {count(len(self.missing), 'missing article')}: "
                f"{quoted_list(self.missing)}"
            )
        if self.without_value:
            found.append(f"{source!r}: left out {count(self.without_value, 'row')} without a value")
        return found


def read_table(source: Path, content: Path | None) -> TableLabels:
    """Read a table. Articles are looked for beside it, in the working directory and in `content`.

    A table may come from strangers: it names no article outside of these and their checkouts.

    Raises:
        UsageError: The file or one of its rows cannot be understood, or names an article elsewhere.
    """
    text = _text(source)
    records = _json_lines(text, source) if _is_json(source) else _separated(text, source)
    rows = [_row(number, record, source) for number, record in records]
    if not rows:
        raise UsageError(f"{str(source)!r} has no rows")
    with_values = any(row.value is not None for row in rows)
    if with_values and not any(row.value for row in rows):
        raise UsageError(f"{str(source)!r}: no row has a value: fill them in, or drop that column")
    files = _Files([source.parent, Path(), *([content] if content else [])])
    claims: dict[str, list[Claim]] = {}
    missing: dict[str, None] = {}
    without_value = 0
    for row in rows:
        article = files.find(row.article, f"{str(source)!r}, row {row.number}")
        if article is None:
            missing[row.article] = None
            continue
        of_article = claims.setdefault(article, [])
        if with_values and not row.value:
            without_value += 1
            continue
        where = f"{str(source)!r}, row {row.number}"
        belongs = _belongs(row.value, where) if row.value else True
        of_article += (Claim(label, belongs, where, row.note) for label in row.labels)
    column = ClaimColumn(name=source.name, kinds=None, complete=not with_values, claims=claims)
    return TableLabels(column, list(missing), without_value)


def _is_json(source: Path) -> bool:
    return source.suffix.lower() in JSON_LINES


def _text(source: Path) -> str:
    try:
        small_files.refuse_pipe(source)
        return source.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{str(source)!r} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{str(source)!r} is not UTF-8: save it with that encoding") from None


# --- rows -----------------------------------------------------------------------------------------


def _separated(text: str, source: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield (row, record) with rows as a spreadsheet numbers them: the header is row 1."""
    named = _SEPARATOR.match(text)
    # Spreadsheets of half the world write semicolons.
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = named[1] if named else max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    header: list[str] = []
    try:
        for number, cells in enumerate(reader, 1):
            if (named and number == 1) or not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = [cell.strip().lower() for cell in cells]
                _check_header(header, source)
            elif any(cells[len(header) :]):
                raise UsageError(
                    f"{str(source)!r}, row {number}: {len(cells)} cells under {len(header)} "
                    "headings: quote a cell that has a comma in it"
                )
            else:  # spreadsheets leave out empty cells at the end of a row, or add some
                padded = [*cells, *[""] * len(header)]
                yield number, dict(zip(header, padded, strict=False))
    except csv.Error as error:
        raise UsageError(f"{str(source)!r}, row {number + 1}: {error}") from None


def _check_header(header: list[str], source: Path) -> None:
    for what, names in (("articles", _ARTICLE), ("categories", _CATEGORY)):
        if not any(name in header for name in names):
            raise UsageError(
                f"{str(source)!r}: no column of {what} in its first row: call one {names[0]!r}"
            )


def _json_lines(text: str, source: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{str(source)!r}, row {number}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            raise UsageError(f"{where} is not JSON") from None
        if not isinstance(record, dict):
            raise UsageError(f"{where}: expected an object with 'article' and 'category'")
        record = {key.lower(): value for key, value in record.items()}
        for names in (_ARTICLE, _CATEGORY):
            if not any(name in record for name in names):
                raise UsageError(f"{where} has no {names[0]!r}")
        yield number, record


def _row(number: int, record: Mapping[str, Any], source: Path) -> _Row:
    article = next(record[name] for name in _ARTICLE if name in record)
    column = next(name for name in _CATEGORY if name in record)
    labels = record[column] if isinstance(record[column], list) else [record[column]]
    values = (_stripped(record[name]) for name in _VALUE if name in record and name != column)
    note = next((record[name] for name in _NOTE if name in record), None)
    if not _stripped(article):
        raise UsageError(f"{str(source)!r}, row {number} names no article")
    return _Row(
        number=number,
        article=_stripped(article),
        labels=tuple(filter(None, map(_stripped, labels))),
        value=next(values, None),
        note=_stripped(note),
    )


def _stripped(value: object) -> str:
    return "" if value is None else str(value).strip()


def _belongs(value: str, where: str) -> bool:
    known = _WORDS.get(value.lower())
    if known is not None:
        return known
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise UsageError(
            f"{where}: value {value!r}: expected true or false, yes or no, a number from 0 to 1, "
            "or a level"
        )
    return number >= 0.5


# --- articles -------------------------------------------------------------------------------------


class _Files:
    """Finds files by reference; a file has one name, however it is referred to."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self._roots = list(roots)
        own = [os.path.abspath(root) for root in self._roots]  # noqa: PTH100
        self._inside = dict.fromkeys([*own, *(str(checkout(root)) for root in self._roots)])
        self._found: dict[str, str | None] = {}
        self._names: dict[str, str] = {}

    def find(self, reference: str, where: str) -> str | None:
        """Return the path of an article, None where there is none.

        Raises UsageError, which says `where`, for one outside.
        """
        if reference not in self._found:
            self._found[reference] = self._find(reference, where)
        return self._found[reference]

    def _find(self, reference: str, where: str) -> str | None:
        # A table and a file system may differ in how they compose letters.
        forms = (unicodedata.normalize(form, reference) for form in ("NFC", "NFD"))
        names = [
            name + end for name in dict.fromkeys((reference, *forms)) for end in ("", *SUFFIXES)
        ]
        for root in self._roots:
            for name in names:
                path = root / name
                # os.path: a reference that no file can be called is one that is not found
                if os.path.exists(path) and (file := articles.file_of(path)):  # noqa: PTH110
                    if not self._is_inside(file):
                        raise UsageError(
                            f"{where}: {reference[:200]!r} is outside the project: name the folder "
                            "of its articles with `content`, or move the table there"
                        )
                    return self._names.setdefault(os.path.realpath(file), file.as_posix())
        return None

    def _is_inside(self, file: Path) -> bool:
        places = [Path(os.path.abspath(file)), Path(os.path.realpath(file))]  # noqa: PTH100
        return any(place.is_relative_to(folder) for place in places for folder in self._inside)
