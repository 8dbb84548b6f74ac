"""The `Store`: files and judgements, and with them failures, verdicts, runs and small things."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from classifier.models import Failure, FailureReason, Usage
from classifier.store import maintenance, values, verdicts
from classifier.store.batches import Batches
from classifier.store.database import (
    IN_LIST,
    LARGEST_BYTES,
    Database,
    encoded,
    json_list,
    open_database,
)
from classifier.store.files import Files
from classifier.store.inserts import insert_failure, insert_held
from classifier.store.judgements import Judgements
from classifier.store.records import (
    FailureRecord,
    HeldBack,
)
from classifier.store.verdicts import VerdictRecord
from classifier.store.worker import Worker

_LARGEST_VECTORS = LARGEST_BYTES // 2
"""Bytes; larger ones are made again each time."""
_NOT_JUDGED = (
    " AND NOT EXISTS (SELECT 1 FROM pairs p WHERE p.scorer = h.scorer"
    " AND p.article = h.article AND p.category = h.category)"
)


class Store(Files, Judgements):
    """An open store. Threads may share one; several processes may have it open.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder, Store.open(Path(folder, "store.db")) as store:
        ...     store.stats()["judgements"]
        0

    Raises:
        StoreError: From every method, if the file cannot be used any more.
    """

    def __init__(
        self, database: Database, *, read_only: bool = False, ignores_held: bool = False
    ) -> None:
        self._db = database
        self._read_only = read_only
        self._ignores_held = ignores_held

    def __reduce__(self) -> tuple[Any, ...]:
        # A process that unpickles a store opens the file itself.
        return _reopened, (self._db.path.absolute(), self._read_only)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> Store:
        """Open the store at `path`; create it if it is missing and not `read_only`.

        Raises:
            StoreError: It is damaged, not a store, written by a newer version, locked, or not
                writable though it has to be. The file is left as it is.
        """
        return cls(open_database(path, read_only=read_only), read_only=read_only)

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- failures --------------------------------------------------------------------------------

    def worker(self, scorer: str) -> Worker:
        """Return a new worker for the scorer of that identity; close it at the end."""
        return Worker(self._db.reopen(), scorer)

    def fail(self, miss: FailureRecord) -> None:
        """Store why an article, or some of its categories, could not be judged."""
        with self._db.write() as db:
            insert_failure(self._db, db, miss)

    def failed(self, scorer: str, paths: Iterable[str]) -> dict[str, Failure]:
        """Return the latest failure of each path that ever had one with this scorer.

        A path may have been judged since: ask for paths that lack judgements.
        """
        rows = self._db.read(
            "SELECT path, reason, message, categories FROM failures"
            f" WHERE path IN {IN_LIST} AND scorer = ? ORDER BY id",
            (json_list(paths), self._db.numbers([scorer]).get(scorer)),
        )
        with self._db.decoding():
            return {
                path: Failure(FailureReason(reason), values.text(message), values.texts(categories))
                for path, reason, message, categories in rows
            }

    # --- answers that are not trusted ------------------------------------------------------------

    def held(
        self, scorer: str, articles: Iterable[str] | None = None, *, judged: bool = False
    ) -> dict[str, dict[str, Failure]]:
        """Return {article digest: {category digest: why it is held back}}.

        Args:
            scorer: Identity of the scorer.
            articles: Digests; None: of all that have something.
            judged: Whether a pair that has a judgement, too, counts: it was asked about again.
        """
        if self._ignores_held:
            return {}
        numbers = self._db.numbers([scorer])
        among = "" if articles is None else f" AND h.article IN {IN_LIST}"
        given = [] if articles is None else [json_list(self._db.numbers(articles).values())]
        rows = self._db.read(
            "SELECT a.name, c.name, h.reason, h.message FROM held h JOIN names a"
            " ON a.id = h.article JOIN names c ON c.id = h.category"
            f" WHERE h.scorer = ?{among}{'' if judged else _NOT_JUDGED}"
            " ORDER BY h.article, h.category",
            (numbers.get(scorer), *given),
        )
        found: dict[str, dict[str, Failure]] = {}
        with self._db.decoding():
            for article, category, reason, message in rows:
                failure = Failure(FailureReason(reason), values.text(message))
                found.setdefault(article, {})[category] = failure
        return found

    def hold(self, *rows: HeldBack, at: float) -> None:
        """Store pairs whose answers are not trusted."""
        with self._db.write() as db:
            insert_held(self._db, db, rows, at=at)

    def release_held(self, scorers: Collection[str], articles: Iterable[str]) -> int:
        """Forget what is held back of article digests, so that it is asked again; count it."""
        with self._db.write() as db:
            return db.execute(
                f"DELETE FROM held WHERE scorer IN {IN_LIST} AND article IN {IN_LIST}",
                (
                    json_list(self._db.numbers(scorers).values()),
                    json_list(self._db.numbers(articles).values()),
                ),
            ).rowcount

    def ignoring_held(self) -> Store:
        """Return the same store as it would be if nothing were held back, to estimate with."""
        return Store(self._db, read_only=self._read_only, ignores_held=True)

    # --- verdicts --------------------------------------------------------------------------------

    def add_verdicts(self, *given: VerdictRecord) -> None:
        """Store people's verdicts. When this returns, all are on disk; on an error, none is."""
        verdicts.add(self._db, given)

    def verdicts(self) -> list[VerdictRecord]:
        """Return every verdict ever given, in that order; the last one on a pair counts."""
        return verdicts.load(self._db)

    # --- batches ---------------------------------------------------------------------------------

    @property
    def batches(self) -> Batches:
        """Batches of requests whose results come later."""
        return Batches(self._db)

    # --- labels in front matter ------------------------------------------------------------------

    def applied(self, field: str) -> dict[str, tuple[str, ...]]:
        """Return the labels that we wrote into a front matter field, by path."""
        rows = self._db.read(
            "SELECT path, labels FROM applied WHERE field = CAST(? AS TEXT)", (encoded(field),)
        )
        with self._db.decoding():
            return {values.text(path): values.texts(labels) for path, labels in rows}

    def applied_fields(self) -> list[str]:
        """Return the front matter fields that we wrote labels into."""
        rows = self._db.read("SELECT DISTINCT field FROM applied ORDER BY field", ())
        return [field for (field,) in rows]

    def apply(self, path: str, field: str, labels: Iterable[str], *, at: float) -> None:
        """Store which labels of a field are ours, replacing those stored before."""
        with self._db.write() as db:
            db.execute(
                "INSERT OR REPLACE INTO applied VALUES (CAST(? AS TEXT), CAST(? AS TEXT),"
                " CAST(? AS TEXT), ?)",
                (encoded(path), encoded(field), json_list(labels), at),
            )

    # --- runs ------------------------------------------------------------------------------------

    def begin(self, scorer: str, *, at: float) -> int:
        """Start a run and return its number."""
        with self._db.write() as db:
            number = db.execute(
                "INSERT INTO runs (scorer, started, state) VALUES (?, ?, 'running')",
                (self._db.intern([scorer])[scorer], at),
            ).lastrowid
        assert number is not None
        return number

    def end(
        self,
        run: int,
        state: Literal["done", "interrupted", "failed"],
        *,
        at: float,
        key: str = "",
        summary: str = "",
    ) -> None:
        """End a run. `summary` finds its summary by `key`, a digest of what the run covered."""
        with self._db.write() as db:
            db.execute(
                "UPDATE runs SET ended = ?, state = ?, key = ?, summary = CAST(? AS TEXT)"
                " WHERE id = ?",
                (at, state, key, encoded(summary), run),
            )

    def summary(self, key: str) -> str | None:
        """Return the summary of the latest run with this key; None after `collect`."""
        rows = self._db.read(
            "SELECT summary FROM runs WHERE key = ? ORDER BY id DESC LIMIT 1", (key,)
        )
        return rows[0][0] if rows else None

    # --- small things ----------------------------------------------------------------------------

    def remembered(self, name: str) -> str | None:
        """Return what `remember` has kept under a name."""
        rows = self._db.read("SELECT value FROM remembered WHERE name = ?", (name,))
        with self._db.decoding():
            return values.text(rows[0][0]) if rows else None

    def remember(self, name: str, value: str) -> None:
        """Keep a text under a name, in place of the one before. It may be lost without harm."""
        with self._db.write() as db:
            db.execute(
                "INSERT OR REPLACE INTO remembered VALUES (?, CAST(? AS TEXT))",
                (name, encoded(value)),
            )

    # --- vectors ---------------------------------------------------------------------------------

    def vectors(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return cached vectors by key; any may be missing and can be computed again."""
        rows = self._db.read(
            f"SELECT key, data FROM vectors WHERE key IN {IN_LIST}"
            " AND typeof(data) = 'blob' AND length(data) <= ?",
            (json_list(keys), _LARGEST_VECTORS),
        )
        return dict(rows)

    def keep_vectors(self, vectors: Mapping[str, bytes]) -> None:
        with self._db.write() as db:
            db.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?)",
                [(key, data) for key, data in vectors.items() if len(data) <= _LARGEST_VECTORS],
            )

    def drop_vectors(self) -> None:
        with self._db.write() as db:
            db.execute("DELETE FROM vectors")
        self._db.compact()

    # --- upkeep ----------------------------------------------------------------------------------

    def stats(self) -> dict[str, int]:
        """Return counts of what is stored, and the size of the file in bytes."""
        return maintenance.stats(self._db)

    def scorers(self) -> list[tuple[str, int, float, Usage]]:
        """Return (identity, judgements, time of the latest, usage) of scorers, latest first.

        A scorer that only failed is listed if it cost something.
        """
        return maintenance.scorers(self._db)

    def garbage(
        self, *, categories: Collection[str] | None = None, gone: Collection[str] = ()
    ) -> dict[str, int]:
        """Count the judgements that `collect` would delete, by reason.

        `superseded`: the same scorer judged the pair again. `article gone`: no path holds that
        version of the article any more. `category gone`: its digest is not in `categories`.

        Args:
            categories: Digests of today's categories; None keeps all.
            gone: Paths that hold nothing any more.
        """
        return maintenance.garbage(self._db, categories, gone)

    def collect(
        self, *, categories: Collection[str] | None = None, gone: Collection[str] = ()
    ) -> dict[str, int]:
        """Delete what `garbage` counts and what only that used, and return the counts.

        Failures that were followed by another, and those of forgotten or `gone` paths, are deleted
        too. The space is returned to the disk.
        """
        self.forget(gone)
        return maintenance.collect(self._db, categories)

    def verify(self) -> list[str]:
        """Return what is wrong with the store, one line each; empty if nothing is."""
        return maintenance.verify(self._db)


def _reopened(path: Path, read_only: bool) -> Store:
    return Store.open(path, read_only=read_only)
