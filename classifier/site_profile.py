"""What a site's own scores tell about its labels: kept in a file, applied when they are decided.

No label is needed for it, and no judgement changes: only the minimum that a confidence must reach.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from classifier import artifacts
from classifier.artifacts import ArtifactModel
from classifier.models import Category, digest

VERSION: Final = 1
"""Raised with every change of what is in the file or of how it is made: older ones are renewed."""
CHANGED: Final = 0.2
"""Share (0-1) of articles, or of a kind's categories, that must differ to renew a profile."""
FEWEST_ARTICLES: Final = 10
FEWEST_CATEGORIES: Final = 5
"""Of a kind. With fewer, most articles may fit none of them: the minimum stays as it is."""
MISFIT: Final = 0.5
"""Default minimum of an article that promises less than `KindProfile.floor`."""
SKETCH: Final = 256
"""Digests that stand for all articles."""

_ROUNDING: Final = 5e-5
"""Half of the last digit of a stored confidence: keeps log-odds finite."""
_LEAST: Final = 1e-4
"""A confidence of 0 is never enough."""
_SHORT: Final = 12
"""Hex digits of a digest in a sketch."""
_SMOOTHING: Final = 0.3
"""Added to the share that an article promises of what an average one does, so that the minimum of
an article that promises nothing is not lowered without end."""

LogOdds = Annotated[float, Field(ge=-500, le=500)]
Sum = Annotated[float, Field(ge=0, le=1e9)]


class KindProfile(ArtifactModel):
    """What decides on a kind of categories."""

    articles: int = Field(ge=1)
    """Sample size."""
    labels: float = Field(gt=0, le=1e6)
    """Labels an article that `threshold` was chosen for."""
    threshold: LogOdds
    """Log-odds that a label needs, of an average category and article."""
    expected: float = Field(gt=0, le=1e9)
    """Mean sum of an article's confidences, without articles below `floor`."""
    floor: Sum
    """An article whose confidences add up to less fits nothing here: its minimum is not lowered."""
    levels: Mapping[str, LogOdds] = Field(min_length=1)
    """By category digest, what is added to `threshold`."""

    def minimums(self, judged: Mapping[str, float]) -> dict[str, float]:
        """Return the minimum confidence (0-1) of each judged category; all by category digest.

        Args:
            judged: Confidences (0-1) of one article.
        """
        known = [judged[name] for name in self.levels if name in judged]
        whole = len(known) >= (1 - CHANGED) * len(self.levels)
        total = math.fsum(known)
        shift = self.shift(total) if whole else 0.0
        least = MISFIT if whole and total < self.floor else 0.0
        if least:
            shift = max(shift, 0.0)
        at = self.threshold + shift
        # Of many categories all have the same level, as new ones have: each is looked at once.
        of_level = {
            level: max(_confidence(at + level), least) for level in {0.0, *self.levels.values()}
        }
        return {name: of_level[self.levels.get(name, 0.0)] for name in judged}

    def minimum(self, category: str) -> float:
        """Return the minimum confidence (0-1) of a category, by digest, in an average article."""
        return _confidence(self.threshold + self.levels.get(category, 0.0))

    def shift(self, total: float) -> float:
        """Return what is added to an article's thresholds; `total` is the sum of its confidences.

        It is 0 for an average article. One whose scores are all high is not in more categories.
        """
        return math.log((total / self.expected + _SMOOTHING) / (1 + _SMOOTHING))

    def covers(self, categories: Collection[Category]) -> bool:
        """Whether few enough of the categories are new."""
        new = sum(category.digest not in self.levels for category in categories)
        return new <= CHANGED * len(categories)


class SiteProfile(ArtifactModel):
    """The contents of a profile file."""

    version: Literal[1] = VERSION
    scorer: str
    """Identity of the scorer."""
    made: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    """The day, ISO 8601."""
    articles: int = Field(ge=1)
    sketch: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{1,64}$")], ...] = Field(
        min_length=1, max_length=SKETCH
    )
    """The least of the articles' digests; see `sketch_of`."""
    kinds: Mapping[str, KindProfile] = Field(min_length=1)

    @cached_property
    def id(self) -> str:
        """Eight hex digits that change with anything in the profile."""
        return digest(self.model_dump(mode="json"))[:8]

    @property
    def description(self) -> str:
        """The profile in a few words, to say what decided."""
        return f"site profile {self.id} of {self.made}, from {self.articles:,} articles"

    def new_share(self, articles: Iterable[str]) -> float:
        """Return the share (0-1) of some articles that the profile was made without, by digest.

        Exact for a profile of fewer than `SKETCH` articles, otherwise an estimate: hashes below a
        bound are a uniform sample (Beyer et al. 2007, "On synopses for distinct-value estimation").
        """
        bound = self.sketch[-1] if len(self.sketch) == SKETCH else "g"
        sample = {short for article in articles if (short := article[:_SHORT]) <= bound}
        return len(sample.difference(self.sketch)) / max(len(sample), 1)


def sketch_of(articles: Iterable[str]) -> tuple[str, ...]:
    """Return the least of some article digests, shortened; they are hashes, so a random sample."""
    return tuple(sorted({article[:_SHORT] for article in articles})[:SKETCH])


def log_odds(confidence: float) -> float:
    """Return the log-odds of a stored confidence, kept finite."""
    return math.log((confidence + _ROUNDING) / (1 - confidence + _ROUNDING))


def _confidence(log_odds: float) -> float:
    """Return the confidence of these log-odds, with four decimals as stored ones have."""
    odds = math.exp(max(min(log_odds, 700.0), -700.0))
    return round(min(max((odds * (1 + _ROUNDING) - _ROUNDING) / (1 + odds), _LEAST), 1.0), 4)


def load(path: Path) -> SiteProfile:
    """Read the file. Raises SettingsError if it is missing or was not written by `dump`."""
    return artifacts.load(
        path,
        SiteProfile,
        fault="is not a site profile of this version",
        way_out="it is not used; delete it and run `classify` on the site's folder",
    )


def dump(profile: SiteProfile) -> str:
    """Return the file's text."""
    return artifacts.dump(profile)
