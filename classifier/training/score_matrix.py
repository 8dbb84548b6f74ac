"""The stored judgements of some articles and categories as arrays, articles x categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from classifier.evaluation.metrics import Bools, Floats
from classifier.models import Category, Taxonomy
from classifier.scorers.cascade.deferral import hash_uniform
from classifier.store import Store


@dataclass(frozen=True, slots=True)
class ScoreMatrix:
    """The articles (rows) and categories (columns) of such arrays."""

    articles: Sequence[str]
    """Article digests, each once."""
    categories: Sequence[Category]

    def of_kinds(self, kinds: Sequence[str]) -> ScoreMatrix:
        """Return the same articles with the categories of some kinds."""
        return ScoreMatrix(self.articles, [c for c in self.categories if c.kind in kinds])

    def uniforms(self, salt: str = "") -> Floats:
        """Return a uniform number (0-1) for each pair, by its digests and `salt` alone."""
        return np.array(
            [
                [hash_uniform(a, c.uncorrected.digest, salt) for c in self.categories]
                for a in self.articles
            ]
        ).reshape(self._shape)

    def confidences(self, store: Store, scorer: str) -> tuple[Floats, Bools]:
        """Return confidences (0-1, NaN if not judged) and which pairs a rule excluded."""
        confidence, excluded = np.full(self._shape, np.nan), np.zeros(self._shape, dtype=np.bool_)
        digests = [category.digest for category in self.categories]
        for row, (_, of_article) in enumerate(
            store.confidences(scorer, self.articles, set(digests))
        ):
            for column, digest in enumerate(digests):
                if digest in of_article:
                    confidence[row, column], excluded[row, column] = of_article[digest]
        return confidence, excluded

    def labels(self, store: Store, scorer: str, taxonomy: Taxonomy) -> tuple[Bools, Bools]:
        """Return which pairs a scorer labels by today's minimums, and which it has judged.

        The scorer is one that has learned nothing, as the second one of a cascade.
        """
        plain = replace(self, categories=[category.uncorrected for category in self.categories])
        confidence, excluded = plain.confidences(store, scorer)
        minimums = np.array([taxonomy.minimum(category) for category in self.categories])
        return (confidence >= minimums) & ~excluded, ~np.isnan(confidence)

    @property
    def _shape(self) -> tuple[int, int]:
        return len(self.articles), len(self.categories)
