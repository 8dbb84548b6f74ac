"""The `Store`: reading and writing judgements, verdicts, failures, files and runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
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
from classifier.store.inserts import insert_failure, insert_held, insert_sets, withdraw_sets
from classifier.store.records import (
    FailureRecord,
    FileRecord,
    HeldBack,
    JudgementRecord,
    JudgementSet,
    SetDetail,
    pack,
    unpack,
)
from classifier.store.verdicts import VerdictRecord
from classifier.store.worker import Worker

_LARGEST_VECTORS = LARGEST_BYTES // 2
"""Bytes; larger ones are made again each time."""
_NOT_JUDGED = (
    " AND NOT EXISTS (SELECT 1 FROM pairs p WHERE p.scorer = h.scorer"
    " AND p.article = h.article AND p.category = h.category)"
)
_AT_ONCE = 1000
"""Articles whose pairs are in memory at once, at most."""
_PAIRS_AT_ONCE = 50_000
"""Pairs in memory at once, of more than one article."""


class Store:
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

    # --- files -----------------------------------------------------------------------------------

    def files(self, paths: Iterable[str]) -> dict[str, FileRecord]:
        """Return what the `paths` held when they were last read, without forgotten ones."""
        rows = self._db.read(
            "SELECT f.path, n.name, f.size, f.mtime_ns FROM files f JOIN names n"
            f" ON n.id = f.article WHERE f.current AND f.path IN {IN_LIST}",
            (json_list(paths),),
        )
        with self._db.decoding():
            return {
                path: FileRecord(digest=values.text(d), size=size, mtime_ns=ns)
                for path, d, size, ns in rows
            }

    def languages(self, paths: Iterable[str]) -> dict[str, str]:
        """Return the codes of the languages of those `paths` for which they are known.

        An empty one means that the language could not be detected.
        """
        rows = self._db.read(
            f"SELECT path, language FROM languages WHERE path IN {IN_LIST}", (json_list(paths),)
        )
        with self._db.decoding():
            return {values.text(path): values.text(language) for path, language in rows}

    def record_languages(self, languages: Mapping[str, str]) -> None:
        """Store the languages of what paths hold now, until they are read again."""
        with self._db.write() as db:
            db.executemany(
                "INSERT OR REPLACE INTO languages VALUES (CAST(? AS TEXT), ?)",
                [(encoded(path), language) for path, language in languages.items()],
            )

    def paths(self) -> list[str]:
        """Return every path that was read and not forgotten, in order."""
        rows = self._db.read("SELECT path FROM files WHERE current ORDER BY path")
        with self._db.decoding():
            return [values.text(path) for (path,) in rows]

    def record_files(self, files: Mapping[str, FileRecord], *, at: float) -> None:
        """Store what paths hold now; what they held before stays as their history."""
        with self._db.write() as db:
            numbers = self._db.intern(file.digest for file in files.values())
            db.executemany(
                "UPDATE files SET current = 0 WHERE path = CAST(? AS TEXT)",
                [(encoded(path),) for path in files],
            )
            db.executemany(
                "DELETE FROM languages WHERE path = CAST(? AS TEXT)",
                [(encoded(path),) for path in files],
            )
            db.executemany(
                "INSERT INTO files VALUES (CAST(? AS TEXT), ?, ?, ?, ?, 1) ON CONFLICT DO"
                " UPDATE SET size = excluded.size, mtime_ns = excluded.mtime_ns,"
                " seen_at = excluded.seen_at, current = 1",
                [
                    (encoded(path), numbers[file.digest], file.size, file.mtime_ns, at)
                    for path, file in files.items()
                ],
            )

    def forget(self, paths: Iterable[str]) -> None:
        """Mark paths as gone; so are articles that no other path holds."""
        with self._db.write() as db:
            db.execute(f"UPDATE files SET current = 0 WHERE path IN {IN_LIST}", (json_list(paths),))

    def versions(self, path: str) -> list[tuple[str, float]]:
        """Return (article digest, time last seen) of all that `path` ever held, latest first."""
        rows = self._db.read(
            "SELECT n.name, f.seen_at FROM files f JOIN names n ON n.id = f.article"
            " WHERE f.path = CAST(? AS TEXT) ORDER BY f.current DESC, f.seen_at DESC",
            (encoded(path),),
        )
        with self._db.decoding():
            return [(values.text(digest), values.moment(seen)) for digest, seen in rows]

    # --- what is judged --------------------------------------------------------------------------

    def completed(self, scorer: str, taxonomy: str) -> set[str]:
        """Return digests of articles that are marked as judged for all of a taxonomy.

        This saves looking at every pair. `taxonomy` is any digest of the set of category digests.
        """
        numbers = self._db.numbers([scorer, taxonomy])
        rows = self._db.read(
            "SELECT n.name FROM covered c JOIN names n ON n.id = c.article"
            " WHERE c.scorer = ? AND c.taxonomy = ?",
            (numbers.get(scorer), numbers.get(taxonomy)),
        )
        return {digest for (digest,) in rows}

    def mark_completed(self, scorer: str, taxonomy: str, articles: Iterable[str]) -> None:
        """Mark articles as judged for all of a taxonomy."""
        articles = list(articles)
        with self._db.write() as db:
            numbers = self._db.intern([scorer, taxonomy, *articles])
            db.executemany(
                "INSERT OR IGNORE INTO covered VALUES (?, ?, ?)",
                [(numbers[scorer], numbers[taxonomy], numbers[a]) for a in articles],
            )

    def judged(
        self, scorer: str, articles: Iterable[str], categories: Collection[str]
    ) -> dict[str, set[str]]:
        """Return, for each article digest, which of the category digests have a judgement."""
        latest = self.confidences(scorer, articles, categories)
        return {article: set(confidences) for article, confidences in latest}

    def confidences(
        self, scorer: str, articles: Iterable[str], categories: Collection[str]
    ) -> Iterator[tuple[str, dict[str, tuple[float, bool]]]]:
        """Yield (article digest, {category digest: (confidence, excluded)}), latest judgements.

        This is all that decisions need, for many articles in their order; `load` has the texts.
        """
        numbers = self._db.numbers([scorer, *categories])
        names = {numbers[c]: c for c in categories if c in numbers}
        articles = iter(articles)
        at_once = min(_AT_ONCE, max(1, _PAIRS_AT_ONCE // max(1, len(names))))
        while some := list(islice(articles, at_once)):
            digests = self._db.numbers(some)
            by_article: dict[int, dict[str, tuple[float, bool]]] = {n: {} for n in digests.values()}
            rows = self._db.read(
                "SELECT article, category, confidence, excluded FROM pairs"
                f" WHERE scorer = ? AND article IN {IN_LIST} ORDER BY article, category, sheet",
                (numbers.get(scorer), json_list(by_article)),
            )
            with self._db.decoding():
                for article, category, confidence, excluded in rows:
                    if category in names:
                        known = by_article[article]
                        known[names[category]] = values.unit(confidence), bool(excluded)
            for digest in some:
                yield digest, by_article[digests[digest]] if digest in digests else {}

    def judged_at(
        self, scorer: str, articles: Iterable[str], categories: Collection[str]
    ) -> dict[str, dict[str, float]]:
        """Return when the latest judgements were made: by article digest, by category digest."""
        numbers = self._db.numbers([scorer, *categories])
        names = {numbers[c]: c for c in categories if c in numbers}
        found: dict[str, dict[str, float]] = {}
        articles = iter(articles)
        while some := list(islice(articles, _AT_ONCE)):
            digests = {number: one for one, number in self._db.numbers(some).items()}
            rows = self._db.read(
                "SELECT p.article, p.category, s.judged_at FROM pairs p"
                " JOIN sheets s ON s.id = p.sheet"
                f" WHERE p.scorer = ? AND p.article IN {IN_LIST} ORDER BY p.sheet",
                (numbers.get(scorer), json_list(digests)),
            )
            with self._db.decoding():
                for article, category, moment in rows:
                    if category in names:
                        times = found.setdefault(digests[article], {})
                        times[names[category]] = values.moment(moment)
        return found

    def others(
        self, scorer: str, articles: Iterable[str], categories: Iterable[str] = ()
    ) -> set[str]:
        """Return the article digests that are judged for a category not in `categories`."""
        rows = self._db.read(
            "SELECT DISTINCT n.name FROM pairs p JOIN names n ON n.id = p.article"
            f" WHERE p.scorer = ? AND p.article IN {IN_LIST} AND p.category NOT IN {IN_LIST}",
            (
                self._db.numbers([scorer]).get(scorer),
                json_list(self._db.numbers(articles).values()),
                json_list(self._db.numbers(categories).values()),
            ),
        )
        return {digest for (digest,) in rows}

    def load(
        self, scorer: str, article: str, categories: Collection[str]
    ) -> dict[str, JudgementRecord]:
        """Return the latest judgement of each category digest that has one."""
        numbers = self._db.numbers([scorer, article])
        rows = self._db.read(
            # Beside MAX, SQLite takes the other columns from the row that has it.
            "SELECT MAX(p.sheet), n.name, p.confidence FROM pairs p"
            " JOIN names n ON n.id = p.category WHERE p.scorer = ? AND p.article = ?"
            f" AND n.name IN {IN_LIST} GROUP BY p.category",
            (numbers.get(scorer), numbers.get(article), json_list(categories)),
        )
        return {record.category: record for record in self._records(rows)}

    def history(self, article: str) -> list[JudgementRecord]:
        """Return every judgement of an article digest, by all scorers, in the order stored."""
        rows = self._db.read(
            "SELECT p.sheet, c.name, p.confidence FROM names a JOIN sheets s ON s.article = a.id"
            " JOIN pairs p ON p.scorer = s.scorer AND p.article = s.article AND p.sheet = s.id"
            " JOIN names c ON c.id = p.category WHERE a.name = ? ORDER BY p.sheet, p.category",
            (article,),
        )
        return list(self._records(rows))

    def _records(self, rows: Sequence[tuple[int, str, float]]) -> Iterator[JudgementRecord]:
        sheets = {number: self._sheet(number) for number in {row[0] for row in rows}}
        for number, category, confidence in rows:
            scorer, article, judged_at, detail = sheets[number]
            with self._db.decoding():
                judgement = detail.judgement(category, confidence)
            yield JudgementRecord(
                judgement=judgement,
                scorer=scorer,
                article=article,
                category=category,
                judged_at=judged_at,
                model=detail.model,
            )

    def _sheet(self, number: int) -> tuple[str, str, float, SetDetail]:
        rows = self._db.read(
            "SELECT b.name, a.name, s.judged_at, s.detail FROM sheets s JOIN names a"
            " ON a.id = s.article JOIN names b ON b.id = s.scorer WHERE s.id = ?",
            (number,),
        )
        with self._db.decoding():
            ((scorer, article, judged_at, data),) = rows
            return values.text(scorer), values.text(article), values.moment(judged_at), unpack(data)

    # --- writing ---------------------------------------------------------------------------------

    def add(self, *sheets: JudgementSet) -> list[int]:
        """Store judgements. When this returns, all of them are on disk; on an error, none is.

        Returns:
            A number for each set, for `withdraw`.
        """
        packed = [(sheet, pack(sheet)) for sheet in sheets]  # while others may still write
        with self._db.write() as db:
            return insert_sets(self._db, db, packed)

    def withdraw(self, sheets: Iterable[int]) -> None:
        """Delete judgements that turned out to be worthless, by their set's number.

        Their usage is set to 0: it is stored with the failure that showed it.
        """
        with self._db.write() as db:
            withdraw_sets(db, sheets)

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
