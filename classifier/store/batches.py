"""Batches of requests that are sent in files: what was sent, their state, and their results.

A batch is stored before any of it is sent, and every step before the next one is taken, so that it
can be resumed wherever a process died.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal, TypeAlias, get_args

from classifier.models import Usage
from classifier.store import values
from classifier.store.database import IN_LIST, Database, encoded, json_list
from classifier.store.inserts import insert_failure, insert_held, insert_sets, usage_json
from classifier.store.records import FailureRecord, HeldBack, JudgementSet, pack

State: TypeAlias = Literal["planned", "uploaded", "starting", "started", "collected"]
"""`planned`: the upload may be under way. `uploaded`: the server has the file. `starting`: the
start may have been requested. `started`: it was. `collected`: all results are stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Requests that travel in one file."""

    name: str
    """Our name for it, also sent to the server so that the batch can be found there."""
    state: State = "planned"
    scorer: str
    """Identity."""
    model: str
    base_url: str
    requests: int
    articles: int
    pairs: int
    tokens: int
    """Input tokens, at most: its share of the server's queue."""
    size: int
    """Bytes of the file."""
    cost: float | None
    """Expected US dollars; None if the price is unknown."""
    planned_at: float
    file_id: str = ""
    """The server's id of the file."""
    batch_id: str = ""
    """The server's id of the batch."""
    tries: int = 1
    """How often the start was requested; the server's queue may have been full."""
    status: str = ""
    """The server's status when last checked."""
    started_at: float | None = None
    collected_at: float | None = None
    judged: int = 0
    """Pairs stored, once collected."""
    refused: int = 0
    """Lines of the result that match no request, or repeat one."""
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentArticle:
    """One article's part of a batch."""

    article: str
    """Digest."""
    path: str
    """Path in the store."""
    packs: Mapping[str, Sequence[str]]
    """Category digests by the name of the request that asks about them."""
    detail: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledArticle:
    """What became of an article's part of a batch."""

    article: str
    sheet: JudgementSet | None
    misses: tuple[FailureRecord, ...]
    held: tuple[HeldBack, ...] = ()
    usage: Usage


_COLUMNS: Final = tuple(f.name for f in fields(Batch))
_NUMBERS: Final = (
    "requests",
    "articles",
    "pairs",
    "tokens",
    "size",
    "tries",
    "judged",
    "refused",
)
_MOMENTS: Final = ("planned_at", "started_at", "collected_at")
_OPTIONAL: Final = ("cost", "started_at", "collected_at")
_CHANGING: Final = ("state", "file_id", "batch_id", "tries", "status", "started_at")
_AT_ONCE: Final = 100
"""Articles read at once."""


