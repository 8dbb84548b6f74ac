"""What changed from one judgement to the next of the same article and category."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from classifier.store import JudgementRecord


@dataclass(frozen=True, slots=True)
class Change:
    before: JudgementRecord
    after: JudgementRecord

    @property
    def why(self) -> tuple[str, ...]:
        """What was not the same any more: `article`, `definition`, `scorer`.

        Empty where it was judged again as it was.
        """
        a, b = self.before, self.after
        pairs = {
            "article": (a.article, b.article),
            "definition": (a.category, b.category),
            "scorer": (a.scorer, b.scorer),
        }
        return tuple(name for name, (old, new) in pairs.items() if old != new)


def changes(records: Iterable[JudgementRecord]) -> Iterator[Change]:
    """Yield each judgement beside the one before it; `records` are in the order they were made.

    Another model or prompt changes a judgement; another kind of scorer has an opinion of its own.
    """
    last: dict[tuple[str, str], JudgementRecord] = {}
    for record in records:
        key = record.scorer.partition(":")[0], record.judgement.category
        if key in last:
            yield Change(last[key], record)
        last[key] = record


def latest(records: Iterable[JudgementRecord]) -> list[JudgementRecord]:
    """Return the last judgement of each category by each scorer, best first, scorer by scorer.

    `records` are in the order they were made; the scorer that judged last comes first.
    """
    last: dict[tuple[str, str], JudgementRecord] = {}
    for record in records:
        last[record.scorer, record.judgement.category] = record
    newest: dict[str, float] = {}
    for record in last.values():
        newest[record.scorer] = max(record.judged_at, newest.get(record.scorer, 0.0))
    return sorted(
        last.values(),
        key=lambda r: (
            -newest[r.scorer],
            r.scorer,
            -r.judgement.confidence,
            r.judgement.category,
        ),
    )
