"""Gold labels beside what is on record of the same pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.corpus import Scan
from classifier.evaluation.gold import Gold
from classifier.models import Category, Taxonomy
from classifier.store import Store


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GoldPairs:
    """Articles x categories; every array has that shape."""

    articles: tuple[str, ...]
    """Paths."""
    digests: tuple[str, ...]
    """Of the articles."""
    categories: tuple[Category, ...]
    truth: NDArray[np.bool_]
    """Whether it belongs; False where that is not known."""
    known: NDArray[np.bool_]
    """Whether the gold says anything about it."""
    confidence: NDArray[np.float64]
    """As the scorer gave it, 0-1; NaN where it has not judged."""
    excluded: NDArray[np.bool_]
    """Whether an exclusion rule fired."""

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Whether there is both a word of a person and a judgement."""
        return self.known & ~np.isnan(self.confidence)


def load(gold: Gold, taxonomy: Taxonomy, *, scan: Scan, store: Store) -> GoldPairs:
    """Look up what the scorer of a scan of `gold.paths` has on record, in bulk.

    Articles that cannot be read are left out, and so are categories of kinds about which the gold
    says nothing. All others of a kind are there, known or not: which labels an article gets depends
    on them.
    """
    entries = [entry for entry in scan.entries if entry.path in gold.labels]
    said = set[str]().union(*(gold.labels[entry.path] for entry in entries))
    kinds = {category.kind for category in taxonomy.categories if category.id in said}
    categories = tuple(c for c in taxonomy.categories if c.kind in kinds)
    column = {category.id: n for n, category in enumerate(categories)}
    shape = len(entries), len(categories)
    truth, known, excluded = (np.zeros(shape, dtype=np.bool_) for _ in range(3))
    confidence = np.full(shape, np.nan)
    for row, entry in enumerate(entries):
        for name, belongs in gold.labels[entry.path].items():
            if name in column:
                truth[row, column[name]], known[row, column[name]] = belongs, True
    digests = [category.digest for category in categories]
    records = store.confidences(scan.scorer, (entry.digest for entry in entries), set(digests))
    for row, (_, found) in enumerate(records):
        for n, digest in enumerate(digests):
            if digest in found:
                confidence[row, n], excluded[row, n] = found[digest]
    return GoldPairs(
        articles=tuple(entry.path for entry in entries),
        digests=tuple(entry.digest for entry in entries),
        categories=categories,
        truth=truth,
        known=known,
        confidence=confidence,
        excluded=excluded,
    )
