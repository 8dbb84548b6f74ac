"""How much of what was fitted to trust: as much as did no harm to articles it was not fitted to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from classifier.evaluation.metrics import Ranking, Scored, unit_weights
from classifier.training.correction_model import CorrectionModel, Examples, fit, probability

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from classifier.training.correction_model import Flags, Floats

STRENGTHS: Final = (4.0, 2.0, 1.0, 0.5)
SHARES: Final = (
    *((tenths / 10, 1.0) for tenths in range(10, -1, -1)),
    *((shrinkage, blend) for blend in (0.75, 0.5, 0.25) for shrinkage in (1.0, 0.5, 0.0)),
    (0.0, 0.0),
)
"""What is tried for a category, in this order: the share of what is added to the recalibrated
log-odds, and that of the whole change."""
FOLDS: Final = 5
MORE_FOLDS: Final = 10
"""Where there are few articles, so that those left to fit to are nearly as many."""
FEW: Final = 100
_EQUAL: Final = 1e-9
_SURE: Final = 1e-6
"""Probabilities are kept so far from 0 and 1 where their loss is told."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CrossValidated:
    """What to change, and what that did to articles it was not fitted to."""

    fit: CorrectionModel
    strength: float
    shrinkage: Floats
    """Of each category, the share (0-1) of what is added; with 0 its articles keep their order."""
    blend: Floats
    """And of the whole change; with 0 the confidences stay as they are."""
    before: Floats
    """Articles x categories: log-odds as they were."""
    after: Floats
    """By what the other folds taught, as far as it is trusted."""
    fold: NDArray[np.intp]
    """Of each article. Only within a fold can log-odds be compared."""


def cross_validate(examples: Examples) -> CrossValidated:
    """Fit, and choose by cross-validation over articles, which are in no order.

    Of the strengths, the one with the best average precision of all pairs; for each category, the
    first of the shares with which neither its average precision nor its log loss is worse.
    """
    articles = len(examples.logits)
    fold = np.arange(articles) % min(MORE_FOLDS if articles < FEW else FOLDS, articles)
    recalibrated, added = _out_of_fold(examples, fold)
    precision = [
        average_precision(recalibrated + it, examples.truth, examples.known) for it in added
    ]
    strength = int(np.argmax(np.nan_to_num(precision)))
    before, added = examples.logits, added[strength]
    shares = [
        _shares(examples.some_of(i), recalibrated[:, i], added[:, i], fold)
        if informed
        else SHARES[-1]
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
    """Return for each category whether there is enough to go by.

    Of one that was only rejected now and then, nobody knows what belongs: it would look as if
    nothing did. An article about which all is known tells.
    """
    accepted = (examples.truth & examples.known).any(axis=0)
    return np.asarray(accepted | examples.known.all(axis=1).any())


def _out_of_fold(examples: Examples, fold: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Return log-odds as recalibrated, and what each strength adds, by the other folds' fits."""
    recalibrated = np.empty(examples.logits.shape)
    added = np.empty((len(STRENGTHS), *examples.logits.shape))
    for number in range(int(fold.max()) + 1):
        rest, these = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        left_out = examples.some(these)
        for place, found in enumerate(fit(examples.some(rest), strengths=STRENGTHS)):
            recalibrated[these] = found.recalibrated(left_out)
            added[place, these] = found.added(left_out)
    return recalibrated, added


def _shares(
    examples: Examples, recalibrated: Floats, added: Floats, fold: NDArray[np.intp]
) -> tuple[float, float]:
    """Return the shares for one category."""
    before, target = examples.logits[:, 0], examples.target[:, 0]
    weight = examples.weight[:, 0] / examples.weight.sum()
    precision = mean_precision_in_folds(before, examples, fold)
    most = weight @ log_loss(before, target)
    for shrinkage, blend in SHARES:
        after = before + blend * (recalibrated + shrinkage * added - before)
        if weight @ log_loss(after, target) > most + _EQUAL:
            continue
        # NaN, where no article belongs, is not less.
        if not mean_precision_in_folds(after, examples, fold) < precision - _EQUAL:
            return shrinkage, blend
    return SHARES[-1]


def mean_precision_in_folds(logits: Floats, examples: Examples, fold: NDArray[np.intp]) -> float:
    """Return the mean of a category's average precision in the folds where it has any; else NaN.

    Not of all folds together: where few articles belong, the fits of the fold that has one have
    seen fewer, and expect fewer, than those of the folds that have none.
    """
    single = [
        average_precision(logits[rows, None], examples.truth[rows], examples.known[rows])
        for rows in (fold == number for number in range(int(fold.max()) + 1))
    ]
    found = [value for value in single if not np.isnan(value)]
    return float(np.mean(found)) if found else float("nan")


def average_precision(logits: Floats, truth: Flags, known: Flags) -> float:
    """Return that of the known pairs; NaN where none is true."""
    scored = Scored(logits, truth, known, np.zeros_like(known))
    return float(Ranking(scored).average_precision(unit_weights(len(logits)))[0])


def log_loss(logits: Floats, target: Floats | Flags) -> Floats:
    """Return the log loss of each pair."""
    p = np.clip(probability(logits), _SURE, 1 - _SURE)
    return np.asarray(-(target * np.log(p) + (1 - target) * np.log(1 - p)))
