"""Store what is in the files beside the articles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from classifier.content.discovery import key_of
from classifier.models import Category, Taxonomy
from classifier.sidecars.files import read
from classifier.sidecars.naming import FILE_KINDS
from classifier.sidecars.parsing import (
    LEGACY_SCORER,
    LegacyEntry,
    NativeEntry,
    Sidecar,
    SidecarError,
)
from classifier.sidecars.stored import StoredChecks, VerdictTimes
from classifier.store import JudgementRecord, JudgementSet, Store, VerdictRecord
from classifier.taxonomy.labels import LabelIndex


@dataclass(slots=True, kw_only=True)
class ImportResult:
    """What came of the sidecars of one article."""

    article: str
    """Path."""
    files: int = 0
    judgements: int = 0
    verdicts: int = 0
    known: int = 0
    """Judgements and verdicts that were stored before, or have a later one in their place."""
    unmatched: list[str] = field(default_factory=list)
    """Titles that no category goes by."""
    ambiguous: list[str] = field(default_factory=list)
    """Titles that several categories go by."""
    unscored: int = 0
    """Entries of an earlier layout without a score."""
    clamped: int = 0
    """Aspects of these that were not from 0 to 100: the nearest that is was taken."""
    errors: list[str] = field(default_factory=list)
    """One line for each file that was left out."""


def import_sidecars(
    articles: Mapping[str, str], *, taxonomy: Taxonomy, store: Store, home: Path
) -> Iterator[ImportResult]:
    """Import what is beside `articles` (digest by path), each file whole or not at all.

    `taxonomy` has the categories that entries of an earlier layout may be of; our own entries come
    back as the records they were, whatever there is today. Articles without a sidecar are passed
    over.
    """
    names = LabelIndex(taxonomy.categories)
    known = {category.kind for category in taxonomy.categories}
    words = VerdictTimes(store.verdicts())
    for article, digest in articles.items():
        found = ImportResult(article=article)
        for form in FILE_KINDS:
            on_record = StoredChecks(store, key_of(article, home=home), words)
            kinds = {form} if form in known else None
            try:
                news = _FileImport(found, on_record, names=names, kinds=kinds, digest=digest)
                news.read(read(Path(article), form))
            except SidecarError as error:
                found.errors.append(str(error))
            else:
                news.keep()
        if found.files or found.errors:
            yield found


class _FileImport:
    """What one file says that is not stored yet."""

    def __init__(
        self,
        found: ImportResult,
        on_record: StoredChecks,
        *,
        names: LabelIndex,
        kinds: Collection[str] | None,
        digest: str,
    ) -> None:
        self._found = found
        self._on_record = on_record
        self._names = names
        self._kinds = kinds
        self._digest = digest
        self._records: dict[tuple[str, str, str], JudgementRecord] = {}
        self._given: list[VerdictRecord] = []

    def read(self, entries: Sidecar) -> None:
        self._found.files += bool(entries)
        for entry in entries.values():
            if isinstance(entry, NativeEntry):
                self._own(entry)
            elif (category := self._category(entry)) is not None:
                self._earlier(entry, category)

    def keep(self) -> None:
        store = self._on_record.store
        if self._records:
            store.add(*_sheets(self._records.values()))
        if self._given:
            store.add_verdicts(*self._given)
        for given in self._given:
            self._on_record.words.add(given)
        self._found.judgements += len(self._records)
        self._found.verdicts += len(self._given)

    def _own(self, entry: NativeEntry) -> None:
        if entry.record is not None:
            self._add(entry.record, known=self._on_record.record(entry.record))
        if entry.verdict is None:
            return
        if self._on_record.verdict(entry):
            self._found.known += 1
            return
        self._given.append(
            VerdictRecord(
                path=self._on_record.path,
                article=entry.article,
                category=entry.category,
                definition=entry.definition,
                accepted=entry.verdict.accepted,
                note=entry.verdict.note,
                source=entry.verdict.source,
                at=entry.verdict.at,
            )
        )

    def _earlier(self, entry: LegacyEntry, category: Category) -> None:
        self._found.clamped += entry.clamped
        if entry.judgement is None:
            self._found.unscored += 1
            return
        record = JudgementRecord(
            judgement=replace(entry.judgement, category=category.id),
            scorer=LEGACY_SCORER,
            article=self._digest,
            category=category.digest,
            judged_at=entry.judged_at,
        )
        self._add(record, known=self._on_record.earlier(category.id, entry.judged_at))

    def _category(self, entry: LegacyEntry) -> Category | None:
        found = self._names.find(entry.title, self._kinds)
        if len(found) == 1:
            return found[0]
        (self._found.ambiguous if found else self._found.unmatched).append(entry.title)
        return None

    def _add(self, record: JudgementRecord, *, known: bool) -> None:
        pair = record.scorer, record.article, record.category
        other = self._records.get(pair)
        if known or (other is not None and other.judged_at >= record.judged_at):
            self._found.known += 1
        else:
            self._records[pair] = record


def _sheets(records: Iterable[JudgementRecord]) -> list[JudgementSet]:
    """Return them in the order in which they were judged: the latest stored one is current."""
    together: defaultdict[tuple[float, str, str, str], list[JudgementRecord]] = defaultdict(list)
    for it in records:
        together[it.judged_at, it.scorer, it.article, it.model].append(it)
    return [
        JudgementSet(
            scorer=scorer,
            article=article,
            judgements={it.category: it.judgement for it in some},
            judged_at=judged_at,
            model=model,
        )
        for (judged_at, scorer, article, model), some in sorted(together.items())
    ]
