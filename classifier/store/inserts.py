"""Inserts that several transactions share: judgement sets and failures."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict

from classifier.models import Usage
from classifier.store.database import Database, encoded, json_list
from classifier.store.records import FailureRecord, JudgementSet


def insert_set(
    db: Database, connection: sqlite3.Connection, sheet: JudgementSet, detail: bytes
) -> int:
    """Insert a set; `detail` is the packed set, made before the transaction began."""
    numbers = db.intern([sheet.scorer, sheet.article, *sheet.judgements])
    scorer, article = numbers[sheet.scorer], numbers[sheet.article]
    number = connection.execute(
        "INSERT INTO sheets (scorer, article, judged_at, run, usage, detail)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (scorer, article, sheet.judged_at, sheet.run, usage_json(sheet.usage), detail),
    ).lastrowid
    assert number is not None
    connection.executemany(
        "INSERT INTO pairs VALUES (?, ?, ?, ?, ?, ?)",
        [
            (scorer, article, numbers[c], number, j.confidence, j.exclusion is not None)
            for c, j in sheet.judgements.items()
        ],
    )
    return number


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
