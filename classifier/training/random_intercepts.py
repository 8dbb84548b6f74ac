"""Logistic regression with a random intercept for each category, fitted by penalised likelihood.

The weights have a normal prior around a mean and may have lower bounds, so that slopes stay
positive; the intercepts have a normal prior around 0, which shrinks a category towards the others
the more, the fewer labels it has. Both calibration (`curves`) and threshold sampling fit this model
(Breslow & Clayton 1993, "Approximate Inference in Generalized Linear Mixed Models").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.evaluation.metrics import Bools, Floats

Ints = NDArray[np.intp]

_STEPS: Final = 50
_HALVINGS: Final = 12


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """Labelled pairs. All arrays but `design` have one entry per pair."""

    design: Floats
    """Pairs x weights."""
    truth: Floats
    """1 if the pair is a label, else 0."""
    rows: Ints
    """The article of each pair."""
    columns: Ints
    """The category of each pair."""
    categories: int
    """Number of categories."""
    weight: Floats
    """How many pairs each stands for."""

    def subset(self, mask: Bools) -> Observations:
        """Return the pairs where `mask` (one entry per pair) is true."""
        return replace(
            self,
            design=self.design[mask],
            truth=self.truth[mask],
            rows=self.rows[mask],
            columns=self.columns[mask],
            weight=self.weight[mask],
        )

    def by_category(self, values: Floats) -> Floats:
        """Sum values of pairs; one sum per category."""
        sums = np.bincount(self.columns, weights=values, minlength=self.categories)
        return sums.astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Prior:
    """Normal prior of the weights, and their lower bounds (-inf: none)."""

    mean: Floats
    precision: Floats
    """Weights x weights."""
    lowest: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Coefficients:
    """What was fitted: log-odds are `design @ weights + intercepts[category]`."""

    weights: Floats
    intercepts: Floats
    """One per category."""


def sigmoid(log_odds: Floats) -> Floats:
    """Return probabilities, for any shape."""
    probability: Floats = 1 / (1 + np.exp(-np.clip(log_odds, -50, 50)))
    return probability


def probabilities(data: Observations, fitted: Coefficients) -> Floats:
    """Return the probability that each pair is a label; one per pair."""
    return sigmoid(data.design @ fitted.weights + fitted.intercepts[data.columns])


def fit(
    data: Observations, prior: Prior, *, precision: float, start: Coefficients | None = None
) -> Coefficients:
    """Return the posterior mode, by Newton steps that are projected onto the bounds.

    Args:
        data: The labelled pairs.
        prior: Prior of the weights.
        precision: Inverse variance of the intercepts; very high for none.
        start: Where to begin; the mode is unique, so this changes only the time it takes.
    """
    model = start or Coefficients(prior.mean, np.zeros(data.categories))
    loss = _loss(data, model, prior, precision)
    for _ in range(_STEPS):
        step = _Step.of(data, model, prior, precision)
        for size in 0.5 ** np.arange(_HALVINGS):
            candidate = step.taken(model, size, prior.lowest)
            candidate_loss = _loss(data, candidate, prior, precision)
            if candidate_loss <= loss:
                break
        else:
            return model
        model, gain, loss = candidate, loss - candidate_loss, candidate_loss
        if gain < 1e-7 * max(loss, 1.0):
            return model
    return model


def _loss(data: Observations, model: Coefficients, prior: Prior, precision: float) -> float:
    log_odds = data.design @ model.weights + model.intercepts[data.columns]
    likelihood = data.weight @ (np.logaddexp(0, log_odds) - data.truth * log_odds)
    off = model.weights - prior.mean
    shrinkage = precision * (model.intercepts @ model.intercepts)
    return float(likelihood + (off @ prior.precision @ off + shrinkage) / 2)


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """A Newton step. Intercepts interact through the weights alone, so they are eliminated."""

    weights: Floats
    pull: Floats
    """Step of each intercept if the weights stay."""
    cross: Floats
    """Categories x weights: how an intercept follows the weights."""

    @classmethod
    def of(cls, data: Observations, model: Coefficients, prior: Prior, precision: float) -> _Step:
        chance = probabilities(data, model)
        curvature = data.weight * chance * (1 - chance)
        residual = data.weight * (data.truth - chance)
        pull = data.by_category(residual) - precision * model.intercepts
        stiffness = data.by_category(curvature) + precision
        weighted = data.design * curvature[:, None]
        cross = np.stack([data.by_category(column) for column in weighted.T], axis=1)
        gradient = data.design.T @ residual - prior.precision @ (model.weights - prior.mean)
        gradient -= cross.T @ (pull / stiffness)
        hessian = weighted.T @ data.design + prior.precision
        hessian -= cross.T @ (cross / stiffness[:, None])
        # A weight at its bound that would go lower stays (Bertsekas 1982, "Projected Newton
        # Methods for Optimization Problems with Simple Constraints").
        free = ~((model.weights <= prior.lowest) & (gradient <= 0))
        weights = np.zeros(len(gradient))
        weights[free] = np.linalg.solve(hessian[np.ix_(free, free)], gradient[free])
        return cls(weights, pull / stiffness, cross / stiffness[:, None])

    def taken(self, model: Coefficients, size: float, lowest: Floats) -> Coefficients:
        weights = np.maximum(model.weights + size * self.weights, lowest)
        change = weights - model.weights
        return Coefficients(weights, model.intercepts + size * self.pull - self.cross @ change)
