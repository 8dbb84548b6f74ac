"""Fit what a scorer's confidence is worth to gold labels.

On the scale of log-odds a kind has one curve, piecewise linear and rising, and each of its
categories an offset: random intercepts, shrunk to the curve the more, the less gold a category has,
by a variance that empirical Bayes finds (Laplace-EM; Breslow & Clayton 1993, "Approximate Inference
in Generalized Linear Mixed Models"). A curve of five bends takes the forms of Platt 1999 and of
Kull et al. 2017, "Beta calibration", and needs less gold than isotonic regression
(Zadrozny & Elkan 2002); benchmarks/calibration.py has them side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.calibration import SOFT, CategoryOffset, Curve, KindCurve
from classifier.evaluation.gold_pairs import GoldPairs
from classifier.evaluation.metrics import Bools, Floats

ENOUGH: Final = 10
"""Pairs that belong, pairs that do not, and articles: with fewer, a curve is a guess."""
FOLDS: Final = 5
BENDS: Final = (0.02, 0.1, 0.5, 0.9, 0.98)
"""Confidences at which a curve may change its slope."""

_SMOOTH: Final = 1.0
"""Precision of the prior that neighbouring slopes are equal."""
_SLOPES: Final = 1 / 6
"""Precision of the prior that a slope is 1: that the scorer is right."""
_HEIGHT: Final = 0.01
_FLATTEST: Final = 0.05
"""Slope that a curve has at least, so that it rises and ranks as the scorer does."""
_DIGITS: Final = 4
_ROUNDS: Final = 30
_STEPS: Final = 50

_Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class CurveFit:
    """What was fitted to a kind, and how it does on articles that it was not fitted to."""

    kind: KindCurve
    categories: dict[str, CategoryOffset]
    """By id; empty where offsets are of no use."""
    confidence: Floats
    """Articles x categories, as the file gives it."""
    held_out: Floats
    """The same, each fifth of the articles by what the others give."""


def usable_pairs(pairs: GoldPairs) -> Bools:
    """Return which pairs count: what an exclusion rule keeps out is no label in any case."""
    return pairs.judged & ~pairs.excluded


def missing_gold(pairs: GoldPairs) -> str | None:
    """Say what gold is missing for a curve, if it is."""
    known = usable_pairs(pairs)
    found = {
        "pairs that belong": int((known & pairs.truth).sum()),
        "pairs that do not belong": int((known & ~pairs.truth).sum()),
        "articles": int(known.any(axis=1).sum()),
    }
    few = (
        f"{what}: {number} of the {ENOUGH} needed"
        for what, number in found.items()
        if number < ENOUGH
    )
    return ", ".join(few) or None


def fit(pairs: GoldPairs) -> CurveFit | None:
    """Fit the pairs of one kind.

    Offsets are kept where they make the log loss on held-out articles lower. Returns None where
    even then it is not lower than the scorer's own.

    Raises ValueError where there is a `gap`.
    """
    if missing := missing_gold(pairs):
        raise ValueError(missing)
    # Sums of floats depend on their order; what is fitted must not depend on that of the articles.
    order = np.array(sorted(range(len(pairs.articles)), key=pairs.digests.__getitem__))
    data = _Data.of(pairs, order)
    own, variance = _empirical_bayes(data)
    none = _most_likely(data, variance=0.0)
    folds = _folds(pairs)
    held_out = np.full((2, *pairs.truth.shape), np.nan)
    for fold in range(FOLDS):
        train = data.some(folds[data.articles] != fold)
        rows = folds == fold
        confidence = pairs.confidence[rows]
        held_out[0, rows] = _most_likely(train, variance=0.0, start=none).confidence(confidence)
        held_out[1, rows] = _empirical_bayes(train, start=own, variance=variance)[0].confidence(
            confidence
        )
    known = usable_pairs(pairs)
    found = [log_loss(each, pairs)[known].mean() for each in (*held_out, pairs.confidence)]
    best = int(np.argmin(found))
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


def log_loss(confidence: Floats, pairs: GoldPairs) -> Floats:
    """Return the loss of each pair, in nats; a confidence of 0 or 1 costs at most 14."""
    right = np.clip(np.where(pairs.truth, confidence, 1 - confidence), 1e-6, 1)
    loss: Floats = -np.log(right)
    return loss


def _folds(pairs: GoldPairs) -> _Ints:
    """Return the fold of each article; copies of a text are in one."""
    distinct = {digest: n for n, digest in enumerate(sorted(set(pairs.digests)))}
    return np.array([distinct[digest] % FOLDS for digest in pairs.digests], dtype=np.intp)


def _of_kind(model: _Model, pairs: GoldPairs) -> KindCurve:
    raws = (0.0, *BENDS, 1.0)
    heights = model.height(np.array(raws)).round(_DIGITS)
    known = usable_pairs(pairs)
    return KindCurve(
        articles=int(known.any(axis=1).sum()),
        pairs=int(known.sum()),
        positive=int((known & pairs.truth).sum()),
        curve=Curve(points=tuple(zip(raws, heights.tolist(), strict=True))),
    )


def _of_categories(model: _Model, pairs: GoldPairs) -> dict[str, CategoryOffset]:
    known = usable_pairs(pairs)
    return {
        category.id: CategoryOffset(
            definition=category.digest,
            pairs=int(known[:, n].sum()),
            positive=int((known[:, n] & pairs.truth[:, n]).sum()),
            offset=round(float(model.offsets[n]), _DIGITS),
        )
        for n, category in enumerate(pairs.categories)
        if known[:, n].any()
    }


def applied(kind: KindCurve, categories: Mapping[str, CategoryOffset], pairs: GoldPairs) -> Floats:
    """Return what `Curve` makes of every pair."""
    raws, heights = np.array(kind.curve.points).T
    offsets = [own.offset if (own := categories.get(c.id)) else 0.0 for c in pairs.categories]
    height = np.interp(_log_odds(pairs.confidence), _log_odds(raws), heights)
    return _logistic(height + np.array(offsets))


# --- the model ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    weights: Floats
    """A slope for each segment between bends, then the height where the scorer gives even odds."""
    offsets: Floats
    """One for each category."""

    def height(self, raw: Floats) -> Floats:
        """Return the calibrated log-odds, without offsets."""
        height: Floats = _design(raw) @ self.weights
        return height

    def confidence(self, raw: Floats) -> Floats:
        """Return articles x categories, NaN where `raw` is."""
        height = self.height(raw.ravel()).reshape(raw.shape)
        return _logistic(height + self.offsets)


@dataclass(frozen=True, slots=True, eq=False)
class _Data:
    """The pairs that count."""

    design: Floats
    """Pairs x weights."""
    truth: Floats
    """1 where it belongs."""
    articles: _Ints
    """Row of each pair."""
    categories: _Ints
    """Column of each pair."""
    width: int
    """Of how many categories."""

    @classmethod
    def of(cls, pairs: GoldPairs, order: _Ints) -> _Data:
        rows, columns = np.nonzero(usable_pairs(pairs)[order])
        rows = order[rows]
        return cls(
            design=_design(pairs.confidence[rows, columns]),
            truth=pairs.truth[rows, columns].astype(np.float64),
            articles=rows,
            categories=columns,
            width=len(pairs.categories),
        )

    def some(self, which: Bools) -> _Data:
        return replace(
            self,
            design=self.design[which],
            truth=self.truth[which],
            articles=self.articles[which],
            categories=self.categories[which],
        )

    def by_category(self, values: Floats) -> Floats:
        """Sum values of pairs."""
        sums = np.bincount(self.categories, weights=values, minlength=self.width)
        return sums.astype(np.float64)


def _design(raw: Floats) -> Floats:
    """Return, for each confidence, how far each segment is gone along from even odds, and 1."""
    bends = _log_odds(np.array(BENDS))
    low, high = np.append(-np.inf, bends), np.append(bends, np.inf)
    along = np.clip(_log_odds(raw)[:, None], low, high) - np.clip(0.0, low, high)
    return np.column_stack([along, np.ones(len(raw))])


def _log_odds(raw: Floats) -> Floats:
    odds: Floats = np.log((raw + SOFT) / (1 - raw + SOFT))
    return odds


def _logistic(height: Floats) -> Floats:
    chance: Floats = 1 / (1 + np.exp(-np.clip(height, -50, 50)))
    return chance


# --- fitting --------------------------------------------------------------------------------------


def _prior() -> tuple[Floats, Floats]:
    """Return mean and precision of the weights."""
    segments = len(BENDS) + 1
    steps = np.diff(np.eye(segments), axis=0)
    precision = np.diag(np.append(np.full(segments, _SLOPES), _HEIGHT))
    precision[:segments, :segments] += _SMOOTH * steps.T @ steps
    return np.append(np.ones(segments), 0.0), precision


_MEAN, _PRECISION = _prior()
_LOWEST: Final = np.append(np.full(len(BENDS) + 1, _FLATTEST), -np.inf)


def _empirical_bayes(
    data: _Data, *, start: _Model | None = None, variance: float = 1.0
) -> tuple[_Model, float]:
    """Return the model with the variance of the offsets under which the gold is most likely."""
    model = start
    for _ in range(_ROUNDS):
        model = _most_likely(data, variance=variance, start=model)
        chance = _logistic(data.design @ model.weights + model.offsets[data.categories])
        spread = 1 / (data.by_category(chance * (1 - chance)) + 1 / variance)
        before, variance = variance, max(float(np.mean(model.offsets**2 + spread)), 1e-4)
        if abs(variance - before) < 0.01 * before:
            break
    assert model is not None
    return model, variance


def _most_likely(data: _Data, *, variance: float, start: _Model | None = None) -> _Model:
    """Return the most likely model, by Newton steps that are projected to slopes that rise.

    The offsets have a normal prior; with a variance of 0 there are none.
    """
    model = start or _Model(_MEAN, np.zeros(data.width))
    # A precision so high that it leaves no offset needs no case of its own.
    precision = 1 / variance if variance else 1e12
    loss = _loss(data, model, precision)
    for _ in range(_STEPS):
        step = _Step.of(data, model, precision)
        for size in 0.5 ** np.arange(12):
            tried = step.taken(model, size)
            after = _loss(data, tried, precision)
            if after <= loss:
                break
        else:
            return model
        model, gain, loss = tried, loss - after, after
        if gain < 1e-7 * max(loss, 1.0):
            return model
    return model


def _loss(data: _Data, model: _Model, precision: float) -> float:
    height = data.design @ model.weights + model.offsets[data.categories]
    off = model.weights - _MEAN
    likelihood = np.logaddexp(0, height).sum() - data.truth @ height
    return float(
        likelihood + (off @ _PRECISION @ off + precision * (model.offsets @ model.offsets)) / 2
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """A Newton step. Offsets meet each other only through the weights, so they are eliminated."""

    weights: Floats
    pull: Floats
    """On each offset, where the weights stay."""
    cross: Floats
    """Categories x weights: how an offset follows the weights."""

    @classmethod
    def of(cls, data: _Data, model: _Model, precision: float) -> _Step:
        chance = _logistic(data.design @ model.weights + model.offsets[data.categories])
        curvature, rest = chance * (1 - chance), data.truth - chance
        pull = data.by_category(rest) - precision * model.offsets
        stiffness = data.by_category(curvature) + precision
        weighted = data.design * curvature[:, None]
        cross = np.stack([data.by_category(column) for column in weighted.T], axis=1)
        gradient = data.design.T @ rest - _PRECISION @ (model.weights - _MEAN)
        gradient -= cross.T @ (pull / stiffness)
        hessian = weighted.T @ data.design + _PRECISION - cross.T @ (cross / stiffness[:, None])
        # A slope at its lowest that would go lower stays (Bertsekas 1982).
        free = ~((model.weights <= _LOWEST) & (gradient <= 0))
        weights = np.zeros(len(gradient))
        weights[free] = np.linalg.solve(hessian[np.ix_(free, free)], gradient[free])
        return cls(weights, pull / stiffness, cross / stiffness[:, None])

    def taken(self, model: _Model, size: float) -> _Model:
        weights = np.maximum(model.weights + size * self.weights, _LOWEST)
        change = weights - model.weights
        return _Model(weights, model.offsets + size * self.pull - self.cross @ change)
