"""Inserts that several transactions share: judgement sets and failures."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import chain
from typing import Final

from classifier.models import Usage
from classifier.store.database import IN_LIST, Database, damaged, encoded, json_list
from classifier.store.records import FailureRecord, HeldBack, JudgementSet

_LAST_SET: Final = 2**62
"""No store of ours counts so far."""


def insert_sets(
    db: Database, connection: sqlite3.Connection, packed: Sequence[tuple[JudgementSet, bytes]]
) -> list[int]:
    """Insert sets, each with its packed form; return their numbers.

    A few statements whatever their number: other threads may take their turn at each one.
    """
    if not packed:
        return []
    ids = db.intern(
        {
            name
            for judged, _ in packed
            for name in (judged.scorer, judged.article, *judged.judgements)
        }
    )
    ((last,),) = connection.execute("SELECT COALESCE(MAX(id), 0) FROM sheets")
    if last >= _LAST_SET:
        raise damaged(db.path)
    numbers = list(range(last + 1, last + 1 + len(packed)))
    sheets, pairs = [], []
    for number, (judged, detail) in zip(numbers, packed, strict=True):
        scorer, article = ids[judged.scorer], ids[judged.article]
        sheets.append(
            (
                number,
                scorer,
                article,
                judged.judged_at,
                judged.run,
                usage_json(judged.usage),
                detail,
            )
        )
        pairs += [
            (scorer, article, ids[c], number, j.confidence, j.exclusion is not None)
            for c, j in judged.judgements.items()
        ]
    _insert(connection, "sheets (id, scorer, article, judged_at, run, usage, detail)", sheets)
    _insert(connection, "pairs (scorer, article, category, sheet, confidence, excluded)", pairs)
    return numbers


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    if not rows:
        return
    row = f"({', '.join('?' * len(rows[0]))})"
    at_once = connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) // len(rows[0])
    for start in range(0, len(rows), at_once):
        some = rows[start : start + at_once]
        connection.execute(
            f"INSERT INTO {table} VALUES {', '.join([row] * len(some))}", list(chain(*some))
        )


def withdraw_sets(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Delete the judgements of sets; what they cost is no longer counted with them."""
    listed = json_list(numbers)
    connection.execute(
        "DELETE FROM pairs WHERE (scorer, article, sheet) IN"
        f" (SELECT scorer, article, id FROM sheets WHERE id IN {IN_LIST})",
        (listed,),
    )
    connection.execute(
        f"UPDATE sheets SET usage = ? WHERE id IN {IN_LIST}", (usage_json(Usage()), listed)
    )


def insert_held(
    db: Database, connection: sqlite3.Connection, rows: Iterable[HeldBack], *, at: float
) -> None:
    """Insert answers that are not trusted, each in place of the one before about its pair."""
    rows = list(rows)
    ids = db.intern({n for row in rows for n in (row.scorer, row.article, row.category)})
    connection.executemany(
        "INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, CAST(? AS TEXT), ?)",
        [
            (
                ids[row.scorer],
                ids[row.article],
                ids[row.category],
                row.failure.reason,
                encoded(row.failure.message),
                at,
            )
            for row in rows
        ],
    )


def insert_failure(db: Database, connection: sqlite3.Connection, miss: FailureRecord) -> None:
    numbers = db.intern([miss.scorer] if miss.article is None else [miss.scorer, miss.article])
    connection.execute(
        "INSERT INTO failures (scorer, path, article, failed_at, reason, message,"
        " categories, run, usage)"
        " VALUES (?, CAST(? AS TEXT), ?, ?, ?, CAST(? AS TEXT), CAST(? AS TEXT), ?, ?)",
        (
            numbers[miss.scorer],
            encoded(miss.path),
            None if miss.article is None else numbers[miss.article],
            miss.failed_at,
            miss.failure.reason,
            encoded(miss.failure.message),
            json_list(miss.failure.categories),
            miss.run,
            usage_json(miss.usage),
        ),
    )


def usage_json(usage: Usage) -> str:
    return json.dumps(asdict(usage))
