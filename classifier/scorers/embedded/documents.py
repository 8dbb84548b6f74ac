"""One vector for each article, to find articles that are about the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from classifier.models import digest
from classifier.scorers.embedded import reference_topics
from classifier.scorers.embedded.encoding import ArticleTexts, document_vector
from classifier.scorers.embedded.features import Whitening
from classifier.scorers.embedded.model_files import ModelChoice, ModelFiles
from classifier.scorers.embedded.sentence_model import SentenceModel
from classifier.scorers.embedded.vectors import Embedder, VectorCache

if TYPE_CHECKING:
    from classifier.models import Article
    from classifier.scorers.embedded.features import Vectors

_AT_ONCE: Final = 32
_T = TypeVar("_T")


class DocumentSpace:
    """Embeds articles, and names for them, into one space. Loads the model when it is made."""

    def __init__(self, cache: VectorCache | None, *, model: ModelChoice = None) -> None:
        """Open the sentence model.

        Args:
            cache: What has the vectors of articles that were judged; the others are embedded.
            model: Folder of the sentence model, or `multilingual`; None for the default one.
        """
        self._model = SentenceModel.open(ModelFiles.find(model))
        known = reference_topics.load(self._model)
        self._embedder = Embedder(self._model, known.axes, cache)
        self._cache = cache
        self._white = Whitening(known)

    def articles(self, articles: Iterable[Article]) -> Vectors:
        """Return whitened vectors of length 1, a row an article; zeros for one without text."""
        rows: list[Vectors] = []
        for chunk in _chunks(articles):
            parts = [
                ArticleTexts.of(article, beginning=self._model.recipe.beginning)
                for article in chunk
            ]
            made = self._embedder.begin([part.texts for part in parts], role="passage").read()
            for part, group in zip(parts, made, strict=True):
                row = document_vector(part, group.vectors)
                rows.append(np.zeros_like(row) if part.blank else self._white(row))
        return self.table(rows)

    def table(self, rows: Sequence[Vectors]) -> Vectors:
        """Return rows as one table, which may be empty."""
        return np.stack(rows) if rows else np.zeros((0, self._white.dimensions), np.float32)

    def rows(self, digests: Iterable[str], read: Callable[[str], Article]) -> dict[str, Vectors]:
        """Return the vector of each article by its digest, as `articles` does.

        An article is read only where the cache has no vector of it as a whole.

        Args:
            digests: Of the articles.
            read: Returns the article of a digest.
        """
        keys = {digest("document", self._embedder.made_by, one): one for one in digests}
        stored = self._cache.vectors(keys) if self._cache is not None else {}
        rows = {keys[key]: row for key, data in stored.items() if len(row := self._row(data))}
        missing = {key: one for key, one in keys.items() if one not in rows}
        for chunk in _chunks(missing.items()):
            made = self.articles(read(one) for _, one in chunk).astype("<f2")
            if self._cache is not None:
                pairs = zip(chunk, made, strict=True)
                self._cache.keep_vectors({key: row.tobytes() for (key, _), row in pairs})
            rows.update(zip((one for _, one in chunk), made.astype(np.float32), strict=True))
        return rows

    def _row(self, data: bytes) -> Vectors:
        """Return a stored vector; an empty one if it is damaged."""
        if len(data) != 2 * self._white.dimensions:
            return np.zeros(0, np.float32)
        row = np.frombuffer(data, "<f2").astype(np.float32)
        return row if np.isfinite(row).all() else row[:0]

    def names(self, names: Sequence[str]) -> Vectors:
        """Return the whitened vectors of names of topics, at least one: names x d."""
        texts = [*names, *reference_topics.as_phrases(names)]
        both = self._model.encode(texts, role="query")
        merged = reference_topics.merge_with_phrases(both[: len(names)], both[len(names) :])
        return np.stack([self._white(row) for row in merged])


def _chunks(items: Iterable[_T]) -> Iterator[Sequence[_T]]:
    items = iter(items)
    while chunk := list(islice(items, _AT_ONCE)):
        yield chunk