class Batches:
    """The batches of one store."""

    def __init__(self, database: Database) -> None:
        self._db = database

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes out of this block; a process that dies inside frees it.

        Raises:
            StoreError: Another process is inside.
        """
        with self._db.claim("batch", "another `classify batch` is running"):
            yield

    def plan(self, batch: Batch, sent: Iterable[SentArticle], *, detail: bytes) -> None:
        row = _values(batch, _COLUMNS)
        with self._db.write() as db:
            number = db.execute(
                f"INSERT INTO batches ({', '.join(_COLUMNS)}, detail)"
                f" VALUES ({', '.join(_placeholder(value) for value in row)}, ?)",
                (*row, detail),
            ).lastrowid
            db.executemany(
                "INSERT INTO sent (batch, article, path, packs, detail)"
                " VALUES (?, ?, CAST(? AS TEXT), ?, ?)",
                [
                    (
                        number,
                        article.article,
                        encoded(article.path),
                        _json(article.packs),
                        article.detail,
                    )
                    for article in sent
                ],
            )

    def save(self, batch: Batch) -> None:
        """Store the state of a batch."""
        row = _values(batch, _CHANGING)
        changes = ", ".join(
            f"{name} = {_placeholder(value)}" for name, value in zip(_CHANGING, row, strict=True)
        )
        with self._db.write() as db:
            db.execute(f"UPDATE batches SET {changes} WHERE name = ?", (*row, batch.name))

    def all(self) -> list[Batch]:
        """Return all batches in the order they were planned."""
        rows = self._db.read(f"SELECT {', '.join(_COLUMNS)} FROM batches ORDER BY id")
        with self._db.decoding():
            return list(map(_batch, rows))

    def detail(self, name: str) -> bytes:
        rows = self._db.read("SELECT detail FROM batches WHERE name = ?", (name,))
        with self._db.decoding():
            ((detail,),) = rows
            return values.binary(detail)

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
        """Return pairs whose results are awaited: category digests by article digest."""
        rows = self._db.read(
            "SELECT s.article, s.packs FROM sent s JOIN batches b ON b.id = s.batch"
            " WHERE s.settled IS NULL AND b.scorer = CAST(? AS TEXT)",
            (encoded(scorer),),
        )
        pairs: dict[str, set[str]] = {}
        with self._db.decoding():
            for article, packs in rows:
                pairs.setdefault(values.text(article), set()).update(*decode_packs(packs).values())
        return pairs

    def requests(self, name: str) -> set[str]:
        """Return the names of all requests of a batch, settled or not."""
        rows = self._db.read(
            "SELECT packs FROM sent WHERE batch = (SELECT id FROM batches WHERE name = ?)", (name,)
        )
        with self._db.decoding():
            return {request for (packs,) in rows for request in decode_packs(packs)}

    def unsettled(self, name: str) -> Iterator[list[SentArticle]]:
        """Yield chunks of the articles that are not settled when their chunk is read."""
        last = 0
        while rows := self._db.read(
            "SELECT id, article, path, packs, detail FROM sent WHERE settled IS NULL AND id > ?"
            " AND batch = (SELECT id FROM batches WHERE name = ?) ORDER BY id LIMIT ?",
            (last, name, _AT_ONCE),
        ):
            last = rows[-1][0]
            with self._db.decoding():
                some = [
                    SentArticle(
                        article=values.text(article),
                        path=values.text(path),
                        packs=decode_packs(packs),
                        detail=values.binary(detail),
                    )
                    for _, article, path, packs, detail in rows
                ]
            yield some

    def settle(self, name: str, settled: Iterable[SettledArticle]) -> None:
        """Store results and mark their articles as settled, in one transaction."""
        packed = [(article, article.sheet and pack(article.sheet)) for article in settled]
        with self._db.write() as db:
            for article, detail in packed:
                if article.sheet and detail:
                    insert_sets(self._db, db, [(article.sheet, detail)])
                for miss in article.misses:
                    insert_failure(self._db, db, miss)
                if article.held:
                    insert_held(self._db, db, article.held, at=time.time())
                counted = {
                    "judged": len(article.sheet.judgements) if article.sheet else 0,
                    "usage": usage_json(article.usage),
                }
                db.execute(
                    "UPDATE sent SET settled = ? WHERE article = ?"
                    " AND batch = (SELECT id FROM batches WHERE name = ?)",
                    (_json(counted), article.article, name),
                )

    def finish(self, name: str, *, at: float, status: str, refused: int) -> Batch:
        """Close a batch whose articles are all settled, and drop what only they needed."""
        with self._db.write() as db:
            ((number, left),) = db.execute(
                "SELECT b.id, (SELECT COUNT(*) FROM sent WHERE batch = b.id AND settled IS NULL)"
                " FROM batches b WHERE b.name = ?",
                (name,),
            )
            assert not left, f"{left} articles of batch {name} are not settled"
            rows = db.execute("SELECT settled FROM sent WHERE batch = ?", (number,))
            with self._db.decoding():
                counted = [values.loads(settled) for (settled,) in rows]
                judged = sum(values.whole(article["judged"]) for article in counted)
                usage = sum((values.usage(article["usage"]) for article in counted), Usage())
            db.execute(
                "UPDATE batches SET state = 'collected', collected_at = ?,"
                " status = CAST(? AS TEXT), judged = ?, refused = ?, usage = ?, detail = x''"
                " WHERE id = ?",
                (
                    at,
                    encoded(status),
                    judged,
                    refused,
                    usage_json(usage),
                    number,
                ),
            )
            db.execute("DELETE FROM sent WHERE batch = ?", (number,))
        columns = ", ".join(_COLUMNS)
        (row,) = self._db.read(f"SELECT {columns} FROM batches WHERE id = ?", (number,))
        return _batch(row)

    def drop(self, names: Iterable[str]) -> None:
        """Delete batches for which nothing was paid."""
        listed = json_list(names)
        with self._db.write() as db:
            db.execute(
                f"DELETE FROM sent WHERE batch IN (SELECT id FROM batches WHERE name IN {IN_LIST})",
                (listed,),
            )
            db.execute(f"DELETE FROM batches WHERE name IN {IN_LIST}", (listed,))


def _values(batch: Batch, columns: Iterable[str]) -> list[object]:
    return [_encoded(getattr(batch, name)) for name in columns]


def _encoded(value: object) -> object:
    if isinstance(value, Usage):
        return encoded(usage_json(value))
    return encoded(value) if isinstance(value, str) else value


def _placeholder(value: object) -> str:
    return "CAST(? AS TEXT)" if isinstance(value, bytes) else "?"


def _batch(row: Sequence[Any]) -> Batch:
    """Check the values of a row; raise ValueError where one is damaged."""
    found = dict(zip(_COLUMNS, row, strict=True))
    checks: dict[str, Callable[[Any], object]] = dict.fromkeys(_COLUMNS, values.text)
    checks |= dict.fromkeys(_NUMBERS, values.whole)
    checks |= dict.fromkeys(_MOMENTS, values.moment)
    checks |= {"cost": values.amount, "usage": values.usage}
    checked: dict[str, Any] = {
        name: None if value is None and name in _OPTIONAL else checks[name](value)
        for name, value in found.items()
    }
    if checked["state"] not in get_args(State):
        raise ValueError("no state of a batch")
    return Batch(**checked)


def decode_packs(value: Any) -> dict[str, list[str]]:
    """Return category digests by request; raise one of `values.DAMAGE` for a damaged text."""
    return {name: list(map(values.text, found)) for name, found in values.loads(value).items()}


def _json(value: object) -> str:
    return json.dumps(value)
