"""Groups of articles that are about the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

NEAR: Final = 0.3
"""Cosine of centred vectors from which two articles count as about the same. Of six labelled sets,
45 to 94 % of the articles of such a group share a label, by set."""


def centred(vectors: Vectors) -> Vectors:
    """Return vectors without what all of them share, as rows of length 1.

    Args:
        vectors: Articles x d; a row of zeros stays one.
    """
    rows = vectors - vectors.mean(axis=0)
    rows[~vectors.any(axis=1)] = 0.0
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-9), np.float32)


def group(vectors: Vectors, *, least: int, near: float = NEAR) -> list[list[int]]:
    """Return groups of rows, the largest first; what is near to nothing is in none.

    The row with the most neighbours and these are a group, then the same among the others (Taylor
    1995; Butina 1999, "Unsupervised data base clustering based on Daylight's fingerprint and
    Tanimoto similarity"). It needs no number of groups, and rows alone do not change groups of
    others.

    Args:
        vectors: Rows of length 1.
        least: Rows that a group has at least.
        near: Least cosine of a member to the row in the middle.

    Returns:
        Indices of each group, the middle first, then by closeness to it.
    """
    found: list[list[int]] = []
    closeness = vectors @ vectors.T
    left = np.ones(len(vectors), bool)
    neighbours = closeness >= near
    while left.any():
        counts = (neighbours & left).sum(axis=1) * left
        middle = int(counts.argmax())
        if counts[middle] < max(least, 1):
            break
        members = np.flatnonzero(neighbours[middle] & left)
        order = np.argsort(-closeness[middle, members], kind="stable")
        found.append([int(i) for i in members[order]])
        left[members] = False
    return found
