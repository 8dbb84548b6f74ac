"""Embedding with a cache: vectors and spans of texts that were embedded before are looked up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from classifier.models import digest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from classifier.scorers.embedded.sentence_model import PendingEmbedding, Role, SentenceModel
    from classifier.scorers.embedded.token_spans import Spans

    Vectors = NDArray[np.float32]


LAYOUT: Final = 2
"""Raised when other texts of an article are embedded, or their vectors are stored otherwise."""


class VectorCache(Protocol):
    """Stores bytes by key; may lose any of them. A `Store` is one."""

    def vectors(self, keys: Iterable[str]) -> Mapping[str, bytes]: ...

    def keep_vectors(self, vectors: Mapping[str, bytes]) -> None: ...


@dataclass(frozen=True, slots=True)
class GroupVectors:
    """Vectors and spans of a group of texts."""

    vectors: Vectors
    """Texts x d."""
    spans: Spans
    """Spans of all texts, in their order; none for categories."""
    counts: tuple[int, ...]
    """How many of them each text has."""


class Embedder:
    """Embeds groups of texts: each group is an article or a category, and one entry in the cache.

    Its key covers the model, the axes of the spans and all texts of the group in order.
    """

    def __init__(self, model: SentenceModel, axes: Vectors, cache: VectorCache | None) -> None:
        self._model = model
        self._axes = axes
        self.made_by = digest(
            LAYOUT, model.digest, str(model.recipe.beginning), axes.astype("<f4").tobytes().hex()
        )
        """Changes with the model, the axes of the spans, and what is read of an article."""
        self._cache = cache

    def begin(self, groups: Sequence[Sequence[str]], *, role: Role) -> PendingGroups:
        """Look up what the cache has, and embed the rest together in the background."""
        if self._cache is None:
            keys = [str(i) for i in range(len(groups))]
        else:
            keys = [digest(self.made_by, role, list(texts)) for texts in groups]
        wanted = dict(zip(keys, groups, strict=True))
        stored = self._cache.vectors(keys) if self._cache and keys else {}
        restored = {key: self._restored(stored[key], len(wanted[key])) for key in stored}
        known = {key: group for key, group in restored.items() if group}
        new = {key: len(texts) for key, texts in wanted.items() if key not in known}
        rest = self._model.begin(
            [text for key in new for text in wanted[key]],
            role=role,
            axes=self._axes if role == "passage" else None,
        )
        return PendingGroups(tuple(keys), known, new, rest, self._cache)

    def _restored(self, data: bytes, size: int) -> GroupVectors | None:
        """Return what was stored; None if it is damaged, so that it is made again."""
        import numpy as np

        width, narrow = self._axes.shape
        try:
            vectors = np.frombuffer(data, "<f2", count=size * width).reshape(size, width)
            counts = np.frombuffer(data, "<u4", count=size, offset=vectors.nbytes)
            rest = vectors.nbytes + counts.nbytes
            spans = np.frombuffer(data, np.int8, offset=rest).reshape(-1, narrow)
        except ValueError:
            return None
        if not np.isfinite(vectors).all() or counts.sum() != len(spans):
            return None
        return GroupVectors(vectors.astype(np.float32), spans, tuple(counts.tolist()))


@dataclass(frozen=True, slots=True)
class PendingGroups:
    """Groups of texts that are being embedded."""

    _keys: tuple[str, ...]
    _known: Mapping[str, GroupVectors]
    _new: Mapping[str, int]
    """Number of texts of each group that the cache did not have, by key."""
    _rest: PendingEmbedding
    _cache: VectorCache | None

    def read(self) -> list[GroupVectors]:
        """Wait, cache what is new, and return the vectors and spans of each group."""
        import numpy as np

        made: dict[str, GroupVectors] = {}
        rows, spans = self._rest.vectors(), self._rest.spans()
        start = 0
        for key, size in self._new.items():
            end = start + size
            counts = tuple(map(len, spans[start:end]))
            made[key] = GroupVectors(rows[start:end], np.concatenate(spans[start:end]), counts)
            start = end
        if self._cache and made:
            self._cache.keep_vectors({key: _stored(group) for key, group in made.items()})
        by_key = {**self._known, **made}
        return [by_key[key] for key in self._keys]

    def cancel(self) -> None:
        """Cancel what has not started."""
        self._rest.cancel()


def _stored(group: GroupVectors) -> bytes:
    import numpy as np

    counts = np.array(group.counts, "<u4")
    return group.vectors.astype("<f2").tobytes() + counts.tobytes() + group.spans.tobytes()
