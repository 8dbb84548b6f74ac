"""Metrics of confidences and labels beside the truth, for many resamples of the articles at once.

Everywhere `weights` (resamples x articles) says how often an article is in a resample; a single row
of ones stands for the gold as it is. What is not defined, such as precision where no label was
given, is NaN.

Average precision, precision and recall are of pairs pooled (micro) unless said otherwise. Tied
confidences are never ordered: they reach a threshold together, and of those that compete for the
first places each has an equal chance (McSherry & Najork 2008, "Computing information retrieval
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
"""Of equal width: as in Guo et al. 2017, "On Calibration of Modern Neural Networks"."""
HIGH_PRECISION: Final = 0.9
"""The precision at which recall and coverage are told."""
TOP_K: Final = 5
"""How many categories `recall_at_5` looks at."""

_AT_ONCE: Final = 2_000_000
"""Weights of pairs held in memory together."""


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Articles x categories, by one scorer; every array has that shape."""

    confidence: Floats
    truth: Bools
    judged: Bools
    """Whether the pair counts: both its truth and its confidence are known."""
    assigned: Bools
    """Whether it is a label by the rules."""

    def of(self, categories: Bools | NDArray[np.intp]) -> Scored:
        """Return some of the columns."""
        return Scored(
            self.confidence[:, categories],
            self.truth[:, categories],
            self.judged[:, categories],
            self.assigned[:, categories],
        )


class Ranking:
    """The pairs by falling confidence: what each threshold finds.

    Only thresholds at which a true pair is found are looked at: between them precision falls and
    recall stays.
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
        """Falling."""

    def found(self, weights: Weights) -> Iterator[tuple[slice, Floats, Floats]]:
        """Yield (resamples, true pairs, all pairs) at or above each threshold, in pieces."""
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
        return self.measure(weights)[0]

    def measure(
        self, weights: Weights, *, precision: float = HIGH_PRECISION
    ) -> tuple[Floats, Floats, Floats]:
        """Return average precision, the greatest recall at that precision, and its threshold.

        Average precision is the sum of precision x gain in recall over the thresholds, without
        interpolation. Where the precision is never reached, that recall is 0 and its threshold
        infinite.
        """
        average, recall = (np.full(len(weights), np.nan) for _ in range(2))
        threshold = np.full(len(weights), np.inf)
        for piece, true, every in self.found(weights):
            in_all = true[:, -1]
            gain = np.diff(true, axis=1, prepend=0)
            average[piece] = ratio((ratio(true, every, empty=0) * gain).sum(axis=1), in_all)
            kept = (true >= precision * every - 1e-9) & (true > 0)
            # Recall never falls, so the last threshold that keeps the precision has the greatest.
            last = kept.shape[1] - 1 - kept[:, ::-1].argmax(axis=1)
            ever = kept.any(axis=1)
            recall[piece] = ratio(np.where(ever, true[np.arange(len(true)), last], 0), in_all)
            threshold[piece] = np.where(ever, self.thresholds[last], np.inf)
        return average, recall, threshold

    def curve(self) -> tuple[Floats, Floats]:
        """Return recall and precision at each threshold."""
        for _, true, every in self.found(unit_weights(int(self._articles.max(initial=-1)) + 1)):
            return true[0] / true[0, -1], true[0] / every[0]
        return np.empty(0), np.empty(0)

    def best_threshold(self) -> float:
        """Return the threshold with the highest F1; infinite where nothing is true."""
        recall, precision = self.curve()
        if not recall.size:
            return float("inf")
        return float(self.thresholds[np.argmax(harmonic(precision, recall))])


class Statistics:
    """All metrics of one scorer on some categories, ready for any number of resamples."""

    def __init__(self, scored: Scored) -> None:
        self.scored = scored
        self.ranking = Ranking(scored)
        self.best_threshold = self.ranking.best_threshold()

    def measure(self, weights: Weights, average_precisions: Floats) -> dict[str, Floats]:
        """Return each metric for each resample.

        `average_precisions` (resamples x categories) are those of the single categories, from
        `by_category`.
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
        """Articles x what is summed over the articles of a resample."""
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
        """Return the share of articles with a confidence that reaches the resample's threshold."""
        best = np.where(self.scored.judged, self.scored.confidence, -np.inf).max(axis=1, initial=-1)
        order = np.argsort(best)
        above = np.cumsum(weights[:, order][:, ::-1], axis=1)
        above = np.concatenate([np.zeros((len(above), 1)), above], axis=1)
        reached = len(best) - np.searchsorted(best[order], thresholds, side="left")
        judged = weights @ self.scored.judged.any(axis=1).astype(np.float64)
        return ratio(above[np.arange(len(above)), reached], judged)


