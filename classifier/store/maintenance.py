"""Maintenance of the store: counts, deleting what nothing needs any more, checks for damage."""

from __future__ import annotations

from collections.abc import Collection

from classifier.errors import StoreError
from classifier.models import Usage
from classifier.store import checks, values
from classifier.store.database import IN_LIST, Database, json_list

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
    "DELETE FROM held WHERE (scorer, article, category) IN"
    " (SELECT scorer, article, category FROM pairs)",
    "DELETE FROM held WHERE article IN"
    " (SELECT article FROM files GROUP BY article HAVING NOT MAX(current))",
    "DELETE FROM files WHERE NOT current",
    "DELETE FROM languages WHERE path NOT IN (SELECT path FROM files WHERE current)",
    # Both say that pairs need no check; some of these pairs are gone now.
    "DELETE FROM covered",
    "UPDATE runs SET key = ''",
    "DELETE FROM names WHERE id NOT IN (SELECT scorer FROM pairs UNION SELECT article FROM pairs"
    " UNION SELECT category FROM pairs UNION SELECT scorer FROM failures"
    " UNION SELECT scorer FROM held UNION SELECT article FROM held"
    " UNION SELECT category FROM held"
    " UNION SELECT article FROM failures WHERE article IS NOT NULL"
    " UNION SELECT article FROM files UNION SELECT scorer FROM runs)",
)


def stats(db: Database) -> dict[str, int]:
    return {name: db.read(sql)[0][0] for name, sql in _COUNTS.items()}


def scorers(db: Database) -> list[tuple[str, int, float, Usage]]:
    judged = db.read("SELECT scorer, judged_at, usage FROM sheets")
    failed = db.read("SELECT scorer, failed_at, usage FROM failures")
    latest: dict[int, float] = {}
    usages: dict[int, Usage] = {}
    with db.decoding():
        for rows in (judged, failed):
            for number, at, text in rows:
                usage = values.usage(text)
                usages[number] = usages.get(number, Usage()) + usage
                if rows is judged or usage.calls:
                    latest[number] = max(latest.get(number, at), values.moment(at))
        counts = dict(db.read("SELECT scorer, COUNT(*) FROM pairs GROUP BY scorer"))
        names = dict(
            db.read(f"SELECT id, name FROM names WHERE id IN {IN_LIST}", (json_list(latest),))
        )
        found = [
            (values.text(names[number]), counts.get(number, 0), at, usages[number])
            for number, at in latest.items()
        ]
    return sorted(found, key=lambda it: it[2], reverse=True)


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
        return [*wrong, *checks.damage(db)]
    except StoreError as error:
        return [str(error)]
