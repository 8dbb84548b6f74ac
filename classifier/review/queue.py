"""The order in which articles are reviewed: first those whose verdicts teach most per keystroke.

Uncertainty sampling (Lewis & Gale 1994, "A Sequential Algorithm for Training Text Classifiers")
over the pairs of an article, with a weight for each category that falls with the verdicts it has,
so that one category does not take all; every `SHARE`-th article comes from a random sample instead,
since what was picked for its doubt says nothing of the rest.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from classifier.review.table import PairTable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

SHARE: Final = 5
"""One article of this many is of the random sample."""
DOUBTFUL: Final = 0.5
"""Uncertainty (0-1) from which a pair is asked about though it is neither label nor near miss."""
_MOST: Final = 12
"""Pairs asked about on one article; labels are asked about however many they are."""
_CLIP: Final = 1e-4
_DISAGREEMENT: Final = 0.5
"""Added to the uncertainty of a pair that another scorer labels otherwise."""


@dataclass(frozen=True, slots=True)
class Ask:
    """An article, and the pairs a reviewer is asked about."""

    row: int
    columns: tuple[int, ...]
    """Labels first, both parts by confidence."""
    sampled: bool
    """Whether it is of the random sample."""


def uncertainty(table: PairTable) -> Floats:
    """Return 4 p (1 - p) of each pair, where p is 1/2 at the minimum; 0 if nothing judged it."""
    import numpy as np

    with np.errstate(invalid="ignore"):
        odds = _logit(table.confidence) - _logit(table.minimums)
        p = 1 / (1 + np.exp(-odds))
        doubt = 4 * p * (1 - p)
    return np.where(np.isnan(doubt) | table.excluded, 0.0, doubt)


def asked(table: PairTable, row: int, doubt: Floats | None = None) -> tuple[int, ...]:
    """Return the columns of an article that a reviewer is asked about; verdicts change nothing.

    Its labels, its near misses, and other pairs that are doubtful, the most doubtful first.
    """
    import numpy as np

    confidence = table.confidence[row]
    by_confidence = np.argsort(-np.nan_to_num(confidence, nan=-1.0), kind="stable")
    labels = [int(n) for n in by_confidence if table.suggested[row, n]]
    if doubt is None:
        doubt = uncertainty(table)
    of_row = doubt[row]
    open_to = (table.near(row) | (of_row >= DOUBTFUL)) & ~table.suggested[row]
    others = sorted(np.flatnonzero(open_to), key=lambda n: -of_row[n])
    chosen = set(others[: max(0, _MOST - len(labels))])
    return tuple(labels + [int(n) for n in by_confidence if n in chosen])


def order(table: PairTable, *, disagreement: NDArray[Any] | None = None) -> Iterator[Ask]:
    """Yield the articles that have a pair without a verdict, the most instructive first.

    Args:
        table: What is judged, and the verdicts there are.
        disagreement: By pair, whether another scorer decides otherwise.
    """
    doubt = uncertainty(table)
    worth = doubt if disagreement is None else doubt + _DISAGREEMENT * disagreement
    asks = [asked(table, row, doubt) for row in range(table.height)]
    pending = [row for row in range(table.height) if _undecided(table, row, asks[row])]
    sampled = sorted(
        (row for row in pending if is_sampled(table.rows[row].digest)),
        key=lambda row: table.rows[row].digest[::-1],
    )
    chosen = set(sampled)
    ranked = _ranked(table, [row for row in pending if row not in chosen], asks, worth)
    place, sample = 0, iter(sampled)
    for row in ranked:
        if place % SHARE == SHARE - 1 and (random := next(sample, None)) is not None:
            yield Ask(random, asks[random], sampled=True)
            place += 1
        yield Ask(row, asks[row], sampled=False)
        place += 1
    for random in sample:
        yield Ask(random, asks[random], sampled=True)


def is_sampled(article: str) -> bool:
    """Return whether an article (its digest) is of the random sample: the same at every start."""
    return int(article[:8] or "0", 16) % SHARE == 0


def _ranked(
    table: PairTable, rows: Sequence[int], asks: Sequence[tuple[int, ...]], worth: Floats
) -> Iterator[int]:
    """Yield rows by what they are worth beside those before them (lazy greedy)."""
    import numpy as np

    seen = np.abs(table.verdict).sum(axis=0).astype(float)

    def value(row: int) -> float:
        columns = _undecided(table, row, asks[row])
        weights = 1 / np.sqrt(1 + seen[columns])
        return float((worth[row, columns] * weights).sum() / (len(columns) + 1))

    waiting = [(-value(row), row) for row in rows]
    heapq.heapify(waiting)
    while waiting:
        _, row = heapq.heappop(waiting)
        now = value(row)
        if waiting and now < -waiting[0][0] - 1e-12:
            heapq.heappush(waiting, (-now, row))  # its categories were asked about meanwhile
            continue
        seen[_undecided(table, row, asks[row])] += 1
        yield row


def _undecided(table: PairTable, row: int, columns: Sequence[int]) -> list[int]:
    return [column for column in columns if not table.verdict[row, column]]


def _logit(share: Any) -> Any:
    import numpy as np

    clipped = np.clip(share, _CLIP, 1 - _CLIP)
    return np.log(clipped / (1 - clipped))
