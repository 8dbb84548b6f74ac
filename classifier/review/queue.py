"""The order in which articles are reviewed: first those whose verdicts teach most per keystroke.

A reviewer corrects what is wrong, pair by pair, and confirms the article with one key.
So an article costs one key and one for each pair that is expected to be wrong, and is worth its
pairs: doubtful ones more (uncertainty sampling, Lewis & Gale 1994, "A Sequential Algorithm for
Training Text Classifiers"), those that another scorer decides otherwise more, those of categories
with many verdicts less. Every `SHARE`-th article comes from a random sample instead, since what was
picked says nothing of the rest. `benchmarks/review_queue.py` measures it.
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
LISTED: Final = 20
"""Pairs of an article that are listed in all: those asked about, then the most confident others."""
_LEAST: Final = 5
"""Of an article without a label, the best pairs that are asked about: where a scorer is never sure,
what belongs is among them."""
_MOST: Final = 12
"""Pairs asked about on one article; labels are asked about however many they are."""
_CLIP: Final = 1e-4
_EQUAL: Final = 1e-12
_DISAGREEMENT: Final = 0.5
"""Added to the worth (0.5-1) of a pair that another scorer labels otherwise."""
_NEVER: Final = 0.01
"""Pairs below this confidence are not asked about for being an article's best."""


@dataclass(frozen=True, slots=True)
class Ask:
    """An article to look at."""

    row: int
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


def questions(table: PairTable) -> NDArray[np.bool_]:
    """Return which pairs a reviewer is asked about; verdicts change nothing.

    Labels, near misses and other pairs that are doubtful; of an article without a label, the best
    pairs. Of all but labels an article has only so many, the most doubtful ones.
    """
    import numpy as np

    doubt = uncertainty(table)
    others = (table.near() | (doubt >= DOUBTFUL) | _best(table)) & ~table.suggested
    room = _MOST - table.suggested.sum(axis=1)
    for row in np.flatnonzero(others.sum(axis=1) > room):
        ranked = np.argsort(-np.where(others[row], doubt[row], -1.0), kind="stable")
        others[row, ranked[max(0, int(room[row])) :]] = False
    return table.suggested | others


def _best(table: PairTable) -> NDArray[np.bool_]:
    """Return the best pairs of each article that has no label."""
    import numpy as np

    fit = np.where(table.excluded | np.isnan(table.confidence), 0.0, table.confidence)
    place = max(0, table.width - _LEAST)
    least = np.partition(fit, place, axis=1)[:, place, None] if table.width else fit
    without = ~table.suggested.any(axis=1, keepdims=True)
    best: NDArray[np.bool_] = without & (fit >= least) & (fit > _NEVER)
    return best


def order(
    table: PairTable,
    asked: NDArray[np.bool_] | None = None,
    *,
    disagreement: NDArray[Any] | None = None,
) -> Iterator[Ask]:
    """Yield the articles that have a pair without a verdict, the most instructive first.

    Args:
        table: What is judged, and the verdicts there are.
        asked: What `questions` returns.
        disagreement: By pair, whether another scorer decides otherwise.
    """
    import numpy as np

    asked = questions(table) if asked is None else asked
    undecided = asked & (table.verdict == 0)
    worth = (1 + uncertainty(table)) / 2
    if disagreement is not None:
        worth = worth + _DISAGREEMENT * disagreement
    pending = [int(row) for row in np.flatnonzero(undecided.any(axis=1))]
    sampled = [row for row in pending if is_sampled(table.rows[row].digest)]
    sampled.sort(key=lambda row: table.rows[row].digest[::-1])
    chosen = set(sampled)
    seen = np.abs(table.verdict).sum(axis=0).astype(float)
    rest = [row for row in pending if row not in chosen]
    sample = iter(sampled)
    place = 0
    likely = np.nan_to_num(table.confidence)
    wrong = np.where(table.suggested, 1 - likely, likely)
    for row in _ranked(rest, undecided, worth, wrong, seen):
        if place % SHARE == SHARE - 1 and (random := next(sample, None)) is not None:
            yield Ask(random, sampled=True)
            place += 1
        yield Ask(row, sampled=False)
        place += 1
    for random in sample:
        yield Ask(random, sampled=True)


def is_sampled(article: str) -> bool:
    """Return whether an article (its digest) is of the random sample: the same at every start."""
    return int(article[:8] or "0", 16) % SHARE == 0


def _ranked(
    rows: Sequence[int],
    undecided: NDArray[np.bool_],
    worth: Floats,
    wrong: Floats,
    seen: Floats,
) -> Iterator[int]:
    """Yield rows by what they are worth beside those before them (lazy greedy).

    Args:
        rows: Of articles.
        undecided: By pair, whether it is asked about.
        worth: By pair.
        wrong: By pair, how likely it is decided wrongly (0-1).
        seen: Verdicts on each category; those that are asked about are added.
    """
    import numpy as np

    columns = {row: np.flatnonzero(undecided[row]) for row in rows}
    values = {row: worth[row, places] for row, places in columns.items()}
    keys = {row: 1 + float(wrong[row, places].sum()) for row, places in columns.items()}

    def value(row: int) -> float:
        weights = 1 / np.sqrt(1 + seen[columns[row]])
        return float(values[row] @ weights) / keys[row]

    waiting = [(-value(row), row) for row in rows]
    heapq.heapify(waiting)
    while waiting:
        _, row = heapq.heappop(waiting)
        now = value(row)
        if waiting and now < -waiting[0][0] - _EQUAL:
            heapq.heappush(waiting, (-now, row))  # its categories were asked about meanwhile
            continue
        seen[columns[row]] += 1
        yield row


def _logit(share: Any) -> Any:
    import numpy as np

    clipped = np.clip(share, _CLIP, 1 - _CLIP)
    return np.log(clipped / (1 - clipped))