def by_category(scored: Scored, weights: Weights) -> dict[str, Floats]:
    """Return metrics of every category for itself, each resamples x categories."""
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
    """Pairs whose confidences are near each other: what they promise, and what they hold."""

    low: float
    high: float
    pairs: int
    confidence: float
    """Their mean."""
    share: float
    """How many of them belong."""


def reliability(scored: Scored) -> list[Bin]:
    """Return the bins that hold a pair; their distances, weighted, are the calibration error."""
    confidence, truth = scored.confidence[scored.judged], scored.truth[scored.judged]
    bins = _bin(confidence)
    found: list[Bin] = []
    for n in np.unique(bins):
        here = bins == n
        found.append(
            Bin(
                low=float(n) / BINS,
                high=float(n + 1) / BINS,
                pairs=int(here.sum()),
                confidence=float(confidence[here].mean()),
                share=float(truth[here].mean()),
            )
        )
    return found


def unit_weights(articles: int) -> Weights:
    """Return the weights of the gold as it is."""
    return np.ones((1, articles), dtype=np.int32)


def ratio(part: NDArray[Any], whole: NDArray[Any], *, empty: float = np.nan) -> Floats:
    """Divide; what is a part of nothing is `empty`."""
    result: Floats = np.full(np.broadcast_shapes(part.shape, whole.shape), float(empty))
    np.divide(part, whole, out=result, where=whole != 0)
    return result


def harmonic(precision: Floats, recall: Floats) -> Floats:
    return ratio(2 * precision * recall, precision + recall, empty=0)


def hits(scored: Scored, given: Bools) -> tuple[NDArray[np.intp], ...]:
    """Count, for each article, labels that are right, wrong and missed."""
    parts = (given & scored.truth, given & ~scored.truth, ~given & scored.truth)
    return tuple((part & scored.judged).sum(axis=1) for part in parts)


def _precision_recall(hits: Floats) -> tuple[Floats, Floats]:
    right, wrong, missed = hits[..., 0], hits[..., 1], hits[..., 2]
    return ratio(right, right + wrong), ratio(right, right + missed)


def _f1(hits: Floats) -> Floats:
    """Return F1; it is defined where something is true, also where no label was given."""
    right, wrong, missed = hits[..., 0], hits[..., 1], hits[..., 2]
    return np.where(right + missed == 0, np.nan, ratio(2 * right, 2 * right + wrong + missed))


def _mean_of_defined(values: Floats) -> Floats:
    defined = ~np.isnan(values)
    return ratio(np.where(defined, values, 0).sum(axis=1), defined.sum(axis=1))


def _first_places(scored: Scored) -> tuple[Floats, Floats]:
    """Return, by article, the chance of a true first one and the share of the true among the first.

    Only articles to which something belongs have a place in the means.
    """
    first, share = (np.zeros(len(scored.truth)) for _ in range(2))
    for row in np.flatnonzero((scored.judged & scored.truth).any(axis=1)):
        ranked = np.sort(scored.confidence[row, scored.judged[row]])
        true = scored.confidence[row, scored.judged[row] & scored.truth[row]]
        up_to = np.searchsorted(ranked, true, side="right")
        tied = up_to - np.searchsorted(ranked, true, side="left")
        better = len(ranked) - up_to
        first[row] = np.clip((1 - better) / tied, 0, 1).sum()
        share[row] = np.clip((TOP_K - better) / tied, 0, 1).mean()
    return first, share


def _bin(confidence: Floats) -> NDArray[np.intp]:
    return np.clip(np.ceil(confidence * BINS).astype(np.intp) - 1, 0, BINS - 1)


def _by_bin(scored: Scored, error: Floats) -> Floats:
    """Return articles x bins: the sum of the errors."""
    rows, columns = np.nonzero(scored.judged)
    cells = rows * BINS + _bin(scored.confidence[rows, columns])
    size = len(scored.truth) * BINS
    sums = np.bincount(cells, weights=error[rows, columns], minlength=size)
    return sums.astype(np.float64).reshape(-1, BINS)
