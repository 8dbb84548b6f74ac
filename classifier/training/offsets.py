"""How likely a pair is a label, by the first scorer's confidence and by its category.

Only to rank pairs before a cut is chosen: how well it fits decides what is saved, never what is
promised. One slope for all, an offset for each category (random intercepts, shrunk the more the
fewer labels it has), fitted to pairs that weigh as much as one over the chance of being looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from classifier.evaluation.metrics import Bools, Floats

_PRECISION: Final = 2.0
"""Of the offsets' normal prior."""
_HEIGHT: Final = 1e-3
"""Of the priors of slope and height, so that there is always one solution."""
_FLATTEST: Final = 0.05
_STEPS: Final = 30
_REACH: Final = 5.0
"""A Newton step moves nothing farther than that."""


@dataclass(frozen=True, slots=True, eq=False)
class Offsets:
    slope: float
    height: float
    offsets: Floats
    """One for each category."""

    def __call__(self, log_odds: Floats) -> Floats:
        """Return the log-odds of being a label, articles x categories, from the scorer's."""
        found: Floats = self.slope * log_odds + self.height + self.offsets
        return found

    def reaching(self, value: float) -> Floats:
        """Return for each category the scorer's log-odds at which ours are `value`."""
        found: Floats = (value - self.height - self.offsets) / self.slope
        return found


def fit(log_odds: Floats, truth: Bools, weight: Floats) -> Offsets:
    """Fit it. All are articles x categories; a weight of 0 leaves a pair out."""
    used = weight > 0
    column = np.nonzero(used)[1]
    x, y, w = log_odds[used], truth[used].astype(np.float64), weight[used]
    design = np.column_stack([x, np.ones(len(x))])
    width = log_odds.shape[1]

    def by_category(values: Floats) -> Floats:
        return np.bincount(column, weights=values, minlength=width).astype(np.float64)

    line, offsets = np.array([1.0, 0.0]), np.zeros(width)
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(design @ line + offsets[column], -50, 50)))
        curvature, rest = w * chance * (1 - chance), w * (y - chance)
        # Offsets meet each other only through the line, so they are eliminated.
        pull = by_category(rest) - _PRECISION * offsets
        stiffness = by_category(curvature) + _PRECISION
        weighted = design * curvature[:, None]
        cross = np.stack([by_category(values) for values in weighted.T], axis=1)
        gradient = design.T @ rest - _HEIGHT * (line - (1, 0)) - cross.T @ (pull / stiffness)
        hessian = weighted.T @ design + _HEIGHT * np.eye(2) - cross.T @ (cross / stiffness[:, None])
        step = np.linalg.solve(hessian, gradient)
        change = (pull - cross @ step) / stiffness
        size = min(1.0, _REACH / max(np.abs(step).max(), np.abs(change).max(), 1e-12))
        line, offsets = line + size * step, offsets + size * change
        line[0] = max(line[0], _FLATTEST)
        if np.abs(step).max() < 1e-6 and np.abs(change).max() < 1e-6:
            break
    return Offsets(float(line[0]), float(line[1]), offsets)
