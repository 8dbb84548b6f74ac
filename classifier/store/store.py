"""Reading and writing records."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from classifier.models import Failure, FailureReason, Usage
from classifier.store import maintenance, verdicts
from classifier.store.batches import Batches
from classifier.store.database import IN_LIST, Database, damaged, encoded, json_list, open_database
from classifier.store.inserts import insert_failure, insert_set, usage_json
from classifier.store.records import (
    FailureRecord,
    FileRecord,
    JudgementRecord,
    JudgementSet,
    SetDetail,
    pack,
    unpack,
)
from classifier.store.verdicts import VerdictRecord

_AT_ONCE = 1000
"""Articles whose pairs are held in memory together."""


class Store:
    """An open store. Several threads may share one, several processes may have it open.

    Every method raises StoreError where the file cannot be used any more.
    """

    def __init__(self, database: Database, *, read_only: bool = False) -> None:
        self._db = database
        self._read_only = read_only

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process opens the file itself.
        return _reopened, (self._db.path.absolute(), self._read_only)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> Store:
        """Open the store at `path`; where there is none, create it unless `read_only`.

        Raises StoreError, and leaves the file as it is, where it is damaged, not a store, written
        by a newer version, locked, or cannot be written though it has to be.
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
        """Return what is known of those `paths` that were read before and not forgotten."""
        rows = self._db.read(
            "SELECT f.path, n.name, f.size, f.mtime_ns FROM files f JOIN names n"
            f" ON n.id = f.article WHERE f.current AND f.path IN {IN_LIST}",
            (json_list(paths),),
        )
        return {path: FileRecord(digest=d, size=size, mtime_ns=ns) for path, d, size, ns in rows}

    def paths(self) -> list[str]:
        """Return every path that was read before and not forgotten, in order."""
        rows = self._db.read("SELECT path FROM files WHERE current ORDER BY path")
        return [path for (path,) in rows]

    def record_files(self, files: Mapping[str, FileRecord], *, at: float) -> None:
        """Remember what paths hold now. What they held before stays as their history."""
        with self._db.write() as db:
            numbers = self._db.intern(file.digest for file in files.values())
            db.executemany(
                "UPDATE files SET current = 0 WHERE path = CAST(? AS TEXT)",
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
        """Mark paths that are no longer there: articles that no other path holds are gone."""
        with self._db.write() as db:
            db.execute(f"UPDATE files SET current = 0 WHERE path IN {IN_LIST}", (json_list(paths),))

    def versions(self, path: str) -> list[tuple[str, float]]:
        """Return (article digest, last seen) of all that `path` ever held, latest first."""
        rows = self._db.read(
            "SELECT n.name, f.seen_at FROM files f JOIN names n ON n.id = f.article"
            " WHERE f.path = CAST(? AS TEXT) ORDER BY f.current DESC, f.seen_at DESC",
            (encoded(path),),
        )
        return [(digest, seen) for digest, seen in rows]

    # --- what is judged --------------------------------------------------------------------------

    def completed(self, scorer: str, taxonomy: str) -> set[str]:
        """Return digests of the articles that were seen to be judged for all of a taxonomy.

        `taxonomy` is any digest of the set of category digests. It spares the look at every pair.
        """
        numbers = self._db.numbers([scorer, taxonomy])
        rows = self._db.read(
            "SELECT n.name FROM covered c JOIN names n ON n.id = c.article"
            " WHERE c.scorer = ? AND c.taxonomy = ?",
            (numbers.get(scorer), numbers.get(taxonomy)),
        )
        return {digest for (digest,) in rows}

    def mark_completed(self, scorer: str, taxonomy: str, articles: Iterable[str]) -> None:
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

        The cheap view that decisions need, for many articles in their order; `load` has the texts.
        """
        numbers = self._db.numbers([scorer, *categories])
        names = {numbers[c]: c for c in categories if c in numbers}
        articles = iter(articles)
        while some := list(islice(articles, _AT_ONCE)):
            digests = self._db.numbers(some)
            found: dict[int, dict[str, tuple[float, bool]]] = {n: {} for n in digests.values()}
            rows = self._db.read(
                "SELECT article, category, confidence, excluded FROM pairs"
                f" WHERE scorer = ? AND article IN {IN_LIST} ORDER BY article, category, sheet",
                (numbers.get(scorer), json_list(found)),
            )
            for article, category, confidence, excluded in rows:
                if category in names:
                    found[article][names[category]] = confidence, bool(excluded)
            for digest in some:
                yield digest, found[digests[digest]] if digest in digests else {}

    def others(
        self, scorer: str, articles: Iterable[str], categories: Iterable[str] = ()
    ) -> set[str]:
        """Return those article digests that are judged for a category beside `categories`."""
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
        """Return the latest record of each category digest that has one."""
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
        """Return every record of an article digest, all scorers, in the order they were stored."""
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
            try:
                judgement = detail.judgement(category, confidence)
            except ValueError as error:
                raise damaged(self._db.path) from error
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
        try:
            ((scorer, article, judged_at, data),) = rows
            return scorer, article, judged_at, unpack(data)
        except ValueError as error:
            raise damaged(self._db.path) from error

    # --- writing ---------------------------------------------------------------------------------

    def add(self, *sheets: JudgementSet) -> list[int]:
        """Store judgements. They are on disk when this returns, all of them or none.

        Returns a number for each sheet, for `withdraw`.
        """
        packed = [(sheet, pack(sheet)) for sheet in sheets]  # while others may still write
        with self._db.write() as db:
            return [insert_set(self._db, db, *each) for each in packed]

    def withdraw(self, sheets: Iterable[int]) -> None:
        """Take judgements back that have turned out to be worthless.

        What they cost is no longer counted here: it belongs to the failure that showed it.
        """
        numbers = json_list(sheets)
        with self._db.write() as db:
            db.execute(
                "DELETE FROM pairs WHERE (scorer, article, sheet) IN"
                f" (SELECT scorer, article, id FROM sheets WHERE id IN {IN_LIST})",
                (numbers,),
            )
            db.execute(
                f"UPDATE sheets SET usage = ? WHERE id IN {IN_LIST}", (usage_json(Usage()), numbers)
            )

    def fail(self, miss: FailureRecord) -> None:
        """Remember why an article, or some of its categories, was left unjudged."""
        with self._db.write() as db:
            insert_failure(self._db, db, miss)

    def failed(self, scorer: str, paths: Iterable[str]) -> dict[str, Failure]:
        """Return the latest failure of each path that ever had one with this scorer.

        Whether it was overcome since, the judgements tell: ask for paths that lack some.
        """
        rows = self._db.read(
            "SELECT path, reason, message, categories FROM failures"
            f" WHERE path IN {IN_LIST} AND scorer = ? ORDER BY id",
            (json_list(paths), self._db.numbers([scorer]).get(scorer)),
        )
        return {
            path: Failure(FailureReason(reason), message, tuple(json.loads(categories)))
            for path, reason, message, categories in rows
        }

    # --- verdicts --------------------------------------------------------------------------------

    def add_verdicts(self, *given: VerdictRecord) -> None:
        """Store what people said. On disk when this returns, all of it or nothing."""
        verdicts.add(self._db, given)

    def verdicts(self) -> list[VerdictRecord]:
        """Return all that was ever said, in that order; of a pair, the last counts."""
        return verdicts.load(self._db)

    # --- batches ---------------------------------------------------------------------------------

    @property
    def batches(self) -> Batches:
        """Judgements that were asked for in files, and whose answers come later."""
        return Batches(self._db)

    # --- labels in front matter ------------------------------------------------------------------

    def applied(self, field: str) -> dict[str, tuple[str, ...]]:
        """Return, by path, the labels that we put into a field of the front matter, as written."""
        rows = self._db.read(
            "SELECT path, labels FROM applied WHERE field = CAST(? AS TEXT)", (encoded(field),)
        )
        return {path: tuple(json.loads(labels)) for path, labels in rows}

    def apply(self, path: str, field: str, labels: Iterable[str], *, at: float) -> None:
        """Remember which labels of a field are ours, in place of those that were before."""
        with self._db.write() as db:
            db.execute(
                "INSERT OR REPLACE INTO applied VALUES (CAST(? AS TEXT), CAST(? AS TEXT),"
                " CAST(? AS TEXT), ?)",
                (encoded(path), encoded(field), json_list(labels), at),
            )

    # --- runs ------------------------------------------------------------------------------------

    def begin(self, scorer: str, *, at: float) -> int:
        """Open a run; return its number."""
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
        """Close a run. By `key`, a digest of what it covered, `summary` finds its summary."""
        with self._db.write() as db:
            db.execute(
                "UPDATE runs SET ended = ?, state = ?, key = ?, summary = CAST(? AS TEXT)"
                " WHERE id = ?",
                (at, state, key, encoded(summary), run),
            )

    def summary(self, key: str) -> str | None:
        """Return the summary of the latest run that ended with this key; None after a `collect`."""
        rows = self._db.read(
            "SELECT summary FROM runs WHERE key = ? ORDER BY id DESC LIMIT 1", (key,)
        )
        return rows[0][0] if rows else None

    # --- vectors ---------------------------------------------------------------------------------

    def vectors(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return those that were kept. Each can be made again: a cache."""
        rows = self._db.read(
            f"SELECT key, data FROM vectors WHERE key IN {IN_LIST}",
            (json_list(keys),),
        )
        return dict(rows)

    def keep_vectors(self, vectors: Mapping[str, bytes]) -> None:
        with self._db.write() as db:
            db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", list(vectors.items()))

    def drop_vectors(self) -> None:
        with self._db.write() as db:
            db.execute("DELETE FROM vectors")
        self._db.compact()

    # --- upkeep ----------------------------------------------------------------------------------

    def stats(self) -> dict[str, int]:
        """Count what is stored, and the file's bytes."""
        return maintenance.stats(self._db)

    def scorers(self) -> list[tuple[str, int, float, Usage]]:
        """Return (identity, judgements, time of the latest, usage) of scorers, latest first.

        A scorer that failed and cost something is one of them.
        """
        return maintenance.scorers(self._db)

    def garbage(
        self, *, categories: Collection[str] | None = None, gone: Collection[str] = ()
    ) -> dict[str, int]:
        """Count the judgements that `collect` would drop, by why.

        `superseded`: the pair was judged again by the same scorer. `article gone`: paths held that
        version of the article, and none does any more; `gone` paths hold nothing. `category gone`:
        not among the digests given.
        """
        return maintenance.garbage(self._db, categories, gone)

    def collect(
        self, *, categories: Collection[str] | None = None, gone: Collection[str] = ()
    ) -> dict[str, int]:
        """Drop what `garbage` counts and what only it used, give the room back; return the counts.

        Failures that were followed by another, and those of forgotten or `gone` paths, go with it.
        """
        self.forget(gone)
        return maintenance.collect(self._db, categories)

    def verify(self) -> list[str]:
        """Return what is wrong with the store, one line each; empty when all is well."""
        return maintenance.verify(self._db)


def _reopened(path: Path, read_only: bool) -> Store:
    return Store.open(path, read_only=read_only)
