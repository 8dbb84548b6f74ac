"""Ways to get a teacher's labels for less: what each asks, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from classifier.evaluation.gold_pairs import GoldPairs
from classifier.evaluation.metrics import Bools
from classifier.scorers.cascade import deferral
from classifier.scorers.cascade.deferral import MAX_THRESHOLD

RECALLS: Final = (0.98, 0.95, 0.9, 0.8)
"""That cascades aim at."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Way:
    """The teacher alone, a cascade, or the student alone."""

    aim: float | None
    """Recall (0-1) that a cut aims at; 1 for the teacher alone, None for the student alone."""
    settles: Literal["pairs", "articles", ""] = ""
    """What the student settles in a cascade."""
    asked: Bools
    """Pairs that the teacher is asked about: articles x categories."""
    recall: float
    """Share (0-1) of the teacher's labels that are found; NaN if there is none."""
    precision: float
    """Share (0-1) of the labels given that are the teacher's; NaN if none is given."""


def ways(
    pairs: GoldPairs,
    teacher: GoldPairs,
    *,
    assigned: Bools,
    settling: GoldPairs,
    decide: Callable[[GoldPairs], Bools],
) -> Iterator[Way]:
    """Yield the ways, dearest first.

    The cut for each half of the articles comes from the labels of the other half, so that what is
    found holds for other articles. It is what to expect, and promises nothing.

    Args:
        pairs: The student's held-out confidences.
        teacher: The teacher's, of the same pairs.
        assigned: The labels that the student gives alone.
        settling: The student's confidences by which whole articles are settled.
        decide: Returns the labels of confidences by the rules of teacher and cascade.
    """
    known = pairs.judged
    truth = decide(teacher) & known

    def labels(asked: Bools, own: GoldPairs) -> Bools:
        both = replace(
            own,
            confidence=np.where(asked, teacher.confidence, own.confidence),
            excluded=np.where(asked, teacher.excluded, own.excluded),
        )
        return decide(both) & known

    yield _way(1.0, known, truth, truth)
    for aim in RECALLS:
        asked = _asked(pairs, truth, aim) & known
        yield replace(_way(aim, asked, labels(asked, pairs), truth), settles="pairs")
    given = decide(settling)
    for aim in RECALLS:
        whole = _unsure(settling, given, truth, aim)[:, None] & known
        yield replace(_way(aim, whole, labels(whole, settling), truth), settles="articles")
    yield _way(None, np.zeros_like(known), assigned & known, truth)


def _way(aim: float | None, asked: Bools, labels: Bools, truth: Bools) -> Way:
    right, given, all_ = (int(each.sum()) for each in (labels & truth, labels, truth))
    return Way(
        aim=aim,
        asked=asked,
        recall=right / all_ if all_ else float("nan"),
        precision=right / given if given else float("nan"),
    )


def _unsure(pairs: GoldPairs, given: Bools, truth: Bools, aim: float) -> Bools:
    """Return the articles to ask about, so that what the student gets wrong elsewhere is little."""
    doubts = np.array([deferral.doubt(row) for row in np.nan_to_num(pairs.confidence, nan=0.5)])
    asked, half = np.ones(len(doubts), np.bool_), np.arange(len(doubts)) % 2
    for part in (0, 1):
        cuts = []
        for labels, right in ((truth, given), (given, truth)):
            scores = np.where(right, 1.0, doubts[:, None])[half != part]
            ranked = np.sort(scores[labels[half != part]])
            cuts.append(float(ranked[int((1 - aim) * ranked.size)]) if ranked.size else 0.0)
        asked[half == part] = doubts[half == part] >= min(cuts)
    return asked


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
