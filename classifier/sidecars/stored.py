"""Whether the store has what a sidecar says, so that it can be left out or overwritten."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from classifier.sidecars.parsing import LEGACY_SCORER, NativeEntry
from classifier.store import JudgementRecord, Store, VerdictRecord


class VerdictTimes:
    """When people spoke last about each pair, and also when they took it back."""

    def __init__(self, given: Iterable[VerdictRecord]) -> None:
        self._last: dict[tuple[str, str], float] = {}
        for it in given:
            self.add(it)

    def add(self, it: VerdictRecord) -> None:
        for about in (it.path, it.article):
            pair = about, it.category
            self._last[pair] = max(it.at, self._last.get(pair, it.at))

    def said(self, *, path: str, article: str, category: str) -> float:
        """Return the time of the last word; -1 where there is none. `path` as in the store."""
        return max(self._last.get((about, category), -1.0) for about in (path, article))


@dataclass(frozen=True, slots=True)
class StoredChecks:
    """What the store has of one article. Something later in its place counts, too."""

    store: Store
    path: str
    """As in the store."""
    words: VerdictTimes
    _judged: dict[str, dict[tuple[str, str], float]] = field(default_factory=dict)

    def record(self, record: JudgementRecord) -> bool:
        judged = self._of(record.article)
        return judged.get((record.scorer, record.category), -1.0) >= record.judged_at

    def verdict(self, entry: NativeEntry) -> bool:
        if entry.verdict is None:
            return True
        last = self.words.said(path=self.path, article=entry.article, category=entry.category)
        return last >= entry.verdict.at

    def earlier(self, category: str, judged_at: float) -> bool:
        """Whether an entry of an earlier layout was imported.

        From what the file held then: neither the article nor the definition need be the same now.
        """
        versions = [digest for digest, _ in self.store.versions(self.path)]
        return any(
            self._of(version).get((LEGACY_SCORER, category), -1.0) >= judged_at
            for version in versions
        )

    def _of(self, article: str) -> dict[tuple[str, str], float]:
        """Return times by scorer and category digest; for the earlier layout, category id."""
        if article not in self._judged:
            times: dict[tuple[str, str], float] = {}
            for it in self.store.history(article):
                named = it.judgement.category if it.scorer == LEGACY_SCORER else it.category
                pair = it.scorer, named
                times[pair] = max(it.judged_at, times.get(pair, it.judged_at))
            self._judged[article] = times
        return self._judged[article]
