"""Import sidecars into the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from classifier.content.discovery import key_of
from classifier.models import Category, Taxonomy
from classifier.sidecars.parsing import (
    LEGACY_SCORER,
    LegacyEntry,
    NativeEntry,
    Sidecar,
    SidecarError,
)
from classifier.sidecars.paths import BESIDE, SidecarPaths
from classifier.sidecars.stored import StoredChecks, VerdictTimes
from classifier.store import JudgementRecord, JudgementSet, Store, VerdictRecord
from classifier.taxonomy.labels import LabelIndex


@dataclass(slots=True, kw_only=True)
class ImportResult:
    """The result of importing the sidecars of one article."""

    article: str
    """Path."""
    files: int = 0
    judgements: int = 0
    verdicts: int = 0
    known: int = 0
    """Judgements and verdicts that were stored before, or have a later one in their place."""
    unmatched: list[str] = field(default_factory=list)
    """Titles that match no category."""
    ambiguous: list[str] = field(default_factory=list)
    """Titles that match several categories."""
    unscored: int = 0
    """Legacy entries without a score."""
    clamped: int = 0
    """Aspects of legacy entries that were clamped to 0-100."""
    errors: list[str] = field(default_factory=list)
    """One line for each file that was skipped."""


def import_sidecars(
    articles: Mapping[str, str],
    *,
    taxonomy: Taxonomy,
    store: Store,
    home: Path,
    paths: SidecarPaths = BESIDE,
) -> Iterator[ImportResult]:
    """Import the sidecars of articles, each file as a whole or not at all.

    Articles without a sidecar are skipped. Native entries come back as the judgements they were,
    whatever the taxonomy is today.

    Args:
        articles: Article digests by path.
        taxonomy: The categories that titles in legacy entries are matched with.
        store: Where to import to.
        home: The folder that paths in the store are relative to.
        paths: Where the sidecars are.
    """
    names = LabelIndex(taxonomy.categories)
    known = list(dict.fromkeys(category.kind for category in taxonomy.categories))
    shared = paths.shared(map(Path, articles))
    verdict_times = VerdictTimes(store.verdicts())
    for article, digest in articles.items():
        result = ImportResult(article=article)
        files = () if Path(article) in shared else paths.read(Path(article), known)
        if Path(article) in shared and paths.any(Path(article)):
            result.errors.append(shared[Path(article)])
        for path, kind in files:
            stored = StoredChecks(store, key_of(article, home=home), verdict_times)
            kinds = None if kind is None else {kind}
            try:
                news = FileImport(result, stored, names=names, kinds=kinds, digest=digest)
                news.read(paths.entries(Path(article), path))
            except SidecarError as error:
                result.errors.append(str(error))
            else:
                news.keep()
        if result.files or result.errors:
            yield result


class FileImport:
    """What one file says that is not stored yet."""

    def __init__(
        self,
        result: ImportResult,
        stored: StoredChecks,
        *,
        names: LabelIndex,
        kinds: Collection[str] | None,
        digest: str,
    ) -> None:
        self._result = result
        self._stored = stored
        self._names = names
        self._kinds = kinds
        self._digest = digest
        self._records: dict[tuple[str, str, str], JudgementRecord] = {}
        self._verdicts: list[VerdictRecord] = []

    def read(self, entries: Sidecar) -> None:
        self._result.files += bool(entries)
        for entry in entries.values():
            if isinstance(entry, NativeEntry):
                self._own(entry)
            elif (category := self._category(entry)) is not None:
                self._earlier(entry, category)

    def keep(self) -> None:
        store = self._stored.store
        if self._records:
            store.add(*_judgement_sets(self._records.values()))
        if self._verdicts:
            store.add_verdicts(*self._verdicts)
        for verdict in self._verdicts:
            self._stored.verdict_times.add(verdict)
        self._result.judgements += len(self._records)
        self._result.verdicts += len(self._verdicts)

    def _own(self, entry: NativeEntry) -> None:
        if entry.record is not None:
            self._add(entry.record, known=self._stored.record(entry.record))
        if entry.verdict is None:
            return
        if self._stored.verdict(entry):
            self._result.known += 1
            return
        self._verdicts.append(
            VerdictRecord(
                path=self._stored.path,
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
        self._result.clamped += entry.clamped
        if entry.judgement is None or not self._digest:
            self._result.unscored += 1
            return
        record = JudgementRecord(
            judgement=replace(entry.judgement, category=category.id),
            scorer=LEGACY_SCORER,
            article=self._digest,
            category=replace(category, correction=None, examples=()).digest,
            judged_at=entry.judged_at,
        )
        self._add(record, known=self._stored.legacy(category.id, entry.judged_at))

    def _category(self, entry: LegacyEntry) -> Category | None:
        result = self._names.find(entry.title, self._kinds)
        if len(result) == 1:
            return result[0]
        (self._result.ambiguous if result else self._result.unmatched).append(entry.title)
        return None

    def _add(self, record: JudgementRecord, *, known: bool) -> None:
        pair = record.scorer, record.article, record.category
        other = self._records.get(pair)
        if known or (other is not None and other.judged_at >= record.judged_at):
            self._result.known += 1
        else:
            self._records[pair] = record


def _judgement_sets(records: Iterable[JudgementRecord]) -> list[JudgementSet]:
    """Return them in the order in which they were judged: the latest stored one is current."""
    together: defaultdict[tuple[float, str, str, str], list[JudgementRecord]] = defaultdict(list)
    for record in records:
        together[record.judged_at, record.scorer, record.article, record.model].append(record)
    return [
        JudgementSet(
            scorer=scorer,
            article=article,
            judgements={record.category: record.judgement for record in some},
            judged_at=judged_at,
            model=model,
        )
        for (judged_at, scorer, article, model), some in sorted(together.items())
    ]
