"""Ways to get a teacher's labels for less: what each asks, and what it finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from classifier.evaluation.gold_pairs import GoldPairs
from classifier.evaluation.metrics import Bools
from classifier.scorers.cascade.deferral import MAX_THRESHOLD

RECALLS: Final = (0.98, 0.95, 0.9, 0.8)
"""That cascades aim at."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Way:
    """The teacher alone, a cascade, or the student alone."""

    aim: float | None
    """Recall (0-1) that a cut aims at; 1 for the teacher alone, None for the student alone."""
    asked: Bools
    """Pairs that the teacher is asked about: articles x categories."""
    recall: float
    """Share (0-1) of the teacher's labels that are found; NaN if there is none."""
    precision: float
    """Share (0-1) of the labels given that are the teacher's; NaN if none is given."""


def ways(pairs: GoldPairs, assigned: Bools) -> Iterator[Way]:
    """Yield the ways, dearest first.

    The cut for each half of the articles comes from the labels of the other half, so that what is
    found holds for other articles. It is what to expect, and promises nothing.

    Args:
        pairs: The student's held-out confidences beside the teacher's labels.
        assigned: The labels that the student gives alone.
    """
    known = pairs.judged
    truth = pairs.truth & known
    yield _way(1.0, known, truth, truth)
    for aim in RECALLS:
        asked = _asked(pairs, truth, aim) & known
        yield _way(aim, asked, asked & truth, truth)
    yield _way(None, np.zeros_like(known), assigned & known, truth)


def _way(aim: float | None, asked: Bools, labels: Bools, truth: Bools) -> Way:
    right, given, all_ = (int(each.sum()) for each in (labels & truth, labels, truth))
    return Way(
        aim=aim,
        asked=asked,
        recall=right / all_ if all_ else float("nan"),
        precision=right / given if given else float("nan"),
    )


def _asked(pairs: GoldPairs, truth: Bools, aim: float) -> Bools:
    asked = np.ones_like(truth)
    half = np.arange(len(truth)) % 2
    for kind in {category.kind for category in pairs.categories}:
        columns = np.array([category.kind == kind for category in pairs.categories])
        for part in (0, 1):
            other = np.ix_(half != part, columns)
            labels = np.sort(pairs.confidence[other][truth[other]])
            if labels.size:
                cut = min(float(labels[int((1 - aim) * labels.size)]), MAX_THRESHOLD)
                own = np.ix_(half == part, columns)
                asked[own] = pairs.confidence[own] >= cut
    return asked
