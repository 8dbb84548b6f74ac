"""Choose by cross-validation how much of the fitted corrections to use.

Start with `cross_validate`: no category's held-out average precision or log loss gets worse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from classifier.evaluation.metrics import Ranking, Scored, unit_weights
from classifier.training.correction_model import CorrectionModel, Examples, fit, probability
from classifier.training.quality import EQUAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from classifier.training.correction_model import Flags, Floats

STRENGTHS: Final = (4.0, 2.0, 1.0, 0.5)
SHARES: Final = (
    *((tenths / 10, 1.0) for tenths in range(10, -1, -1)),
    *((shrinkage, blend) for blend in (0.75, 0.5, 0.25) for shrinkage in (1.0, 0.5, 0.0)),
    (0.0, 0.0),
)
"""Pairs of (shrinkage, blend) tried for a category, in this order: the share of its own correction,
and the share of the whole change."""
UNLABELLED: Final = tuple((0.0, blend) for blend in (1.0, 0.75, 0.5, 0.25, 0.0))
"""What is tried for a category that is accepted nowhere: no correction of its own, and its scale as
that of the others. So its articles keep their order, and may keep their labels."""
FOLDS: Final = 5
MORE_FOLDS: Final = 10
"""Folds for fewer than `FEW` articles, so that the fits of the folds have nearly as many."""
FEW: Final = 100
ENOUGH: Final = 1000
"""Articles that are enough to choose the strength by."""
_SURE: Final = 1e-6
"""Distance of probabilities from 0 and 1, at least, in the log loss."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CrossValidated:
    """The corrections to use, and their effect on held-out articles."""

    fit: CorrectionModel
    strength: float
    shrinkage: Floats
    """Share (0-1) of each category's own correction; 0 keeps the order of its articles."""
    blend: Floats
    """Share (0-1) of each category's whole change; 0 leaves its confidences as they are."""
    before: Floats
    """Log-odds without corrections: articles x categories."""
    after: Floats
    """Log-odds with the corrections fitted to the other folds: articles x categories."""
    fold: NDArray[np.intp]
    """The fold of each article. Log-odds are comparable within a fold only."""


def cross_validate(examples: Examples) -> CrossValidated:
    """Fit corrections, and choose by cross-validation over articles how much of them to use.

    The prior strength is the one with the best average precision over all pairs. Each category gets
    the first of `SHARES` (of `UNLABELLED` where nothing is accepted) with which neither its average
    precision nor its log loss gets worse.

    Args:
        examples: The training data; the order of its articles must carry no information.
    """
    articles = len(examples.logits)
    fold = np.arange(articles) % min(MORE_FOLDS if articles < FEW else FOLDS, articles)
    some = slice(ENOUGH)
    few = articles <= ENOUGH
    sample = examples if few else examples.of_rows(np.arange(articles)[some])
    recalibrated, added_by = _out_of_fold(sample, fold[some], STRENGTHS)
    precision = [
        average_precision(recalibrated + of_strength, sample.truth, sample.known)
        for of_strength in added_by
    ]
    strength = int(np.argmax(np.nan_to_num(precision)))
    before, added = examples.logits, added_by[strength]
    if not few:
        chosen = STRENGTHS[strength : strength + 1]
        recalibrated, (added,) = _out_of_fold(examples, fold, chosen)
    added = added * _accepted_elsewhere(examples, fold)
    # Without fully labelled articles there is no scale of the others to take.
    unlabelled = UNLABELLED if examples.known.all(axis=1).any() else UNLABELLED[-1:]
    shares = [
        _shares(
            examples.of_category(i),
            recalibrated[:, i],
            added[:, i],
            fold,
            among=SHARES if informed else unlabelled,
        )
        for i, informed in enumerate(has_evidence(examples))
    ]
    shrinkage, blend = np.array(shares).T
    (final,) = fit(examples, strengths=STRENGTHS[strength : strength + 1])
    return CrossValidated(
        fit=final,
        strength=STRENGTHS[strength],
        shrinkage=shrinkage,
        blend=blend,
        before=before,
        after=before + blend * (recalibrated + shrinkage * added - before),
        fold=fold,
    )


def has_evidence(examples: Examples) -> Flags:
    """Return, one per category, whether there are enough verdicts to learn from: an acceptance.

    A category that was only ever rejected looks as if nothing belonged to it.
    """
    return np.asarray((examples.truth & examples.known).any(axis=0))


def _accepted_elsewhere(examples: Examples, fold: NDArray[np.intp]) -> Flags:
    """Return, articles x categories, whether the category has evidence in the other folds."""
    elsewhere = np.empty(examples.truth.shape, np.bool_)
    for number in range(int(fold.max()) + 1):
        elsewhere[fold == number] = has_evidence(examples.of_rows(np.flatnonzero(fold != number)))
    return elsewhere


def _out_of_fold(
    examples: Examples, fold: NDArray[np.intp], strengths: Sequence[float]
) -> tuple[Floats, Floats]:
    """Return recalibrated log-odds (articles x categories) by the fits to the other folds.

    And what each strength adds to them: strengths x articles x categories.
    """
    recalibrated = np.empty(examples.logits.shape)
    added = np.empty((len(strengths), *examples.logits.shape))
    for number in range(int(fold.max()) + 1):
        others, held_out = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        left_out = examples.of_rows(held_out)
        for place, model in enumerate(fit(examples.of_rows(others), strengths=strengths)):
            recalibrated[held_out] = model.recalibrated(left_out)
            added[place, held_out] = model.added(left_out)
    return recalibrated, added


def _shares(
    examples: Examples,
    recalibrated: Floats,
    added: Floats,
    fold: NDArray[np.intp],
    *,
    among: Sequence[tuple[float, float]],
) -> tuple[float, float]:
    """Return (shrinkage, blend) of one category; all arrays have one entry per article."""
    before, target = examples.logits[:, 0], examples.target[:, 0]
    weight = examples.weight[:, 0] / examples.weight.sum()
    precision = mean_precision_in_folds(before, examples, fold)
    most = weight @ log_loss(before, target)
    for shrinkage, blend in among:
        after = before + blend * (recalibrated + shrinkage * added - before)
        if weight @ log_loss(after, target) > most + EQUAL:
            continue
        # NaN, where no article belongs, is not less.
        if not mean_precision_in_folds(after, examples, fold) < precision - EQUAL:
            return shrinkage, blend
    return SHARES[-1]


def mean_precision_in_folds(logits: Floats, examples: Examples, fold: NDArray[np.intp]) -> float:
    """Return the mean of a category's average precision over the folds with a positive; else NaN.

    Folds are not pooled: if few articles belong, the fit for a fold that has one of them has seen
    fewer positives, and expects fewer, than the fits for the other folds.
    """
    by_fold = [
        average_precision(logits[rows, None], examples.truth[rows], examples.known[rows])
        for rows in (fold == number for number in range(int(fold.max()) + 1))
    ]
    defined = [value for value in by_fold if not np.isnan(value)]
    return float(np.mean(defined)) if defined else float("nan")


def average_precision(logits: Floats, truth: Flags, known: Flags) -> float:
    """Return the average precision over the known pairs; NaN if none is true."""
    scored = Scored(logits, truth, known, np.zeros_like(known))
    return float(Ranking(scored).average_precision(unit_weights(len(logits)))[0])


def log_loss(logits: Floats, target: Floats | Flags) -> Floats:
    """Return the log loss of each pair in nats."""
    p = np.clip(probability(logits), _SURE, 1 - _SURE)
    return np.asarray(-(target * np.log(p) + (1 - target) * np.log(1 - p)))
