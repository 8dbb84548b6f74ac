"""Tell whether the store has what a sidecar says, so that it need not be imported or kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from classifier.sidecars.parsing import LEGACY_SCORER, NativeEntry
from classifier.store import JudgementRecord, Store, VerdictRecord


class VerdictTimes:
    """The time of the last verdict on each pair, withdrawals included."""

    def __init__(self, records: Iterable[VerdictRecord]) -> None:
        self._last: dict[tuple[str, str], float] = {}
        for record in records:
            self.add(record)

    def add(self, record: VerdictRecord) -> None:
        for key in (record.path, record.article):
            pair = key, record.category
            self._last[pair] = max(record.at, self._last.get(pair, record.at))

    def last(self, *, path: str, article: str, category: str) -> float:
        """Return the time of the last verdict (seconds since the epoch); -1 if there is none."""
        return max(self._last.get((key, category), -1.0) for key in (path, article))


@dataclass(frozen=True, slots=True)
class StoredChecks:
    """Tells what the store has of one article; something later in its place counts too."""

    store: Store
    path: str
    """Path of the article in the store."""
    verdict_times: VerdictTimes
    digest: str | None = None
    """Of the article as it is, if only that counts; None: any version of it does."""
    _judged: dict[str, dict[tuple[str, str], float]] = field(default_factory=dict)

    def record(self, record: JudgementRecord) -> bool:
        judged = self._of(record.article)
        return judged.get((record.scorer, record.category), -1.0) >= record.judged_at

    def verdict(self, entry: NativeEntry) -> bool:
        if entry.verdict is None:
            return True
        last = self.verdict_times.last(
            path=self.path, article=entry.article, category=entry.category
        )
        return last >= entry.verdict.at

    def legacy(self, category: str, judged_at: float) -> bool:
        """Whether a legacy entry was imported, from any version of the article or definition."""
        known = self.store.versions(self.path) if self.digest is None else ()
        versions = [digest for digest, _ in known] or [self.digest or ""]
        return any(
            self._of(version).get((LEGACY_SCORER, category), -1.0) >= judged_at
            for version in versions
        )

    def _of(self, article: str) -> dict[tuple[str, str], float]:
        """Return times by scorer and category digest; for legacy entries, by category id."""
        if article not in self._judged:
            times: dict[tuple[str, str], float] = {}
            for record in self.store.history(article):
                named = (
                    record.judgement.category if record.scorer == LEGACY_SCORER else record.category
                )
                pair = record.scorer, named
                times[pair] = max(record.judged_at, times.get(pair, record.judged_at))
            self._judged[article] = times
        return self._judged[article]
