"""All pairs of some articles and categories, as tables: articles x categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classifier.evaluation.metrics import Bools, Floats
from classifier.models import Category, Taxonomy
from classifier.scorers.cascade.deferral import hash_uniform
from classifier.store import Store


@dataclass(frozen=True, slots=True)
class ScoreMatrix:
    articles: Sequence[str]
    """Digests, each once."""
    categories: Sequence[Category]

    def of_kinds(self, kinds: Sequence[str]) -> ScoreMatrix:
        return ScoreMatrix(self.articles, [c for c in self.categories if c.kind in kinds])

    def uniforms(self, salt: str = "") -> Floats:
        """Return what `cuts.lot` gives each pair."""
        return np.array(
            [[hash_uniform(a, c.digest, salt) for c in self.categories] for a in self.articles]
        ).reshape(self._shape)

    def confidences(self, store: Store, scorer: str) -> tuple[Floats, Bools]:
        """Return a scorer's confidences, NaN where it has not judged, and what was excluded."""
        confidence, excluded = np.full(self._shape, np.nan), np.zeros(self._shape, dtype=np.bool_)
        digests = [category.digest for category in self.categories]
        for row, (_, found) in enumerate(store.confidences(scorer, self.articles, set(digests))):
            for column, digest in enumerate(digests):
                if digest in found:
                    confidence[row, column], excluded[row, column] = found[digest]
        return confidence, excluded

    def labels(self, store: Store, scorer: str, taxonomy: Taxonomy) -> tuple[Bools, Bools]:
        """Return which pairs the scorer labels, by the minimums of now, and which it has judged."""
        confidence, excluded = self.confidences(store, scorer)
        least = np.array([taxonomy.minimum(category) for category in self.categories])
        return (confidence >= least) & ~excluded, ~np.isnan(confidence)

    @property
    def _shape(self) -> tuple[int, int]:
        return len(self.articles), len(self.categories)
