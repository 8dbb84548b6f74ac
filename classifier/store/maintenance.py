"""Maintenance of the store: counts, deleting what nothing needs any more, checks for damage."""

from __future__ import annotations

import json
from collections.abc import Collection

from classifier.errors import StoreError
from classifier.models import Usage
from classifier.store.database import IN_LIST, Database, json_list
from classifier.store.records import unpack

_COUNTS = {
    "judgements": "SELECT COUNT(*) FROM pairs",
    "pairs": "SELECT COUNT(*) FROM (SELECT DISTINCT scorer, article, category FROM pairs)",
    "articles": "SELECT COUNT(DISTINCT article) FROM pairs",
    "categories": "SELECT COUNT(DISTINCT category) FROM pairs",
    "scorers": "SELECT COUNT(DISTINCT scorer) FROM pairs",
    "failures": "SELECT COUNT(*) FROM failures",
    "runs": "SELECT COUNT(*) FROM runs",
    "files": "SELECT COUNT(*) FROM files WHERE current",
    "verdicts": "SELECT COUNT(*) FROM verdicts",
    "vectors": "SELECT COUNT(*) FROM vectors",
    "bytes": "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
}

_GARBAGE = f"""
    SELECT * FROM (
        SELECT scorer, article, category, sheet, CASE
            WHEN sheet < MAX(sheet) OVER (PARTITION BY scorer, article, category)
                THEN 'superseded'
            WHEN article IN (SELECT article FROM files GROUP BY article
                    HAVING NOT MAX(current AND path NOT IN {IN_LIST}))
                THEN 'article gone'
            WHEN ? AND category NOT IN (SELECT id FROM names WHERE name IN {IN_LIST})
                THEN 'category gone'
        END AS why FROM pairs)
    WHERE why IS NOT NULL
"""

_COLLECT = (
    "DELETE FROM sheets WHERE id NOT IN (SELECT sheet FROM pairs)",
    "DELETE FROM failures WHERE id NOT IN (SELECT MAX(id) FROM failures GROUP BY scorer, path)",
    "DELETE FROM failures WHERE path IN"
    " (SELECT path FROM files GROUP BY path HAVING NOT MAX(current))",
    "DELETE FROM files WHERE NOT current",
    # Both say that pairs need no check; some of these pairs are gone now.
    "DELETE FROM covered",
    "UPDATE runs SET key = ''",
    "DELETE FROM names WHERE id NOT IN (SELECT scorer FROM pairs UNION SELECT article FROM pairs"
    " UNION SELECT category FROM pairs UNION SELECT scorer FROM failures"
    " UNION SELECT article FROM failures WHERE article IS NOT NULL"
    " UNION SELECT article FROM files UNION SELECT scorer FROM runs)",
)


def stats(db: Database) -> dict[str, int]:
    return {name: db.read(sql)[0][0] for name, sql in _COUNTS.items()}


def scorers(db: Database) -> list[tuple[str, int, float, Usage]]:
    rows = db.read(
        "SELECT n.id, n.name, (SELECT COUNT(*) FROM pairs WHERE scorer = n.id), MAX(at)"
        " FROM (SELECT scorer, judged_at AS at FROM sheets UNION ALL"
        " SELECT scorer, failed_at FROM failures WHERE json_extract(usage, '$.calls') > 0) t"
        " JOIN names n ON n.id = t.scorer GROUP BY n.id ORDER BY 4 DESC"
    )
    return [(name, count, latest, _usage(db, number)) for number, name, count, latest in rows]


def _usage(db: Database, scorer: int) -> Usage:
    rows = db.read(
        "SELECT usage FROM sheets WHERE scorer = ?"
        " UNION ALL SELECT usage FROM failures WHERE scorer = ?",
        (scorer, scorer),
    )
    return sum((Usage(**json.loads(usage)) for (usage,) in rows), Usage())


def garbage(
    db: Database, categories: Collection[str] | None, gone: Collection[str] = ()
) -> dict[str, int]:
    return dict(
        db.read(
            f"SELECT why, COUNT(*) FROM ({_GARBAGE}) GROUP BY why", _parameters(categories, gone)
        )
    )


def collect(db: Database, categories: Collection[str] | None) -> dict[str, int]:
    with db.write() as connection:
        counts = garbage(db, categories)
        connection.execute(
            "DELETE FROM pairs WHERE (scorer, article, category, sheet) IN"
            f" (SELECT scorer, article, category, sheet FROM ({_GARBAGE}))",
            _parameters(categories),
        )
        for statement in _COLLECT:
            connection.execute(statement)
    db.compact()
    return counts


def _parameters(
    categories: Collection[str] | None, gone: Collection[str] = ()
) -> tuple[object, ...]:
    return json_list(gone), categories is not None, json_list(categories or ())


def verify(db: Database) -> list[str]:
    try:
        wrong = [line for (line,) in db.read("PRAGMA integrity_check") if line != "ok"]
        numbers = db.read("SELECT id FROM sheets")
        (lost,) = db.read("SELECT COUNT(*) FROM pairs WHERE sheet NOT IN (SELECT id FROM sheets)")
        if lost[0]:
            wrong.append(f"{lost[0]:,} judgements have lost their details")
        return wrong + [line for (number,) in numbers for line in _damage(db, number)]
    except StoreError as error:
        return [str(error)]


def _damage(db: Database, sheet: int) -> list[str]:
    rows = db.read(
        "SELECT n.name, p.confidence FROM sheets s JOIN pairs p ON p.scorer = s.scorer"
        " AND p.article = s.article AND p.sheet = s.id LEFT JOIN names n ON n.id = p.category"
        " WHERE s.id = ?",
        (sheet,),
    )
    details = db.read("SELECT detail FROM sheets WHERE id = ?", (sheet,))
    try:
        for (data,) in details:  # none where another process collected it meanwhile
            detail = unpack(data)
            for category, confidence in rows:
                detail.judgement(category, confidence)
    except ValueError as error:
        return [f"judgement set {sheet} is damaged: {error}"]
    return []
