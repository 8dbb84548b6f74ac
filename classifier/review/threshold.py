"""What another minimum would change of the labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from classifier.decisions import Pair, decide_pairs
from classifier.models import Verdict
from classifier.review.table import PairTable


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdChange:
    """Labels with another minimum of one category. Pairs with a verdict never change."""

    category: str
    minimum: float
    labels: int
    """Labels of the category with this minimum."""
    added: tuple[str, ...]
    """Articles that get the label."""
    removed: tuple[str, ...]
    """Articles that lose it."""
    others: int
    """Labels of other categories that come or go, since an article has only so many of a kind."""

    @property
    def changes(self) -> int:
        return len(self.added) + len(self.removed) + self.others


def threshold_change(
    table: PairTable,
    column: int,
    minimum: float,
    verdicts: Mapping[int, Mapping[str, Verdict]],
) -> ThresholdChange:
    """Decide with another minimum of a category.

    Args:
        table: All pairs.
        column: Of the category.
        minimum: The least confidence (0-1) of a label.
        verdicts: By row, for rows that have any.
    """
    category = table.categories[column]
    taxonomy = replace(table.taxonomy, minimums={**table.taxonomy.minimums, category.id: minimum})
    added: list[str] = []
    removed: list[str] = []
    others = 0
    labels = int(table.label[:, column].sum())
    for row in _differing(table, column, minimum):
        pairs = (_with_minimum(pair, category.id, minimum) for pair in table.pairs(row))
        given = verdicts.get(row, {})
        blocked = table.rows[row].blocked
        decided = decide_pairs(pairs, taxonomy, blocked=blocked, verdicts=given)
        after = {table.columns[label.category.id] for label in decided}
        before = {int(n) for n in table.label[row].nonzero()[0]}
        changed = after ^ before
        if column in changed:
            (added if column in after else removed).append(table.rows[row].path)
        others += len(changed - {column})
    return ThresholdChange(
        category=category.id,
        minimum=minimum,
        labels=labels + len(added) - len(removed),
        added=tuple(added),
        removed=tuple(removed),
        others=others,
    )


def _differing(table: PairTable, column: int, minimum: float) -> Iterable[int]:
    import numpy as np

    values = table.confidence[:, column]
    with np.errstate(invalid="ignore"):
        found = (values >= minimum) != (values >= table.minimums[:, column])
    return (int(row) for row in np.flatnonzero(found[: table.height]))


def _with_minimum(pair: Pair, category: str, minimum: float) -> Pair:
    name, confidence, least, excluded = pair
    return name, confidence, minimum if name == category else least, excluded
