"""Vectors and spans that are made once: what was embedded before is found by its texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from classifier.models import digest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from classifier.scorers.embedded.sentence_model import PendingEmbedding, Role, SentenceModel
    from classifier.scorers.embedded.token_spans import Spans

    Vectors = NDArray[np.float32]


class VectorCache(Protocol):
    """Keeps bytes by key; may lose any of them."""

    def vectors(self, keys: Iterable[str]) -> Mapping[str, bytes]: ...

    def keep_vectors(self, vectors: Mapping[str, bytes]) -> None: ...


@dataclass(frozen=True, slots=True)
class GroupVectors:
    """What was made of a group of texts."""

    vectors: Vectors
    """A row for each text."""
    spans: Spans
    """Of all the texts; none of a category's."""


class Embedder:
    """Embeds groups of texts, each a whole to the cache: an article, or a category.

    A key covers the model, the axes of the spans and all texts of the group, in their order.
    """

    def __init__(self, model: SentenceModel, axes: Vectors, cache: VectorCache | None) -> None:
        self._model = model
        self._axes = axes
        self._made_by = digest(model.digest, axes.astype("<f4").tobytes().hex())
        self._cache = cache

    def begin(self, groups: Sequence[Sequence[str]], *, role: Role) -> PendingGroups:
        """Look up what is known; embed the rest in the background, all together."""
        if self._cache is None:
            keys = [str(i) for i in range(len(groups))]
        else:
            keys = [digest(self._made_by, role, list(texts)) for texts in groups]
        wanted = dict(zip(keys, groups, strict=True))
        stored = self._cache.vectors(keys) if self._cache and keys else {}
        known = {key: self._restored(stored[key], len(wanted[key])) for key in stored}
        new = {key: len(texts) for key, texts in wanted.items() if key not in known}
        rest = self._model.begin(
            [text for key in new for text in wanted[key]],
            role=role,
            axes=self._axes if role == "passage" else None,
        )
        return PendingGroups(tuple(keys), known, new, rest, self._cache)

    def _restored(self, data: bytes, size: int) -> GroupVectors:
        import numpy as np

        width, narrow = self._axes.shape
        vectors = np.frombuffer(data, "<f2", count=size * width).reshape(size, width)
        spans = np.frombuffer(data, np.int8, offset=vectors.nbytes).reshape(-1, narrow)
        return GroupVectors(vectors.astype(np.float32), spans)


@dataclass(frozen=True, slots=True)
class PendingGroups:
    """Groups of texts that are being embedded."""

    _keys: tuple[str, ...]
    _known: Mapping[str, GroupVectors]
    _new: Mapping[str, int]
    """How many texts each has that the cache did not know."""
    _rest: PendingEmbedding
    _cache: VectorCache | None

    def read(self) -> list[GroupVectors]:
        """Wait, keep what is new, and return what was made of each group."""
        import numpy as np

        made: dict[str, GroupVectors] = {}
        rows, spans = self._rest.vectors(), self._rest.spans()
        start = 0
        for key, size in self._new.items():
            end = start + size
            made[key] = GroupVectors(rows[start:end], np.concatenate(spans[start:end]))
            start = end
        if self._cache and made:
            self._cache.keep_vectors({key: _stored(its) for key, its in made.items()})
        found = {**self._known, **made}
        return [found[key] for key in self._keys]

    def cancel(self) -> None:
        """Give up what is not yet begun."""
        self._rest.cancel()


def _stored(its: GroupVectors) -> bytes:
    return its.vectors.astype("<f2").tobytes() + its.spans.tobytes()
