"""People's verdicts: never deleted and never changed; the last one on a pair counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from classifier.store import values
from classifier.store.database import Database, encoded


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRecord:
    """A person's verdict on an article and a category."""

    path: str
    """Path of the article in the store."""
    article: str
    """Digest of the article when the verdict was given."""
    category: str
    """Id of the category."""
    definition: str
    """Digest of the category when the verdict was given."""
    accepted: bool | None
    """Whether the category belongs; None withdraws an earlier verdict."""
    note: str = ""
    source: str = ""
    """The file it was imported from; empty if it was given on the command line."""
    at: float
    """Seconds since the epoch."""


def add(db: Database, records: Iterable[VerdictRecord]) -> None:
    with db.write() as connection:
        connection.executemany(
            "INSERT INTO verdicts (path, article, category, definition, accepted, note, source,"
            " given_at) VALUES (CAST(? AS TEXT), ?, CAST(? AS TEXT), ?, ?, CAST(? AS TEXT),"
            " CAST(? AS TEXT), ?)",
            [
                (
                    encoded(record.path),
                    record.article,
                    encoded(record.category),
                    record.definition,
                    record.accepted,
                    encoded(record.note),
                    encoded(record.source),
                    record.at,
                )
                for record in records
            ],
        )


def load(db: Database) -> list[VerdictRecord]:
    rows = db.read(
        "SELECT path, article, category, definition, accepted, note, source, given_at"
        " FROM verdicts ORDER BY id"
    )
    with db.decoding():
        return [
            VerdictRecord(
                path=values.text(path),
                article=str(article),
                category=values.text(category),
                definition=str(definition),
                accepted=None if accepted is None else bool(accepted),
                note=values.text(note),
                source=values.text(source),
                at=values.moment(at),
            )
            for path, article, category, definition, accepted, note, source, at in rows
        ]
