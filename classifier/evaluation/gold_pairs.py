"""Gold labels beside a scorer's stored confidences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classifier.corpus import Scan
from classifier.evaluation.gold import Gold
from classifier.models import Category, Taxonomy
from classifier.store import Store


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GoldPairs:
    """Gold labels and confidences; every array is articles x categories."""

    articles: tuple[str, ...]
    """Paths of the articles."""
    digests: tuple[str, ...]
    """Digests of the articles."""
    categories: tuple[Category, ...]
    truth: NDArray[np.bool_]
    """Whether the category belongs; False if that is not known."""
    known: NDArray[np.bool_]
    """Whether the gold says anything about the pair."""
    confidence: NDArray[np.float64]
    """The scorer's confidence, 0-1; NaN if not judged."""
    excluded: NDArray[np.bool_]
    """Whether an exclusion rule fired."""
    rejected: NDArray[np.bool_] | None = None
    """Whether a person rejected the pair, rather than labelled its article; None: not known."""

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Whether there are both a gold label and a judgement."""
        return self.known & ~np.isnan(self.confidence)

    def filled(self, other: GoldPairs) -> GoldPairs:
        """Return the pairs with the judgements of `other` where they lack one."""
        missing = np.isnan(self.confidence)
        return replace(
            self,
            confidence=np.where(missing, other.confidence, self.confidence),
            excluded=np.where(missing, other.excluded, self.excluded),
        )

    def of_kind(self, kind: str) -> GoldPairs:
        """Return the pairs of the categories of one kind."""
        return self.some([n for n, c in enumerate(self.categories) if c.kind == kind])

    def rows(self, some: NDArray[np.bool_]) -> GoldPairs:
        """Return the pairs of some of the articles."""
        chosen = np.flatnonzero(some).tolist()
        return replace(
            self,
            articles=tuple(self.articles[n] for n in chosen),
            digests=tuple(self.digests[n] for n in chosen),
            truth=self.truth[some],
            known=self.known[some],
            confidence=self.confidence[some],
            excluded=self.excluded[some],
            rejected=None if self.rejected is None else self.rejected[some],
        )

    def some(self, columns: Sequence[int]) -> GoldPairs:
        """Return the pairs of some of the categories."""
        return replace(
            self,
            categories=tuple(self.categories[n] for n in columns),
            truth=self.truth[:, columns],
            known=self.known[:, columns],
            confidence=self.confidence[:, columns],
            excluded=self.excluded[:, columns],
            rejected=None if self.rejected is None else self.rejected[:, columns],
        )


def load(gold: Gold, taxonomy: Taxonomy, *, scan: Scan, store: Store) -> GoldPairs:
    """Look up the stored judgements of the gold's articles, in bulk.

    Articles that cannot be read are left out, and so are kinds about which the gold says nothing.
    All categories of the other kinds are included, known or not, because an article's labels depend
    on them.

    Args:
        gold: The labels.
        taxonomy: All categories.
        scan: A scan of `gold.paths`; its scorer is the one looked up.
        store: Where its judgements are.
    """
    entries = [entry for entry in scan.entries if entry.path in gold.labels]
    labelled = set[str]().union(*(gold.labels[entry.path] for entry in entries))
    kinds = {category.kind for category in taxonomy.categories if category.id in labelled}
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
    for row, (_, of_article) in enumerate(records):
        for n, digest in enumerate(digests):
            if digest in of_article:
                confidence[row, n], excluded[row, n] = of_article[digest]
    return GoldPairs(
        articles=tuple(entry.path for entry in entries),
        digests=tuple(entry.digest for entry in entries),
        categories=categories,
        truth=truth,
        known=known,
        confidence=confidence,
        excluded=excluded,
    )
