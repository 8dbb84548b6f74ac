"""Evidence: the sentences of an article that are closest to a category.

A sentence is compared by its token spans, so no sentence is embedded.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifier.content import passages
from classifier.content.document import prose
from classifier.models import Evidence, Passage
from classifier.scorers.embedded.features import (
    EncodedArticle,
    EncodedCategory,
    best_rows,
    unit_vector,
)

if TYPE_CHECKING:
    from classifier.content.passages import Prose
    from classifier.scorers.embedded.encoding import ArticleTexts
    from classifier.scorers.embedded.features import Vectors

    Extent = tuple[int, int]

QUOTES = 2
PASSAGES = 2
"""Number of closest passages that are quoted from."""
_SECOND = 0.85
"""Share of the best sentence's closeness that a second quote needs."""
_SHORTEST, _LONGEST = 25, 400
"""Characters of a quote: shorter sentences say nothing alone, longer ones are no quotes."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    quote: Passage
    vector: Vectors
    """Mean of its spans, of length 1."""


def find_quotes(
    parts: ArticleTexts,
    article: EncodedArticle,
    views: Mapping[str, EncodedCategory],
    counts: Sequence[int],
    extents: Callable[[str], Sequence[Extent]],
) -> dict[str, tuple[Evidence, ...]]:
    """Return quotes for each encoded category, by its key.

    Args:
        parts: The texts of the article.
        article: The same article, encoded.
        views: The categories.
        counts: How many spans each of `parts.texts` has.
        extents: Returns where the spans of a text are in it.
    """
    closest = {key: best_rows(article.passages, view, PASSAGES) for key, view in views.items()}
    text, ends, inside = prose(parts.article), np.cumsum(counts), {}
    for i in {i for found in closest.values() for i in found}:
        passage = parts.read[i]
        middles = [start + end for start, end in extents(passage.text)]
        spans = article.spans[ends[i] : ends[i + 1]]  # the first text is the title
        inside[i] = [
            _Sentence(sentence, _vector(spans, middles, at))
            for sentence, at in _places(_quotable(text, passage), passage)
        ]
    return {
        key: _best([s for i in sorted(found) for s in inside[i]], views[key])
        for key, found in closest.items()
    }


def _quotable(text: Prose, passage: Passage) -> list[Passage]:
    """Return sentences that may be quoted, of all blocks that a passage has a part of."""
    start, end = text.at_or_after(passage.start), text.at_or_after(passage.end)
    return [it for it in passages.sentences(text, start=start, end=end) if _fit(it)]


def _fit(sentence: Passage) -> bool:
    return _SHORTEST <= len(sentence.text) <= _LONGEST


def _places(sentences: Sequence[Passage], passage: Passage) -> list[tuple[Passage, Extent]]:
    """Return the sentences inside a passage, and where each is in its text."""
    found, start = [], 0
    for i in _inside(sentences, passage):
        at = passage.text.find(sentences[i].text, start)
        if at >= 0:
            start = at + len(sentences[i].text)
            found.append((sentences[i], (at, start)))
    return found


def _inside(sentences: Sequence[Passage], passage: Passage) -> list[int]:
    first = bisect_left(sentences, passage.start, key=lambda sentence: sentence.start)
    last = bisect_right(sentences, passage.end, lo=first, key=lambda sentence: sentence.end)
    return list(range(first, last))


def _vector(spans: Vectors, middles: Sequence[int], at: Extent) -> Vectors:
    """Return the mean of the spans whose middle is at a place in the text; zeros for none.

    A model that pools by itself has one span for each window, which no extents are known of.

    Args:
        spans: Of a text.
        middles: Twice the place of each span's middle, in order.
        at: The place.
    """
    known = middles if len(middles) == len(spans) else ()
    first, last = (bisect_left(known, 2 * place) for place in at)
    return unit_vector(spans[first:last].sum(axis=0))


def _best(sentences: Sequence[_Sentence], view: EncodedCategory) -> tuple[Evidence, ...]:
    """Return the closest sentences as evidence, the closest first."""
    if not sentences:
        return ()
    closeness = np.stack([s.vector for s in sentences]) @ view.along.T
    best = closeness.max(axis=1)
    order = np.argsort(-best, kind="stable")[:QUOTES]
    chosen = [sentences[i].quote for i in order if best[i] >= _SECOND * best[order[0]]]
    return tuple(Evidence(s.text, s.start, s.end) for s in chosen)
