"""Token spans: vectors of a few words in their context.

A passage's vector is the mean of all its tokens, in which a single remark about a subject is lost.
The same pass through the model gives a vector for every token; means of a few neighbouring tokens
keep the remark. There are many, so they are stored small: few dimensions, one byte each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from classifier.scorers.embedded.features import product, unit_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from classifier.scorers.embedded.features import Vectors

    Spans = NDArray[np.int8]
    """Spans x `DIMENSIONS`; only the direction of a row has a meaning."""

TOKENS_PER_SPAN = 4
"""Tokens in a span."""
DIMENSIONS = 96
_FINEST = 127


def principal_axes(vectors: Vectors) -> Vectors:
    """Return the principal directions of `vectors` (without centring): d x `DIMENSIONS`."""
    _, _, directions = np.linalg.svd(vectors, full_matrices=False)
    return np.asarray(directions[:DIMENSIONS].T, np.float32)


def from_tokens(states: Vectors, axes: Vectors) -> Spans:
    """Return the spans of one window.

    The tokens left at the end are a span if they are at least half of one, else part of the span
    before.

    Args:
        states: Vectors of the tokens in order: tokens x d.
        axes: From `principal_axes`.
    """
    starts = _starts(len(states))
    if not starts:
        return np.zeros((0, axes.shape[1]), np.int8)
    rows = product(_sums(states, starts), axes)
    largest = np.maximum(np.abs(rows).max(axis=1, keepdims=True), 1e-12)
    return np.asarray(np.round(rows * (_FINEST / largest)), np.int8)


def _sums(states: Vectors, starts: Sequence[int]) -> Vectors:
    """Return the sum of each span's tokens.

    It is that of `np.add.reduceat`, to the bit, in a tenth of the time.
    """
    whole = len(starts) if len(states) == len(starts) * TOKENS_PER_SPAN else len(starts) - 1
    each = states[: whole * TOKENS_PER_SPAN].reshape(whole, TOKENS_PER_SPAN, states.shape[1])
    first, second, third, fourth = (each[:, i] for i in range(TOKENS_PER_SPAN))
    sums = first + ((second + third) + fourth)
    if whole == len(starts):
        return np.asarray(sums)
    return np.concatenate([sums, np.add.reduceat(states[starts[-1] :], [0], axis=0)])


def extents(tokens: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return where the spans of one window are, from where its tokens are, in order."""
    starts = _starts(len(tokens))
    ends = [*starts[1:], len(tokens)]
    return [(tokens[i][0], tokens[j - 1][1]) for i, j in zip(starts, ends, strict=False) if i < j]


def _starts(tokens: int) -> list[int]:
    starts = list(range(0, tokens, TOKENS_PER_SPAN))
    return starts[:-1] if len(starts) > 1 and tokens - starts[-1] < TOKENS_PER_SPAN / 2 else starts


def unit_spans(spans: Spans) -> Vectors:
    """Return the spans as rows of length 1."""
    return unit_rows(spans.astype(np.float32))
