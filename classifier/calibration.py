"""What a scorer's confidence is worth, as measured on gold labels: the file beside the taxonomy.

Applied when records are read, as rules are, and never stored with them: a new calibration needs no
new judgement.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from classifier.errors import SettingsError
from classifier.models import Category, ConfidenceKind, Judgement

VERSION: Final = 1
FILE: Final = "calibration.json"

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Curve(_Value):
    """A monotone map from a scorer's confidence to the share of such pairs that are right.

    Linear between its points, and strictly rising, so that it never changes a ranking.
    """

    points: tuple[tuple[Share, Share], ...]
    """(raw, calibrated), from raw 0 to raw 1."""

    @field_validator("points")
    @classmethod
    def _rises(cls, points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
        if len(points) < 2 or points[0][0] != 0 or points[-1][0] != 1:
            raise ValueError("the points of a curve go from raw 0 to raw 1")
        if any(a[0] >= b[0] or a[1] >= b[1] for a, b in pairwise(points)):
            raise ValueError("the points of a curve rise")
        return points

    def __call__(self, raw: float) -> float:
        """Return the calibrated confidence (0-1) of a raw one (0-1)."""
        place = bisect_right(self.points, raw, key=lambda point: point[0])
        (x0, y0), (x1, y1) = self.points[max(min(place, len(self.points) - 1) - 1, 0) :][:2]
        return y0 + (y1 - y0) * (raw - x0) / (x1 - x0)


class Minimum(_Value):
    """The lowest confidence that reaches a target, and what was measured there."""

    minimum: Share
    """On the calibrated scale."""
    target: Literal["precision", "recall"]
    value: Share
    """What was asked for."""
    reached: Share
    interval: tuple[Share, Share]
    """95 % of `reached`."""
    pairs: int = Field(ge=0)
    """Labels it would give to the gold's articles."""


class CategoryCurve(_Value):
    definition: str
    """Digest of the category: a changed definition falls back to the shared curve."""
    positive: int = Field(ge=0)
    curve: Curve


class Fitted(_Value):
    """What was fitted for one scorer."""

    fitted: str
    """The day, ISO 8601."""
    gold: str
    """Where the labels came from."""
    articles: int = Field(ge=0)
    pairs: int = Field(ge=0)
    positive: int = Field(ge=0)
    shared: Curve
    categories: Mapping[str, CategoryCurve] = Field(default_factory=dict)
    """By category id: those with enough gold of their own."""
    minimum_of_kinds: Mapping[str, Minimum] = Field(default_factory=dict)
    minimum_of_categories: Mapping[str, Minimum] = Field(default_factory=dict)

    def curve(self, category: Category) -> Curve:
        own = self.categories.get(category.id)
        return own.curve if own and own.definition == category.digest else self.shared

    def minimum_of(self, category: Category) -> Minimum | None:
        own = self.minimum_of_categories.get(category.id)
        return own or self.minimum_of_kinds.get(category.kind)


class Calibration(_Value):
    """All that one file holds."""

    version: Literal[1] = VERSION
    scorers: Mapping[str, Fitted] = Field(default_factory=dict)
    """By identity."""


def calibrated(
    judgements: Iterable[Judgement], curves: Mapping[str, Curve]
) -> tuple[Judgement, ...]:
    """Return the judgements on the calibrated scale; `curves` by category id."""
    return tuple(
        replace(
            judgement,
            confidence=curves[judgement.category](judgement.confidence),
            raw=judgement.confidence,
            kind=ConfidenceKind.CALIBRATED,
        )
        for judgement in judgements
    )


def beside(categories: Path) -> Path:
    """Return where the file of a taxonomy is, whether there is one or not."""
    return categories / FILE if categories.is_dir() else categories.with_suffix(f".{FILE}")


def load(path: Path) -> Calibration:
    """Read the file. Raises SettingsError where it is not there or not what `dump` made."""
    try:
        return Calibration.model_validate_json(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"cannot read {str(path)!r}: {error.strerror}") from error
    except ValidationError as error:
        what = error.errors(include_url=False)[0]
        place = ".".join(map(str, what["loc"])) or "the file"
        raise SettingsError(
            f"{str(path)!r} is no calibration ({place}: {what['msg']}): make it anew with "
            "`classify calibrate`, or do without: --calibration off"
        ) from error


def dump(calibration: Calibration) -> str:
    """Return the file's text: sorted and indented, so that a change of it reads well."""
    import json

    return json.dumps(calibration.model_dump(), indent=1, sort_keys=True) + "\n"
