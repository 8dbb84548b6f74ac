"""Spans: what an article says in a few words, as it is meant where it stands.

A passage's vector is the mean of all its tokens, and one remark about a subject is lost in it. The
same pass through the model gives a vector for every token; the means of a few of them keep it.
They are many, so they are kept small: fewer dimensions, a byte each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from classifier.scorers.embedded.features import product, unit_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from classifier.scorers.embedded.features import Vectors

    Spans = NDArray[np.int8]
    """A row per span; only its direction means something."""

TOKENS_PER_SPAN = 4
"""In a span."""
DIMENSIONS = 96
_FINEST = 127


def principal_axes(vectors: Vectors) -> Vectors:
    """Return the directions, as columns, in which most of the length of `vectors` lies."""
    _, _, found = np.linalg.svd(vectors, full_matrices=False)
    return np.asarray(found[:DIMENSIONS].T, np.float32)


def from_tokens(states: Vectors, principal_axes: Vectors) -> Spans:
    """Return the spans of one window, from the vectors of its tokens in their order.

    What is left at the end is a span if it is at least half of one, else part of the one before.
    """
    starts = np.arange(0, len(states), TOKENS_PER_SPAN)
    if len(starts) > 1 and len(states) - starts[-1] < TOKENS_PER_SPAN / 2:
        starts = starts[:-1]
    if not len(starts):
        return np.zeros((0, principal_axes.shape[1]), np.int8)
    rows = product(np.add.reduceat(states, starts, axis=0), principal_axes)
    largest = np.maximum(np.abs(rows).max(axis=1, keepdims=True), 1e-12)
    return np.asarray(np.round(rows * (_FINEST / largest)), np.int8)


def unit_spans(spans: Spans) -> Vectors:
    """Return the spans as rows of length 1."""
    return unit_rows(spans.astype(np.float32))
