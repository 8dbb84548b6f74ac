"""How many of the labels that people saw were right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from classifier.evaluation.clopper_pearson import Proportion
from classifier.review.queue import is_sampled
from classifier.review.table import PairTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """Of the labels that the scorer alone would assign: those people have seen."""

    category: str
    """Id; empty for all categories together."""
    accepted: int
    rejected: int
    sampled: Proportion | None
    """Of the random sample alone: an estimate for all articles. None: nothing of it was seen."""

    @property
    def seen(self) -> int:
        return self.accepted + self.rejected


def precisions(table: PairTable, *, since: float = 0.0) -> list[Precision]:
    """Return the precision of all categories together, then of each that people saw a label of.

    Args:
        table: All pairs, with verdicts.
        since: Count verdicts given after this time (seconds since the epoch): what a scorer was
            trained on says nothing of it.
    """
    import numpy as np

    counted = table.suggested & (table.verdict != 0) & (table.given > since)
    right = counted & (table.verdict > 0)
    sample = np.array([is_sampled(row.digest) for row in table.rows], bool)
    columns = [int(n) for n in np.flatnonzero(counted.any(axis=0))]

    def of(category: str, chosen: Sequence[int]) -> Precision:
        seen = counted[:, chosen].sum(axis=1)
        hits = right[:, chosen].sum(axis=1)
        drawn = sample & (seen > 0)
        return Precision(
            category=category,
            accepted=int(hits.sum()),
            rejected=int((seen - hits).sum()),
            sampled=Proportion.of(hits[drawn], seen[drawn]) if drawn.any() else None,
        )

    whole = of("", columns)
    return [whole, *(of(table.categories[column].id, [column]) for column in columns)]
