"""Judgements as they are stored: read for decisions, or with their texts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from classifier.store import values
from classifier.store.database import IN_LIST, Database, json_list
from classifier.store.inserts import insert_sets, withdraw_sets
from classifier.store.records import JudgementRecord, JudgementSet, SetDetail, pack, unpack

_AT_ONCE: Final = 1000
"""Articles whose pairs are in memory at once, at most."""
_PAIRS_AT_ONCE: Final = 50_000
"""Pairs in memory at once, of more than one article."""


class Judgements:
    """The part of a `Store` about judgements and the articles that have all of them."""

    _db: Database

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

    def complete(
        self, scorer: str, articles: Iterable[str], categories: Collection[str]
    ) -> set[str]:
        """Return the article digests that have a judgement of each of the category digests."""
        wanted = set(categories)
        numbers = self._db.numbers([scorer, *wanted])
        known = [numbers[category] for category in wanted if category in numbers]
        if len(known) < len(wanted):
            return set()
        rows = self._db.read(
            "SELECT n.name FROM pairs p JOIN names n ON n.id = p.article"
            # With `+` it reads the pairs of an article in a row, and seeks none of them.
            f" WHERE p.scorer = ? AND p.article IN {IN_LIST} AND +p.category IN {IN_LIST}"
            " GROUP BY p.article HAVING COUNT(DISTINCT p.category) = ?",
            (
                numbers.get(scorer),
                json_list(self._db.numbers(articles).values()),
                json_list(known),
                len(known),
            ),
        )
        return {digest for (digest,) in rows}

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
                    name = names.get(category)
                    if name is not None:
                        by_article[article][name] = values.unit(confidence), bool(excluded)
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
