"""One scale for the confidences of both scorers of a cascade."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from pydantic import Field

from classifier.artifacts import ArtifactModel
from classifier.calibration import Curve, LogOdds
from classifier.models import Category


class CommonScale(ArtifactModel):
    """Puts the first scorer's confidences on the scale of the second, where they share a minimum.

    Strictly rising for each category, so it changes no order among its articles.
    """

    curves: Mapping[str, Curve] = Field(default_factory=dict)
    """By kind: from the first scorer's confidence to the log-odds of a label."""
    offsets: Mapping[str, LogOdds] = Field(default_factory=dict)
    """By digest of a category, added to the log-odds: with it, the minimum of the first scorer
    falls on the minimum that decides on labels of the second."""

    def __call__(self, category: Category, confidence: float) -> float:
        """Return the confidence (0-1) on the scale of the second scorer."""
        curve = self._curve(category)
        return confidence if curve is None else curve(confidence)

    def _curve(self, category: Category) -> Curve | None:
        key = category.uncorrected.digest
        if key not in self._known:
            curve = self.curves.get(category.kind)
            self._known[key] = curve and curve.shifted(self.offsets.get(key, 0.0))
        return self._known[key]

    @cached_property
    def _known(self) -> dict[str, Curve | None]:
        return {}
