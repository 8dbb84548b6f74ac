"""Gold labels made up by a rule, with a scorer that is off in a known way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from classifier.evaluation.gold_pairs import GoldPairs
from classifier.models import Category


def made_up(*, articles: int = 120, categories: int = 6, seed: int = 0) -> GoldPairs:
    """What belongs does so by chance; the scorer knows the log-odds, but doubles them and adds 1.

    And it does not know that the first half of the categories is more frequent than the other.
    """
    rng = np.random.default_rng(seed)
    told = rng.normal(-1.5, 1.5, (articles, categories))
    frequent = np.where(np.arange(categories) < categories // 2, 1.0, -1.0)
    truth = rng.random(told.shape) < 1 / (1 + np.exp(-(told + frequent)))
    return GoldPairs(
        articles=tuple(f"{n}.md" for n in range(articles)),
        digests=tuple(f"{n:08x}" for n in rng.permutation(articles)),
        categories=tuple(
            Category(id=f"tags/{n}", kind="tags", title=f"Tag {n}") for n in range(categories)
        ),
        truth=truth,
        known=np.ones_like(truth),
        confidence=1 / (1 + np.exp(-(2 * told + 1))),
        excluded=np.zeros_like(truth),
    )


def some(pairs: GoldPairs, rows: list[int]) -> GoldPairs:
    """The same of these articles, in this order."""
    return replace(
        pairs,
        articles=tuple(pairs.articles[n] for n in rows),
        digests=tuple(pairs.digests[n] for n in rows),
        truth=pairs.truth[rows],
        known=pairs.known[rows],
        confidence=pairs.confidence[rows],
        excluded=pairs.excluded[rows],
    )
