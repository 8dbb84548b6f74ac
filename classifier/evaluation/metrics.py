"""Metrics of confidences and labels against the truth, for many resamples of articles at once.

`weights` (resamples x articles) says how often an article is in a resample; a single row of ones is
the gold as it is. A metric that is not defined, such as the precision of no labels, is NaN.

Average precision, precision and recall pool all pairs (micro) unless said otherwise. Ties are not
broken: equal confidences reach a threshold together, and each has an equal chance of the first
places (McSherry & Najork 2008, "Computing information retrieval
performance measures efficiently in the presence of tied scores").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]
Weights: TypeAlias = NDArray[np.int32]

BINS: Final = 15
"""Bins of equal width, as in Guo et al. 2017, "On Calibration of Modern Neural Networks"."""
HIGH_PRECISION: Final = 0.9
"""The precision at which recall and coverage are reported."""
TOP_K: Final = 5
"""Categories that `recall_at_5` looks at."""

_AT_ONCE: Final = 2_000_000
"""Weights of pairs in memory at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """The confidences and labels of one scorer; every array is articles x categories."""

    confidence: Floats
    truth: Bools
    judged: Bools
    """Whether the pair counts: its truth and its confidence are both known."""
    assigned: Bools
    """Whether the pair is a label by the rules."""

    def of(self, categories: Bools | NDArray[np.intp]) -> Scored:
        """Return some of the categories."""
        return Scored(
            self.confidence[:, categories],
            self.truth[:, categories],
            self.judged[:, categories],
            self.assigned[:, categories],
        )


