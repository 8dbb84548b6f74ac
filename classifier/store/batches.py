"""Judgements that were asked for in files: what was sent, how far it is, what it is read with.

A batch is on record before anything of it is sent, and each step before the next is taken, so that
it can be gone on with wherever a process died.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal, TypeAlias

from classifier.models import Usage
from classifier.store.database import IN_LIST, Database, encoded, json_list
from classifier.store.inserts import insert_failure, insert_set, usage_json
from classifier.store.records import FailureRecord, JudgementSet, pack

State: TypeAlias = Literal["planned", "uploaded", "starting", "started", "collected"]
"""`planned`: its file may be on its way. `uploaded`: the server has the file. `starting`: the
server may have been told to begin. `started`: it was. `collected`: all there was is on record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Requests that travel in one file."""

    name: str
    """Ours. The server is told it too, so that the batch can be found there."""
    state: State = "planned"
    scorer: str
    """Identity."""
    model: str
    base_url: str
    requests: int
    articles: int
    pairs: int
    tokens: int
    """Of input, at most: what it takes up in the server's queue."""
    size: int
    """Bytes of the file."""
    cost: float | None
    """US dollars, as expected; None where the price is unknown."""
    planned_at: float
    file_id: str = ""
    """The server's name for the file, as `batch_id` is for the batch."""
    batch_id: str = ""
    tries: int = 1
    """How often the server was told to begin; it may have had no room."""
    status: str = ""
    """In the server's words, as last heard."""
    started_at: float | None = None
    collected_at: float | None = None
    judged: int = 0
    """Pairs on record, once collected."""
    refused: int = 0
    """Lines of the answer that belong to none of its requests, or to one that has another."""
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentArticle:
    """One article's part of a batch."""

    article: str
    """Digest."""
    path: str
    packs: Mapping[str, Sequence[str]]
    """Category digests by the name of the request that asks about them."""
    detail: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledArticle:
    """What became of an article's part of a batch."""

    article: str
    sheet: JudgementSet | None
    misses: tuple[FailureRecord, ...]
    usage: Usage


_COLUMNS: Final = tuple(f.name for f in fields(Batch))
_CHANGING: Final = ("state", "file_id", "batch_id", "tries", "status", "started_at")
_AT_ONCE: Final = 100
"""Articles read at a time."""


