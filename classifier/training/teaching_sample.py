"""Choose the articles that a teacher is asked about: some at random, the rest to teach most."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import numpy as np

from classifier.evaluation.metrics import Floats
from classifier.models import digest

HELD_OUT: Final = 0.3
"""Share of the sample that is drawn at random, and measured on instead of trained on."""
MIN_HELD_OUT: Final = 10
"""Articles; half of a sample at most."""


def at_random(articles: Iterable[str]) -> list[str]:
    """Return article digests in an order of chance that is always the same for each pair of them.

    So the first ones stay a random sample, and mostly the same one, when articles come and go.
    """
    return sorted(set(articles), key=lambda article: digest("teaching sample", article))


def held_out(articles: Iterable[str], size: int) -> list[str]:
    """Return the random part of a sample of `size` articles, by digest."""
    wanted = min(max(MIN_HELD_OUT, round(HELD_OUT * size)), size // 2)
    return at_random(articles)[:wanted]


def choose(vectors: Floats, size: int, *, taken: Collection[int] = ()) -> list[int]:
    """Choose rows one after the other, so that a smaller sample is the start of a larger one.

    Each time the row is taken that adds most to how close every article is to the closest one
    chosen (facility location, a submodular function, greedily: Nemhauser et al. 1978).

    Args:
        vectors: A unit vector for each article.
        size: How many to choose; fewer where there are fewer.
        taken: Rows that are in the sample already.
    """
    similar = np.clip(vectors @ vectors.T, 0.0, 1.0)
    left, closest = np.ones(len(vectors), np.bool_), np.zeros(len(vectors))
    chosen: list[int] = []
    for row in taken:
        left[row], closest = False, np.maximum(closest, similar[row])
    while len(chosen) < size and left.any():
        gain = np.maximum(similar - closest, 0).sum(axis=1)
        row = int(np.where(left, gain, -1).argmax())
        chosen.append(row)
        left[row], closest = False, np.maximum(closest, similar[row])
    return chosen


def interleaved(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """Return both lists as one in which every beginning has about the same share of each."""
    places = [
        ((n + 0.5) / len(part), k, n)
        for k, part in enumerate((first, second))
        for n in range(len(part))
    ]
    return [(first, second)[k][n] for _, k, n in sorted(places)]
