"""Make a site profile from what is stored of its articles. It takes no label.

How many labels an article should have comes from a prior, fitted to labelled sets of other sites
(benchmarks/label_free.py, docs/decisions/0020).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from classifier.site_profile import FEWEST_ARTICLES, FEWEST_CATEGORIES, KindProfile, log_odds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Table = NDArray[np.float64]
    """Articles x categories."""

AT_MOST: Final = 5
"""Labels an article that the threshold was fitted with."""
FIT_NOTHING: Final = 0.5
"""Share of the median sum of confidences, below which an article fits nothing."""
CAUTION: Final = 2
"""Categories that speak against lowering the minimum: of a few, many articles fit none."""
LEVEL_WEIGHT: Final = 0.5
"""Weight of a category's own mean where the kind has `FEW` categories or fewer; 0 from `MANY` on.
A mean that is high says that a name is close to everything where there are few categories, and that
a category is large where there are many."""
FEW: Final = 10
MANY: Final = 100
SHRINKAGE: Final = 20
"""Articles that must be there for a category's mean to count half."""
TYPICAL_CATEGORIES: Final = 50
TYPICAL_SUM: Final = 2.5
PRIOR: Final = (0.589, 0.194, 0.081)
"""Log of the labels an article of a kind with `TYPICAL_CATEGORIES` and a mean sum of confidences of
`TYPICAL_SUM`; and how it grows with the logs of both."""


def expected_labels(categories: int, total: float, prior: Sequence[float] = PRIOR) -> float:
    """Return how many labels an article should have.

    Args:
        categories: How many there are of the kind.
        total: Mean sum of an article's confidences over them.
        prior: As `PRIOR`.
    """
    constant, by_categories, by_sum = prior
    return math.exp(
        constant
        + by_categories * math.log(categories / TYPICAL_CATEGORIES)
        + by_sum * math.log(max(total, 1e-6) / TYPICAL_SUM)
    )


def fit(
    confidences: Table, names: Sequence[str], prior: Sequence[float] = PRIOR
) -> KindProfile | None:
    """Make the profile of a kind; None where there is too little to go by.

    Args:
        confidences: As the scorer stored them, 0-1: articles x categories.
        names: Digests of the categories.
        prior: As `PRIOR`.
    """
    table = np.asarray(confidences, np.float64).reshape(-1, len(names))
    if len(table) < FEWEST_ARTICLES or len(names) < FEWEST_CATEGORIES:
        return None
    # Sorted, so that sums do not depend on the order of articles.
    table = table[np.lexsort(table.T)]
    totals = table.sum(axis=1)
    floor = FIT_NOTHING * float(np.median(totals))
    fitting = totals >= floor
    table, totals = table[fitting], totals[fitting]
    expected = float(totals.mean())
    if expected <= 0:
        return None
    scores = table_log_odds(table)
    levels = _levels(scores)
    made = KindProfile(
        articles=len(confidences),
        labels=expected_labels(len(names), expected, prior),
        threshold=0.0,
        expected=expected,
        floor=round(floor, 6),
        levels=dict(zip(names, map(float, levels), strict=True)),
    )
    shifts = np.array([made.shift(float(total)) for total in totals])
    scores -= levels
    scores -= shifts[:, None]
    threshold = _threshold(scores, made.labels)
    if threshold < 0:
        threshold *= len(names) / (len(names) + CAUTION)
    return made.model_copy(update={"threshold": threshold})


def centred(confidences: Table, profile: KindProfile) -> Table:
    """Return log-odds less the level of their category and article, for ranking pairs."""
    table = np.asarray(confidences, np.float64)
    shifts = np.array([profile.shift(float(total)) for total in table.sum(axis=1)])
    centred: Table = table_log_odds(table) - np.array([*profile.levels.values()]) - shifts[:, None]
    return centred


def _levels(scores: Table) -> Table:
    articles, categories = scores.shape
    span = math.log(MANY / FEW)
    few = min(max(math.log(MANY / categories) / span, 0.0), 1.0)
    weight = LEVEL_WEIGHT * few * articles / (articles + SHRINKAGE)
    means = scores.mean(axis=0)
    levels: Table = np.round(weight * (means - means.mean()), 6)
    return levels


def _threshold(scores: Table, labels: float) -> float:
    """Return the score that so many pairs an article reach, of the best `AT_MOST` of each.

    Sorts `scores` where they are: a large site has millions.
    """
    scores.sort(axis=1)
    best = scores[:, -AT_MOST:].ravel()
    place = min(max(round(labels * len(scores)), 1), len(best))
    return round(float(-np.sort(-best)[place - 1]), 6)


def table_log_odds(table: Table) -> Table:
    """Return the log-odds of stored confidences."""
    odds: Table = np.empty(table.shape)
    for n, row in enumerate(table):  # one by one: a site may have millions of pairs
        odds[n] = [log_odds(value) for value in row.tolist()]
    return odds
