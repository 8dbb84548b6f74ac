"""Vectors that are made once: what was embedded before is found by its texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from classifier.models import digest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from classifier.scorers.sentence_model import Embedding, Role, SentenceModel

    Vectors = NDArray[np.float32]


class VectorCache(Protocol):
    """Keeps bytes by key; may lose any of them."""

    def vectors(self, keys: Iterable[str]) -> Mapping[str, bytes]: ...

    def keep_vectors(self, vectors: Mapping[str, bytes]) -> None: ...


class Embedder:
    """Embeds groups of texts, each a whole to the cache: an article, or a category.

    A key covers the model and all texts of the group, in their order.
    """

    def __init__(self, model: SentenceModel, cache: VectorCache | None = None) -> None:
        self._model = model
        self._cache = cache

    def begin(self, groups: Sequence[Sequence[str]], *, role: Role) -> Groups:
        """Look up what is known; embed the rest in the background, all together."""
        if self._cache is None:
            keys = [str(i) for i in range(len(groups))]
        else:
            keys = [digest(self._model.digest, role, list(texts)) for texts in groups]
        wanted = dict(zip(keys, groups, strict=True))
        stored = self._cache.vectors(keys) if self._cache and keys else {}
        known = {key: _restored(stored[key], len(wanted[key])) for key in stored}
        new = {key: len(texts) for key, texts in wanted.items() if key not in known}
        rest = self._model.begin([text for key in new for text in wanted[key]], role=role)
        return Groups(tuple(keys), known, new, rest, self._cache)


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups of texts that are being embedded."""

    _keys: tuple[str, ...]
    _known: Mapping[str, Vectors]
    _new: Mapping[str, int]
    """How many texts each has that the cache did not know."""
    _rest: Embedding
    _cache: VectorCache | None

    def vectors(self) -> list[Vectors]:
        """Wait, keep what is new, and return the vectors of each group."""
        made: dict[str, Vectors] = {}
        rows = self._rest.vectors()
        start = 0
        for key, size in self._new.items():
            made[key] = rows[start : start + size]
            start += size
        if self._cache and made:
            self._cache.keep_vectors({key: _stored(rows) for key, rows in made.items()})
        found = {**self._known, **made}
        return [found[key] for key in self._keys]

    def cancel(self) -> None:
        """Give up what is not yet begun."""
        self._rest.cancel()


def _stored(rows: Vectors) -> bytes:
    return rows.astype("<f2").tobytes()


def _restored(data: bytes, size: int) -> Vectors:
    import numpy as np

    return np.frombuffer(data, "<f2").reshape(size, -1).astype(np.float32)
