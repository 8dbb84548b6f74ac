"""Calibration of a scorer's confidences and minimums, fitted to people's labels.

It is applied when judgements are read, like rules, and never stored with them: a new calibration
needs no new judgements.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator

from classifier.artifacts import ArtifactModel
from classifier.models import Category, ConfidenceKind, Judgement

SOFT: Final = 1e-3
"""Keeps the log-odds of a confidence of 0 or 1 finite; a language model often gives those."""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
LogOdds = Annotated[float, Field(ge=-500, le=500)]


class Curve(ArtifactModel):
    """A monotone map from a scorer's confidence to the share of such pairs that belong.

    Linear between its points on the scale of log-odds, and strictly rising, so that it never
    changes a ranking.
    """

    points: tuple[tuple[Share, LogOdds], ...]
    """(scorer's confidence, calibrated log-odds), from a confidence of 0 to one of 1."""

    @field_validator("points")
    @classmethod
    def _rises(cls, points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
        if len(points) < 2 or points[0][0] != 0 or points[-1][0] != 1:
            raise ValueError("the points of a curve must go from confidence 0 to 1")
        if any(a[0] >= b[0] or a[1] >= b[1] for a, b in pairwise(points)):
            raise ValueError("the points of a curve must rise")
        return points

    def __call__(self, raw: float) -> float:
        """Return the calibrated confidence (0-1) of a raw one (0-1)."""
        xs, x = self._places, log_odds(raw)
        start = min(max(bisect_right(xs, x) - 1, 0), len(xs) - 2)
        (_, low), (_, high) = self.points[start : start + 2]
        along = (x - xs[start]) / (xs[start + 1] - xs[start])
        # Larger values overflow a float.
        return 1 / (1 + math.exp(-max(min(low + along * (high - low), 700.0), -700.0)))

    def shifted(self, by: float) -> Curve:
        """Return the curve with `by` added to the log-odds."""
        return Curve.model_construct(points=tuple((raw, odds + by) for raw, odds in self.points))

    @cached_property
    def _places(self) -> tuple[float, ...]:
        return tuple(log_odds(raw) for raw, _ in self.points)


def log_odds(raw: float) -> float:
    """Return the log-odds of a confidence, kept finite."""
    return math.log((raw + SOFT) / (1 - raw + SOFT))


UNCHANGED: Final = Curve(points=((0.0, log_odds(0.0)), (1.0, log_odds(1.0))))
"""Changes a confidence by less than 0.001."""


class Minimum(ArtifactModel):
    """The confidence that reaches a target, and the value measured there."""

    minimum: Share
    """On the scale used for labels: calibrated if the kind is."""
    target: Literal["precision", "recall", "f1"]
    value: Share = 0.0
    """The target; 0 where it is the best F1."""
    reached: Share
    interval: tuple[Share, Share]
    """95 % interval of `reached`."""
    pairs: int = Field(ge=0)
    """Sample size: labels for precision, pairs that belong for recall and F1."""


class _OfCategory(ArtifactModel):
    definition: str
    """`Category.definition`: a changed definition falls back to what its kind has."""

    def is_of(self, category: Category) -> bool:
        # Version 0.2 wrote the digest with the examples.
        return self.definition in (category.definition, category.digest)


class CategoryMinimum(Minimum, _OfCategory):
    """The minimum of one category."""


class KindCurve(ArtifactModel):
    """What was fitted for a kind of categories."""

    articles: int = Field(ge=0)
    pairs: int = Field(ge=0)
    positive: int = Field(ge=0)
    """Pairs that belong."""
    curve: Curve


class CategoryOffset(_OfCategory):
    """The offset of a category from its kind."""

    pairs: int = Field(ge=0)
    positive: int = Field(ge=0)
    offset: LogOdds
    """Added to the log-odds of the kind's curve."""


class ScorerCalibration(ArtifactModel):
    """What was fitted for one scorer."""

    fitted: str
    """The day, ISO 8601."""
    gold: str
    """Where the labels came from."""
    kinds: Mapping[str, KindCurve] = Field(default_factory=dict)
    """By kind; other kinds are not calibrated."""
    categories: Mapping[str, CategoryOffset] = Field(default_factory=dict)
    """By category id; other categories use the curve of their kind."""
    minimum_of_kinds: Mapping[str, Minimum] = Field(default_factory=dict)
    minimum_of_categories: Mapping[str, CategoryMinimum] = Field(default_factory=dict)

    def curve(self, category: Category) -> Curve | None:
        """Return None if the category's kind is not calibrated."""
        kind = self.kinds.get(category.kind)
        if kind is None:
            return None
        offset = self.offset(category)
        return kind.curve.shifted(offset) if offset else kind.curve

    def offset(self, category: Category) -> float:
        """Return what is added to the log-odds of a category's kind."""
        own = self.categories.get(category.id)
        return own.offset if own is not None and own.is_of(category) else 0.0

    def minimum_of(self, category: Category) -> Minimum | None:
        own = self.minimum_of_categories.get(category.id)
        if own is not None and own.is_of(category):
            return own
        return self.minimum_of_kinds.get(category.kind)


def calibrated(
    judgements: Iterable[Judgement], curves: Mapping[str, Curve]
) -> tuple[Judgement, ...]:
    """Return the judgements, calibrated if there is a curve; `curves` by category id."""
    return tuple(
        replace(
            judgement,
            confidence=curve(judgement.confidence),
            raw=judgement.confidence,
            kind=ConfidenceKind.CALIBRATED,
        )
        if (curve := curves.get(judgement.category)) is not None
        else judgement
        for judgement in judgements
    )