class Ranking:
    """The pairs by descending confidence, and what each threshold finds.

    Only thresholds at which a true pair is found count: between them precision falls and recall
    stays.
    """

    def __init__(self, scored: Scored) -> None:
        rows, columns = np.nonzero(scored.judged)
        confidence = scored.confidence[rows, columns]
        order = np.argsort(-confidence, kind="stable")
        self._articles = rows[order]
        confidence, truth = confidence[order], scored.truth[rows, columns][order]
        last_of_tie = np.flatnonzero(np.append(np.diff(confidence) != 0, True))
        true = np.flatnonzero(truth)
        ties, self._starts = np.unique(np.searchsorted(last_of_tie, true), return_index=True)
        self._true = self._articles[true]
        self._ends = last_of_tie[ties]
        self.thresholds: Floats = confidence[self._ends]
        """Descending."""

    def found(self, weights: Weights) -> Iterator[tuple[slice, Floats, Floats]]:
        """Yield (slice of resamples, true pairs, all pairs) at or above each threshold.

        The counts are resamples x thresholds.
        """
        if not self.thresholds.size:
            return
        step = max(1, _AT_ONCE // len(self._articles))
        for start in range(0, len(weights), step):
            piece = slice(start, start + step)
            some = weights[piece]
            every = np.cumsum(some[:, self._articles], axis=1, dtype=np.int32)[:, self._ends]
            of_tie = np.add.reduceat(some[:, self._true], self._starts, axis=1)
            yield piece, np.cumsum(of_tie, axis=1).astype(np.float64), every.astype(np.float64)

    def average_precision(self, weights: Weights) -> Floats:
        """Return the average precision of each resample."""
        return self.measure(weights)[0]

    def measure(self, weights: Weights) -> tuple[Floats, Floats, Floats]:
        """Return average precision, the highest recall at `HIGH_PRECISION`, and its threshold.

        Each has one value per resample. Average precision is the sum of precision x gain in recall
        over the thresholds, without interpolation. If the precision is never reached, that recall
        is 0 and its threshold infinite.
        """
        average, recall = (np.full(len(weights), np.nan) for _ in range(2))
        threshold = np.full(len(weights), np.inf)
        for piece, true, every in self.found(weights):
            in_all = true[:, -1]
            gain = np.diff(true, axis=1, prepend=0)
            average[piece] = ratio((ratio(true, every, empty=0) * gain).sum(axis=1), in_all)
            kept = (true >= HIGH_PRECISION * every - 1e-9) & (true > 0)
            # Recall never falls, so the last threshold that keeps the precision has the greatest.
            last = kept.shape[1] - 1 - kept[:, ::-1].argmax(axis=1)
            ever = kept.any(axis=1)
            recall[piece] = ratio(np.where(ever, true[np.arange(len(true)), last], 0), in_all)
            threshold[piece] = np.where(ever, self.thresholds[last], np.inf)
        return average, recall, threshold

    def curve(self) -> tuple[Floats, Floats]:
        """Return recall and precision, one value per threshold."""
        for _, true, every in self.found(unit_weights(int(self._articles.max(initial=-1)) + 1)):
            return true[0] / true[0, -1], true[0] / every[0]
        return np.empty(0), np.empty(0)

    def best_threshold(self) -> float:
        """Return the threshold with the highest F1; infinite if no pair is true."""
        recall, precision = self.curve()
        if not recall.size:
            return float("inf")
        return float(self.thresholds[np.argmax(harmonic(precision, recall))])


class Statistics:
    """All metrics of one scorer on some categories, for any number of resamples."""

    def __init__(self, scored: Scored) -> None:
        self.scored = scored
        self.ranking = Ranking(scored)
        self.best_threshold = self.ranking.best_threshold()

    def measure(self, weights: Weights, average_precisions: Floats) -> dict[str, Floats]:
        """Return each metric by name, one value per resample.

        Args:
            weights: Resamples x articles.
            average_precisions: Of each category, from `by_category`: resamples x categories.
        """
        sums = weights @ self._sums
        best, hits, rest = sums[:, :3], sums[:, 3:6], sums[:, 6:]
        pairs, squares, with_true, first, among_first = rest[:, :5].T
        micro, recall_at, threshold = self.ranking.measure(weights)
        precision, recall = _precision_recall(hits)
        return {
            "micro_ap": micro,
            "macro_ap": _mean_of_defined(average_precisions),
            "f1": _f1(hits),
            "precision": precision,
            "recall": recall,
            "best_f1": _f1(best),
            "recall_at_precision": recall_at,
            "coverage_at_precision": self._coverage(threshold, weights),
            "top_1": ratio(first, with_true),
            "recall_at_5": ratio(among_first, with_true),
            "ece": ratio(np.abs(rest[:, 5:]).sum(axis=1), pairs),
            "brier": ratio(squares, pairs),
        }

    @cached_property
    def _sums(self) -> Floats:
        """Return articles x the quantities that are summed over a resample."""
        scored = self.scored
        passing = scored.judged & (scored.confidence >= self.best_threshold)
        error = np.where(scored.judged, scored.confidence - scored.truth, 0)
        return np.column_stack(
            [
                *hits(scored, passing),
                *hits(scored, scored.assigned),
                scored.judged.sum(axis=1),
                (error**2).sum(axis=1),
                (scored.judged & scored.truth).any(axis=1),
                *_first_places(scored),
                _by_bin(scored, error),
            ]
        )

    def _coverage(self, thresholds: Floats, weights: Weights) -> Floats:
        """Return the share of articles with a confidence at or above the resample's threshold."""
        best = np.where(self.scored.judged, self.scored.confidence, -np.inf).max(axis=1, initial=-1)
        order = np.argsort(best)
        above = np.cumsum(weights[:, order][:, ::-1], axis=1)
        above = np.concatenate([np.zeros((len(above), 1)), above], axis=1)
        reached = len(best) - np.searchsorted(best[order], thresholds, side="left")
        judged = weights @ self.scored.judged.any(axis=1).astype(np.float64)
        return ratio(above[np.arange(len(above)), reached], judged)


def hierarchical_f1(scored: Scored, above: Bools, weights: Weights) -> Floats:
    """Return F1 of labels together with all categories above them, one value per resample.

    Kiritchenko, Matwin, Nock and Famili (2006): a label near the true one shares ancestors with
    it, and so counts in part.

    Args:
        scored: Labels and truth.
        above: Categories x categories: whether the second is the first or above it.
        weights: Resamples x articles.
    """
    truth = (scored.truth & scored.judged) @ above
    assigned = (scored.assigned & scored.judged) @ above
    parts = (assigned & truth, assigned & ~truth, ~assigned & truth)
    sums = [weights @ part.sum(axis=1).astype(np.float64) for part in parts]
    return _f1(np.stack(sums, axis=-1))


def by_category(scored: Scored, weights: Weights) -> dict[str, Floats]:
    """Return the metrics of each single category by name, each resamples x categories."""
    columns = range(scored.truth.shape[1])
    aps = [Ranking(scored.of(np.array([n]))).average_precision(weights) for n in columns]
    wrong, right = scored.assigned & ~scored.truth, scored.assigned & scored.truth
    missed = ~scored.assigned & scored.truth
    parts = [(part & scored.judged).astype(np.float64) for part in (right, wrong, missed)]
    hits = np.stack([weights @ part for part in parts], axis=-1)
    precision, recall = _precision_recall(hits)
    return {
        "ap": np.stack(aps, axis=1) if aps else np.empty((len(weights), 0)),
        "f1": _f1(hits),
        "precision": precision,
        "recall": recall,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Pairs with similar confidences, and the share of them that is true."""

    low: float
    high: float
    pairs: int
    confidence: float
    """Mean confidence, 0-1."""
    share: float
    """Share that belongs, 0-1."""


def reliability(scored: Scored) -> list[Bin]:
    """Return the bins that are not empty, for a reliability diagram.

    The weighted mean of their distances |confidence - share| is the expected calibration error.
    """
    confidence, truth = scored.confidence[scored.judged], scored.truth[scored.judged]
    bins = _bin(confidence)
    filled: list[Bin] = []
    for n in np.unique(bins):
        here = bins == n
        filled.append(
            Bin(
                low=float(n) / BINS,
                high=float(n + 1) / BINS,
                pairs=int(here.sum()),
                confidence=float(confidence[here].mean()),
                share=float(truth[here].mean()),
            )
        )
    return filled


def unit_weights(articles: int) -> Weights:
    """Return the weights of the gold as it is: 1 x articles."""
    return np.ones((1, articles), dtype=np.int32)


def ratio(part: NDArray[Any], whole: NDArray[Any], *, empty: float = np.nan) -> Floats:
    """Divide, giving `empty` where `whole` is 0."""
    result: Floats = np.full(np.broadcast_shapes(part.shape, whole.shape), float(empty))
    np.divide(part, whole, out=result, where=whole != 0)
    return result


def harmonic(precision: Floats, recall: Floats) -> Floats:
    return ratio(2 * precision * recall, precision + recall, empty=0)


def hits(scored: Scored, given: Bools) -> tuple[NDArray[np.intp], ...]:
    """Return the numbers of right, wrong and missed labels, each with one value per article."""
    parts = (given & scored.truth, given & ~scored.truth, ~given & scored.truth)
    return tuple((part & scored.judged).sum(axis=1) for part in parts)


def _precision_recall(hits: Floats) -> tuple[Floats, Floats]:
    right, wrong, missed = hits[..., 0], hits[..., 1], hits[..., 2]
    return ratio(right, right + wrong), ratio(right, right + missed)


def _f1(hits: Floats) -> Floats:
    """Return F1, which is defined if any pair is true, even without labels."""
    right, wrong, missed = hits[..., 0], hits[..., 1], hits[..., 2]
    return np.where(right + missed == 0, np.nan, ratio(2 * right, 2 * right + wrong + missed))


def _mean_of_defined(values: Floats) -> Floats:
    defined = ~np.isnan(values)
    return ratio(np.where(defined, values, 0).sum(axis=1), defined.sum(axis=1))


def _first_places(scored: Scored) -> tuple[Floats, Floats]:
    """Return top-1 accuracy and recall@`TOP_K`, each with one value per article.

    Ties share their places. Articles without a true pair have 0 and are left out of the means.
    """
    first, recall = (np.zeros(len(scored.truth)) for _ in range(2))
    for row in np.flatnonzero((scored.judged & scored.truth).any(axis=1)):
        ranked = np.sort(scored.confidence[row, scored.judged[row]])
        true = scored.confidence[row, scored.judged[row] & scored.truth[row]]
        up_to = np.searchsorted(ranked, true, side="right")
        tied = up_to - np.searchsorted(ranked, true, side="left")
        better = len(ranked) - up_to
        first[row] = np.clip((1 - better) / tied, 0, 1).sum()
        recall[row] = np.clip((TOP_K - better) / tied, 0, 1).mean()
    return first, recall


def _bin(confidence: Floats) -> NDArray[np.intp]:
    return np.clip(np.ceil(confidence * BINS).astype(np.intp) - 1, 0, BINS - 1)


def _by_bin(scored: Scored, error: Floats) -> Floats:
    """Return the summed errors, articles x bins."""
    rows, columns = np.nonzero(scored.judged)
    cells = rows * BINS + _bin(scored.confidence[rows, columns])
    size = len(scored.truth) * BINS
    sums = np.bincount(cells, weights=error[rows, columns], minlength=size)
    return sums.astype(np.float64).reshape(-1, BINS)
