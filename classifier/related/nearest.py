"""The nearest articles of every article, by their vectors and the labels that they share."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

LABEL_SHARE: Final = 0.2
"""Of the distance between two articles: what equal labels take away."""
_AT_ONCE: Final = 256
"""Articles whose similarities to all others are in memory at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedArticle:
    """What is compared of one article."""

    digest: str
    """Of its text: copies are not related to each other."""
    labels: Sequence[str]
    section: str
    listed: bool = True
    """Whether others may list it; False for a draft."""


def nearest(
    items: Sequence[ComparedArticle], vectors: Vectors, *, top: int, least: float = 0.0
) -> Iterator[list[tuple[int, float]]]:
    """Yield for each item the most similar others as (index, similarity), best first.

    The similarity (0-1) is the cosine of the vectors, of which shared labels close the rest by up
    to `LABEL_SHARE`: rare labels count more. Never yields an item itself or a copy of its text.

    Args:
        items: What to compare.
        vectors: A row of length 1, or of zeros, for each.
        top: How many to yield of each section, at most.
        least: Only what is more similar than this (0-1).
    """
    labels = _Labels(items)
    sections = _positions([item.section if item.listed else None for item in items])
    copies = _positions([item.digest for item in items])
    for start in range(0, len(items), _AT_ONCE):
        block = vectors[start : start + _AT_ONCE] @ vectors.T
        np.clip(block, 0.0, 1.0, out=block)
        for i, row in enumerate(block, start):
            row += LABEL_SHARE * labels.shared(i) * (1 - row)
            row[copies[items[i].digest]] = 0.0
            found = [
                (int(j), round(float(row[j]), 4))
                for section, members in sections.items()
                if section is not None
                for j in _best(row, members, top)
                if row[j] > least
            ]
            yield sorted(found, key=lambda pair: (-pair[1], pair[0]))


def _positions(values: Sequence[str | None]) -> dict[str | None, NDArray[np.intp]]:
    places: dict[str | None, list[int]] = {}
    for i, value in enumerate(values):
        places.setdefault(value, []).append(i)
    return {value: np.asarray(found, np.intp) for value, found in places.items()}


def _best(row: Vectors, members: NDArray[np.intp], top: int) -> NDArray[np.intp]:
    if len(members) <= top:
        return members
    return members[np.argpartition(-row[members], top - 1)[:top]]


class _Labels:
    """Compares sets of labels as weighted vectors, without a matrix of all of them."""

    def __init__(self, items: Sequence[ComparedArticle]) -> None:
        self._items = items
        carriers = Counter(label for item in items for label in set(item.labels))
        self._weights = {
            label: math.log((1 + len(items)) / number) for label, number in carriers.items()
        }
        lengths = [math.hypot(*(self._weights[x] for x in set(it.labels))) for it in items]
        self._lengths = np.asarray(lengths, np.float32)
        places: dict[str, list[int]] = {}
        for i, item in enumerate(items):
            for label in set(item.labels):
                places.setdefault(label, []).append(i)
        self._members = {label: np.asarray(at, np.intp) for label, at in places.items()}

    def shared(self, i: int) -> Vectors:
        """Return how alike (0-1) the labels of an item and of every other are."""
        total = np.zeros(len(self._items), np.float32)
        for label in set(self._items[i].labels):
            total[self._members[label]] += self._weights[label] ** 2
        lengths = self._lengths * self._lengths[i]
        np.divide(total, lengths, out=total, where=lengths > 0)
        return total
