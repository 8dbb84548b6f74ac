"""What people said about pairs: never dropped, never changed, the last word on a pair counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from classifier.store.database import Database, encoded


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRecord:
    """A verdict and what it was given on."""

    path: str
    """The article's name in the store."""
    article: str
    """Digest of the article as it was then, as `definition` is of the category."""
    category: str
    """Id."""
    definition: str
    accepted: bool | None
    """None takes an earlier verdict back."""
    note: str = ""
    source: str = ""
    """Empty where it was given on the command line, else the file it was imported from."""
    at: float
    """Seconds since the epoch."""


def add(db: Database, given: Iterable[VerdictRecord]) -> None:
    with db.write() as connection:
        connection.executemany(
            "INSERT INTO verdicts (path, article, category, definition, accepted, note, source,"
            " given_at) VALUES (CAST(? AS TEXT), ?, CAST(? AS TEXT), ?, ?, CAST(? AS TEXT),"
            " CAST(? AS TEXT), ?)",
            [
                (
                    encoded(it.path),
                    it.article,
                    encoded(it.category),
                    it.definition,
                    it.accepted,
                    encoded(it.note),
                    encoded(it.source),
                    it.at,
                )
                for it in given
            ],
        )


def load(db: Database) -> list[VerdictRecord]:
    rows = db.read(
        "SELECT path, article, category, definition, accepted, note, source, given_at"
        " FROM verdicts ORDER BY id"
    )
    return [
        VerdictRecord(
            path=path,
            article=article,
            category=category,
            definition=definition,
            accepted=None if accepted is None else bool(accepted),
            note=note,
            source=source,
            at=at,
        )
        for path, article, category, definition, accepted, note, source, at in rows
    ]
