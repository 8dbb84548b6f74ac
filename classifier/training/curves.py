"""Fit a calibration curve for each kind, and an offset for each of its categories, to gold labels.

On the scale of log-odds a kind has one curve, piecewise linear and rising. A category has an offset
from it: a random intercept (`random_intercepts`), whose variance empirical Bayes finds (Laplace-EM;
Breslow & Clayton 1993, "Approximate Inference in Generalized Linear Mixed Models"). A curve with
five bends can take the forms of Platt scaling (Platt 1999) and of beta calibration (Kull et al.
2017), and needs less gold than isotonic regression (Zadrozny & Elkan 2002);
`benchmarks/calibration.py` compares them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from classifier.calibration import SOFT, UNCHANGED, CategoryOffset, Curve, KindCurve
from classifier.evaluation.gold_pairs import GoldPairs
from classifier.evaluation.metrics import Bools, Floats
from classifier.training import random_intercepts
from classifier.training.random_intercepts import Coefficients, Ints, Observations, Prior, sigmoid

ENOUGH: Final = 10
"""Pairs that belong, pairs that do not, and articles needed: with fewer, a curve is a guess."""
FOLDS: Final = 5
BENDS: Final = (0.02, 0.1, 0.5, 0.9, 0.98)
"""Confidences at which a curve may change its slope."""

_SMOOTH: Final = 1.0
"""Precision of the prior that neighbouring slopes are equal."""
_SLOPES: Final = 1 / 6
"""Precision of the prior that a slope is 1: that the scorer is right."""
_HEIGHT: Final = 0.01
"""Precision of the prior that the height at even odds is 0."""
_FLATTEST: Final = 0.05
"""Slope that a curve has at least, so that it rises and ranks as the scorer does."""
_DIGITS: Final = 4
_ROUNDS: Final = 30
_NO_INTERCEPTS: Final = 1e12
"""A precision so high that it leaves every intercept at 0."""


@dataclass(frozen=True, slots=True, eq=False)
class CurveFit:
    """The curve fitted to a kind, and its confidences in and out of sample."""

    kind: KindCurve
    categories: dict[str, CategoryOffset]
    """Offsets by category id; empty if they do not lower the held-out loss."""
    confidence: Floats
    """Calibrated confidences of the fitted pairs, 0-1: articles x categories."""
    held_out: Floats
    """Calibrated confidences by cross-validation, each fold of articles by a fit to the others."""


def usable_pairs(pairs: GoldPairs) -> Bools:
    """Return which pairs count, articles x categories: judged and not excluded by a rule."""
    return pairs.judged & ~pairs.excluded


def missing_gold(pairs: GoldPairs) -> str | None:
    """Return a message that says which gold is missing for a curve; None if there is enough."""
    known = usable_pairs(pairs)
    counts = {
        "pairs that belong": int((known & pairs.truth).sum()),
        "pairs that do not belong": int((known & ~pairs.truth).sum()),
        "articles": int(known.any(axis=1).sum()),
    }
    few = (
        f"{what}: {number} of the {ENOUGH} needed"
        for what, number in counts.items()
        if number < ENOUGH
    )
    return ", ".join(few) or None


def fit(pairs: GoldPairs) -> CurveFit | None:
    """Fit a curve to the pairs of one kind.

    Offsets are kept if they lower the log loss on held-out articles.

    Returns:
        The fit, or None if it does not lower the scorer's own log loss on held-out articles.

    Raises:
        ValueError: Gold is missing (see `missing_gold`).
    """
    if missing := missing_gold(pairs):
        raise ValueError(missing)
    # Sums of floats depend on their order; what is fitted must not depend on that of the articles.
    order = np.array(sorted(range(len(pairs.articles)), key=pairs.digests.__getitem__))
    data = _observations(pairs, order)
    own, variance = _empirical_bayes(data)
    none = random_intercepts.fit(data, _PRIOR, precision=_NO_INTERCEPTS)
    folds = folds_of(pairs)
    held_out = np.full((2, *pairs.truth.shape), np.nan)
    for fold in range(FOLDS):
        train = data.subset(folds[data.rows] != fold)
        rows = folds == fold
        raw = pairs.confidence[rows]
        plain = random_intercepts.fit(train, _PRIOR, precision=_NO_INTERCEPTS, start=none)
        held_out[0, rows] = _confidence(plain, raw)
        with_offsets, _ = _empirical_bayes(train, start=own, variance=variance)
        held_out[1, rows] = _confidence(with_offsets, raw)
    known = usable_pairs(pairs)
    losses = [log_loss(each, pairs)[known].mean() for each in (*held_out, pairs.confidence)]
    best = int(np.argmin(losses))
    if best == 2:
        return None
    kind = _of_kind((none, own)[best], pairs)
    categories = _of_categories(own, pairs) if best == 1 else {}
    return CurveFit(
        kind=kind,
        categories=categories,
        confidence=applied(kind, categories, pairs),
        held_out=held_out[best],
    )


def unchanged(pairs: GoldPairs) -> CurveFit:
    """Return the curve that leaves confidences as they are, but for `SOFT`."""
    kind = _counted(UNCHANGED, pairs)
    confidence = applied(kind, {}, pairs)
    return CurveFit(kind=kind, categories={}, confidence=confidence, held_out=confidence)


def log_loss(confidence: Floats, pairs: GoldPairs) -> Floats:
    """Return the log loss of each pair in nats, articles x categories; at most 14."""
    right = np.clip(np.where(pairs.truth, confidence, 1 - confidence), 1e-6, 1)
    loss: Floats = -np.log(right)
    return loss


def folds_of(pairs: GoldPairs) -> Ints:
    """Return the fold of each article; copies of one text share a fold."""
    distinct = {digest: n for n, digest in enumerate(sorted(set(pairs.digests)))}
    return np.array([distinct[digest] % FOLDS for digest in pairs.digests], dtype=np.intp)


def _of_kind(model: Coefficients, pairs: GoldPairs) -> KindCurve:
    raws = (0.0, *BENDS, 1.0)
    heights = (_design(np.array(raws)) @ model.weights).round(_DIGITS)
    return _counted(Curve(points=tuple(zip(raws, heights.tolist(), strict=True))), pairs)


def _counted(curve: Curve, pairs: GoldPairs) -> KindCurve:
    known = usable_pairs(pairs)
    return KindCurve(
        articles=int(known.any(axis=1).sum()),
        pairs=int(known.sum()),
        positive=int((known & pairs.truth).sum()),
        curve=curve,
    )


def _of_categories(model: Coefficients, pairs: GoldPairs) -> dict[str, CategoryOffset]:
    known = usable_pairs(pairs)
    return {
        category.id: CategoryOffset(
            definition=category.definition,
            pairs=int(known[:, n].sum()),
            positive=int((known[:, n] & pairs.truth[:, n]).sum()),
            offset=round(float(model.intercepts[n]), _DIGITS),
        )
        for n, category in enumerate(pairs.categories)
        if known[:, n].any()
    }


def applied(kind: KindCurve, categories: Mapping[str, CategoryOffset], pairs: GoldPairs) -> Floats:
    """Return the calibrated confidence of every pair, as `calibration.Curve` gives it."""
    raws, heights = np.array(kind.curve.points).T
    offsets = [own.offset if (own := categories.get(c.id)) else 0.0 for c in pairs.categories]
    height = np.interp(_log_odds(pairs.confidence), _log_odds(raws), heights)
    return sigmoid(height + np.array(offsets))


# --- the model ------------------------------------------------------------------------------------


def _observations(pairs: GoldPairs, order: Ints) -> Observations:
    """Return the pairs that count, articles in the given order."""
    rows, columns = np.nonzero(usable_pairs(pairs)[order])
    rows = order[rows]
    return Observations(
        design=_design(pairs.confidence[rows, columns]),
        truth=pairs.truth[rows, columns].astype(np.float64),
        rows=rows,
        columns=columns,
        categories=len(pairs.categories),
        weight=np.ones(len(rows)),
    )


def _confidence(model: Coefficients, raw: Floats) -> Floats:
    """Return calibrated confidences for raw ones, articles x categories; NaN where `raw` is."""
    height = (_design(raw.ravel()) @ model.weights).reshape(raw.shape)
    return sigmoid(height + model.intercepts)


def _design(raw: Floats) -> Floats:
    """Return confidences x weights: the length gone along each segment from even odds, and 1."""
    bends = _log_odds(np.array(BENDS))
    low, high = np.append(-np.inf, bends), np.append(bends, np.inf)
    along = np.clip(_log_odds(raw)[:, None], low, high) - np.clip(0.0, low, high)
    return np.column_stack([along, np.ones(len(raw))])


def _log_odds(raw: Floats) -> Floats:
    odds: Floats = np.log((raw + SOFT) / (1 - raw + SOFT))
    return odds


def _prior() -> Prior:
    """Return the prior of the slopes (one per segment) and of the height at even odds."""
    segments = len(BENDS) + 1
    steps = np.diff(np.eye(segments), axis=0)
    precision = np.diag(np.append(np.full(segments, _SLOPES), _HEIGHT))
    precision[:segments, :segments] += _SMOOTH * steps.T @ steps
    return Prior(
        mean=np.append(np.ones(segments), 0.0),
        precision=precision,
        lowest=np.append(np.full(segments, _FLATTEST), -np.inf),
    )


_PRIOR: Final = _prior()


def _empirical_bayes(
    data: Observations, *, start: Coefficients | None = None, variance: float = 1.0
) -> tuple[Coefficients, float]:
    """Return the model, and the variance of the intercepts that makes the gold most likely."""
    model = start
    for _ in range(_ROUNDS):
        model = random_intercepts.fit(data, _PRIOR, precision=1 / variance, start=model)
        chance = random_intercepts.probabilities(data, model)
        spread = 1 / (data.by_category(chance * (1 - chance)) + 1 / variance)
        before, variance = variance, max(float(np.mean(model.intercepts**2 + spread)), 1e-4)
        if abs(variance - before) < 0.01 * before:
            break
    assert model is not None
    return model, variance
