"""Evidence: the sentences of an article that are closest to a category."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifier.content import passages
from classifier.content.document import prose
from classifier.models import Evidence, Passage
from classifier.scorers.embedded.features import EncodedArticle, EncodedCategory, best_rows

if TYPE_CHECKING:
    from classifier.scorers.embedded.encoding import ArticleTexts
    from classifier.scorers.embedded.features import Vectors

QUOTES = 2
PASSAGES = 2
"""Number of closest passages whose sentences are embedded; all would double the work."""
_SECOND = 0.85
"""Share of the best sentence's closeness that a second quote needs."""
_SHORTEST, _LONGEST = 25, 400
"""Characters of a quote: shorter sentences say nothing alone, longer ones are no quotes."""


@dataclass(frozen=True, slots=True)
class QuoteSearch:
    """A search for quotes in one article, and the sentences it needs vectors of."""

    _sentences: Sequence[Passage]
    _places: Mapping[str, Sequence[int]]
    """Indices of the sentences in the closest passages, by category."""
    _needed: Sequence[int]

    @classmethod
    def of(
        cls, parts: ArticleTexts, article: EncodedArticle, views: Mapping[str, EncodedCategory]
    ) -> QuoteSearch:
        """Prepare to find quotes for each encoded category."""
        if not views:
            return cls((), {}, ())
        sentences = [s for s in passages.sentences(prose(parts.article)) if _fit(s)]
        closest = {key: best_rows(article.passages, view, PASSAGES) for key, view in views.items()}
        among = {p for found in closest.values() for p in found}
        inside = {p: _inside(sentences, parts.passages[p]) for p in among}
        places = {key: [i for p in found for i in inside[p]] for key, found in closest.items()}
        needed = sorted({i for found in places.values() for i in found})
        return cls(sentences, places, needed)

    @property
    def texts(self) -> list[str]:
        return [self._sentences[i].text for i in self._needed]

    def quotes(
        self, views: Mapping[str, EncodedCategory], vectors: Vectors
    ) -> dict[str, tuple[Evidence, ...]]:
        """Return the quotes by key, from the vectors of `texts`."""
        rows = dict(zip(self._needed, vectors, strict=True))
        return {
            key: _best(self._sentences, {i: rows[i] for i in places}, views[key])
            for key, places in self._places.items()
        }


def _fit(sentence: Passage) -> bool:
    return _SHORTEST <= len(sentence.text) <= _LONGEST


def _inside(sentences: Sequence[Passage], passage: Passage) -> list[int]:
    first = bisect_left(sentences, passage.start, key=lambda sentence: sentence.start)
    last = bisect_right(sentences, passage.end, lo=first, key=lambda sentence: sentence.end)
    return list(range(first, last))


def _best(
    sentences: Sequence[Passage], vectors: Mapping[int, Vectors], view: EncodedCategory
) -> tuple[Evidence, ...]:
    if not vectors:
        return ()
    closeness = np.stack(list(vectors.values())) @ view.prototypes.T
    best = closeness.max(axis=1)
    ranked = sorted(zip(vectors, best, strict=True), key=lambda pair: (-pair[1], pair[0]))
    floor = _SECOND * ranked[0][1]
    chosen = [sentences[i] for i, value in ranked[:QUOTES] if value >= floor]
    return tuple(Evidence(s.text, s.start, s.end) for s in chosen)
