"""What teaching takes and gives: options, an estimate, and a student beside its teacher."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np

from classifier.evaluation.bootstrap import MetricEstimate
from classifier.models import Usage
from classifier.project.frontier import FrontierPoint
from classifier.project.train import TrainingResult
from classifier.scorers.cascade.deferral import FittedThresholds
from classifier.scorers.openai.costs import UsageEstimate

PLATEAU: Final = 0.01
"""Of F1: what two rounds must gain together for another one."""
MORE: Final = 50
"""Articles whose gain is predicted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachingOptions:
    """How much a teacher is asked."""

    articles: int = 100
    """Size of the sample."""
    until: float | Literal["plateau"] | None = None
    """Stop as soon as the student reaches this F1 (0-1), or when two rounds together gain less than
    `PLATEAU`."""
    recall: float = 0.95
    """Share (0-1) of the teacher's labels that a cascade of both is to keep."""
    output: Path | None = None
    batch: bool = False
    """Ask in a batch, and wait for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far the student's labels are the teacher's, on articles it was not trained on."""

    kind: str
    """Empty: all kinds."""
    articles: int
    labels: int
    """That the teacher gave."""
    f1: MetricEstimate | None
    """None: neither gives a label."""
    untrained_f1: MetricEstimate | None
    same: MetricEstimate | None
    """Share of pairs about which both say the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachingResult:
    """A trained student, and what it is worth beside its teacher."""

    teacher: str
    """Identity of the language model."""
    taught: int
    """Articles that were trained on."""
    training: TrainingResult
    agreement: tuple[Agreement, ...]
    """All kinds first; then each, where there are several. Empty: too few were held out."""
    curve: tuple[tuple[int, float], ...]
    """(articles taught, F1 of all kinds)."""
    usage: Usage
    """Everything that this teacher was ever asked here."""
    articles: int
    """Of the site."""
    frontier: tuple[FrontierPoint, ...]
    """What the labels of all articles would take, from a call for each pair to the student alone;
    measured on the held-out part. Empty: too few were held out."""
    thresholds: FittedThresholds | None
    """For a cascade of both; None: the held-out part is too small to promise the recall."""
    stopped: str
    """Why no more was asked: `articles`, `f1`, `plateau` or `budget`."""
    complete: bool

    @property
    def next_gain(self) -> float | None:
        """What 50 more articles would probably add to F1; None where it cannot be told.

        The slope over the logarithm of the articles, by least squares: a rough figure.
        """
        if len(self.curve) < 2:
            return None
        taught, f1 = np.log([n for n, _ in self.curve]), np.array([f1 for _, f1 in self.curve])
        if np.ptp(taught) == 0:
            return None
        slope = max(0.0, float(np.polyfit(taught, f1, 1)[0]))
        gain = slope * math.log((self.taught + MORE) / self.taught)
        return min(gain, max(0.0, 1 - self.curve[-1][1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachingEstimate:
    """What teaching would ask and cost."""

    teacher: str
    articles: int
    """Of the sample."""
    held_out: int
    judged: int
    """Articles that the teacher has judged already."""
    pairs: int
    """To ask about."""
    cost: UsageEstimate | None