class Batches:
    """Of one store."""

    def __init__(self, database: Database) -> None:
        self._db = database

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes out of this block. One that dies inside leaves it free.

        Raises StoreError where another is inside.
        """
        with self._db.claim("batch", "another `classify batch` is at work on it"):
            yield

    def plan(self, batch: Batch, sent: Iterable[SentArticle], *, detail: bytes) -> None:
        values = _values(batch, _COLUMNS)
        with self._db.write() as db:
            number = db.execute(
                f"INSERT INTO batches ({', '.join(_COLUMNS)}, detail)"
                f" VALUES ({', '.join(_place(value) for value in values)}, ?)",
                (*values, detail),
            ).lastrowid
            db.executemany(
                "INSERT INTO sent (batch, article, path, packs, detail)"
                " VALUES (?, ?, CAST(? AS TEXT), ?, ?)",
                [(number, it.article, encoded(it.path), _json(it.packs), it.detail) for it in sent],
            )

    def save(self, batch: Batch) -> None:
        """Put down how far it is."""
        values = _values(batch, _CHANGING)
        changes = ", ".join(
            f"{name} = {_place(value)}" for name, value in zip(_CHANGING, values, strict=True)
        )
        with self._db.write() as db:
            db.execute(f"UPDATE batches SET {changes} WHERE name = ?", (*values, batch.name))

    def all(self) -> list[Batch]:
        """Return them in the order they were planned."""
        return _batches(self._db.read(f"SELECT {', '.join(_COLUMNS)} FROM batches ORDER BY id"))

    def detail(self, name: str) -> bytes:
        ((detail,),) = self._db.read("SELECT detail FROM batches WHERE name = ?", (name,))
        return bytes(detail)

    def below(self, paths: Iterable[str]) -> set[str]:
        """Return the names of batches with an unsettled article at or below one of `paths`."""
        rows = self._db.read(
            "SELECT DISTINCT b.name FROM batches b JOIN sent s ON s.batch = b.id"
            " JOIN json_each(CAST(? AS TEXT)) p ON s.settled IS NULL AND (p.value = '.' OR"
            " s.path = p.value OR substr(s.path, 1, length(p.value) + 1) = p.value || '/')",
            (json_list(paths),),
        )
        return {name for (name,) in rows}

    def pending(self, scorer: str) -> dict[str, set[str]]:
        """Return the pairs whose answers are still to come: category digests by article digest."""
        rows = self._db.read(
            "SELECT s.article, s.packs FROM sent s JOIN batches b ON b.id = s.batch"
            " WHERE s.settled IS NULL AND b.scorer = CAST(? AS TEXT)",
            (encoded(scorer),),
        )
        found: dict[str, set[str]] = {}
        for article, packs in rows:
            found.setdefault(article, set()).update(*json.loads(packs).values())
        return found

    def requests(self, name: str) -> set[str]:
        """Return the names of all requests of a batch, of settled articles too."""
        rows = self._db.read(
            "SELECT packs FROM sent WHERE batch = (SELECT id FROM batches WHERE name = ?)", (name,)
        )
        return {request for (packs,) in rows for request in json.loads(packs)}

    def unsettled(self, name: str) -> Iterator[list[SentArticle]]:
        """Yield some articles at a time, without those that are settled by then."""
        last = 0
        while rows := self._db.read(
            "SELECT id, article, path, packs, detail FROM sent WHERE settled IS NULL AND id > ?"
            " AND batch = (SELECT id FROM batches WHERE name = ?) ORDER BY id LIMIT ?",
            (last, name, _AT_ONCE),
        ):
            last = rows[-1][0]
            yield [
                SentArticle(article=article, path=path, packs=json.loads(packs), detail=detail)
                for _, article, path, packs, detail in rows
            ]

    def settle(self, name: str, settled: Iterable[SettledArticle]) -> None:
        """Put what came on record, and with it that it is: all of it or nothing."""
        packed = [(it, it.sheet and pack(it.sheet)) for it in settled]
        with self._db.write() as db:
            for it, detail in packed:
                if it.sheet and detail:
                    insert_set(self._db, db, it.sheet, detail)
                for miss in it.misses:
                    insert_failure(self._db, db, miss)
                counted = {
                    "judged": len(it.sheet.judgements) if it.sheet else 0,
                    "usage": usage_json(it.usage),
                }
                db.execute(
                    "UPDATE sent SET settled = ? WHERE article = ?"
                    " AND batch = (SELECT id FROM batches WHERE name = ?)",
                    (_json(counted), it.article, name),
                )

    def finish(self, name: str, *, at: float, status: str, refused: int) -> Batch:
        """Close a batch whose articles are all settled; what only they needed is dropped."""
        with self._db.write() as db:
            ((number, left),) = db.execute(
                "SELECT b.id, (SELECT COUNT(*) FROM sent WHERE batch = b.id AND settled IS NULL)"
                " FROM batches b WHERE b.name = ?",
                (name,),
            )
            assert not left, f"{left} articles of batch {name} are not settled"
            rows = db.execute("SELECT settled FROM sent WHERE batch = ?", (number,))
            counted = [json.loads(settled) for (settled,) in rows]
            usage = sum((Usage(**json.loads(it["usage"])) for it in counted), Usage())
            db.execute(
                "UPDATE batches SET state = 'collected', collected_at = ?,"
                " status = CAST(? AS TEXT), judged = ?, refused = ?, usage = ?, detail = x''"
                " WHERE id = ?",
                (
                    at,
                    encoded(status),
                    sum(it["judged"] for it in counted),
                    refused,
                    usage_json(usage),
                    number,
                ),
            )
            db.execute("DELETE FROM sent WHERE batch = ?", (number,))
        columns = ", ".join(_COLUMNS)
        return _batches(self._db.read(f"SELECT {columns} FROM batches WHERE id = ?", (number,)))[0]

    def drop(self, names: Iterable[str]) -> None:
        """Forget batches of which nothing was paid."""
        given = json_list(names)
        with self._db.write() as db:
            db.execute(
                f"DELETE FROM sent WHERE batch IN (SELECT id FROM batches WHERE name IN {IN_LIST})",
                (given,),
            )
            db.execute(f"DELETE FROM batches WHERE name IN {IN_LIST}", (given,))


def _values(batch: Batch, columns: Iterable[str]) -> list[object]:
    return [_plain(getattr(batch, name)) for name in columns]


def _plain(value: object) -> object:
    if isinstance(value, Usage):
        return encoded(usage_json(value))
    return encoded(value) if isinstance(value, str) else value


def _place(value: object) -> str:
    return "CAST(? AS TEXT)" if isinstance(value, bytes) else "?"


def _batches(rows: Iterable[tuple[Any, ...]]) -> list[Batch]:
    found = (dict(zip(_COLUMNS, row, strict=True)) for row in rows)
    return [Batch(**{**it, "usage": Usage(**json.loads(it["usage"]))}) for it in found]


def _json(value: object) -> str:
    return json.dumps(value)
