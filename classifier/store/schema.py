"""The tables, and the way from every older version of them to this one."""

from __future__ import annotations

from typing import Final

APPLICATION_ID: Final = 0x436C6679
"""Stands in the file's header, "Clfy": tells our files from any other SQLite file."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # Digests and scorer identities by number: the big tables hold numbers only.
        "CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
        """CREATE TABLE runs (
            id INTEGER PRIMARY KEY, scorer INTEGER NOT NULL, started REAL NOT NULL, ended REAL,
            state TEXT NOT NULL, key TEXT NOT NULL DEFAULT '', summary TEXT NOT NULL DEFAULT '')""",
        # `id` grows, so that of two judgements of a pair the later has the greater sheet.
        """CREATE TABLE sheets (
            id INTEGER PRIMARY KEY, scorer INTEGER NOT NULL, article INTEGER NOT NULL,
            judged_at REAL NOT NULL, run INTEGER, usage TEXT NOT NULL, detail BLOB NOT NULL)""",
        "CREATE INDEX sheets_by_article ON sheets (article)",
        """CREATE TABLE pairs (
            scorer INTEGER NOT NULL, article INTEGER NOT NULL, category INTEGER NOT NULL,
            sheet INTEGER NOT NULL, confidence REAL NOT NULL, excluded INTEGER NOT NULL,
            PRIMARY KEY (scorer, article, category, sheet)) WITHOUT ROWID""",
        """CREATE TABLE failures (
            id INTEGER PRIMARY KEY, scorer INTEGER NOT NULL, path TEXT NOT NULL, article INTEGER,
            failed_at REAL NOT NULL, reason TEXT NOT NULL, message TEXT NOT NULL,
            categories TEXT NOT NULL, run INTEGER, usage TEXT NOT NULL)""",
        "CREATE INDEX failures_by_path ON failures (path, scorer)",
        """CREATE TABLE files (
            path TEXT NOT NULL, article INTEGER NOT NULL, size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL, seen_at REAL NOT NULL, current INTEGER NOT NULL,
            PRIMARY KEY (path, article)) WITHOUT ROWID""",
        """CREATE TABLE covered (
            scorer INTEGER NOT NULL, taxonomy INTEGER NOT NULL, article INTEGER NOT NULL,
            PRIMARY KEY (scorer, taxonomy, article)) WITHOUT ROWID""",
        "CREATE TABLE vectors (key TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID",
    ),
    (
        # `accepted` is NULL where a verdict was taken back; of a pair, the last row counts.
        """CREATE TABLE verdicts (
            id INTEGER PRIMARY KEY, path TEXT NOT NULL, article INTEGER, category TEXT NOT NULL,
            definition INTEGER NOT NULL, accepted INTEGER, note TEXT NOT NULL,
            source TEXT NOT NULL, given_at REAL NOT NULL)""",
        # What is in front matter because we put it there: all else is a person's own.
        """CREATE TABLE applied (
            path TEXT NOT NULL, field TEXT NOT NULL, labels TEXT NOT NULL, applied_at REAL NOT NULL,
            PRIMARY KEY (path, field)) WITHOUT ROWID""",
    ),
    (
        # `detail`, here and below: what the answers are read with; opaque to the store.
        """CREATE TABLE batches (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
            scorer TEXT NOT NULL, model TEXT NOT NULL, base_url TEXT NOT NULL,
            requests INTEGER NOT NULL, articles INTEGER NOT NULL, pairs INTEGER NOT NULL,
            tokens INTEGER NOT NULL, size INTEGER NOT NULL, cost REAL, planned_at REAL NOT NULL,
            file_id TEXT NOT NULL, batch_id TEXT NOT NULL, tries INTEGER NOT NULL,
            status TEXT NOT NULL, started_at REAL, collected_at REAL, judged INTEGER NOT NULL,
            refused INTEGER NOT NULL, usage TEXT NOT NULL, detail BLOB NOT NULL)""",
        # `settled` is NULL until the answers about an article are on record, or why there are none.
        """CREATE TABLE sent (
            id INTEGER PRIMARY KEY, batch INTEGER NOT NULL, article TEXT NOT NULL,
            path TEXT NOT NULL, packs TEXT NOT NULL, detail BLOB NOT NULL, settled TEXT,
            UNIQUE (batch, article))""",
    ),
    (
        # Both by text, since they live shortly: no row of `names` stays for them.
        """CREATE TABLE workers (
            id INTEGER PRIMARY KEY, process TEXT NOT NULL, lease REAL NOT NULL)""",
        """CREATE TABLE claims (
            scorer TEXT NOT NULL, article TEXT NOT NULL, worker INTEGER NOT NULL,
            PRIMARY KEY (scorer, article)) WITHOUT ROWID""",
    ),
    ("CREATE TABLE remembered (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",),
    (
        # Answers that are not trusted. A failure of before may be about another definition of a
        # category, since it names its id: none is taken over.
        """CREATE TABLE held (
            scorer INTEGER NOT NULL, article INTEGER NOT NULL, category INTEGER NOT NULL,
            reason TEXT NOT NULL, message TEXT NOT NULL, held_at REAL NOT NULL,
            PRIMARY KEY (scorer, article, category)) WITHOUT ROWID""",
    ),
    # Of what `files` says a path holds: as front matter and file name say, or detected.
    ("CREATE TABLE languages (path TEXT PRIMARY KEY, language TEXT NOT NULL) WITHOUT ROWID",),
)
"""Entry i takes a store from version i to i + 1. A released one is never edited: add another."""

TABLES: Final = frozenset(
    statement.split()[2]
    for statements in MIGRATIONS
    for statement in statements
    if statement.startswith("CREATE TABLE")
)


def version() -> int:
    """Return the version this program writes."""
    return len(MIGRATIONS)
