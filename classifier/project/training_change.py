"""What training gained, and which labels it changed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from classifier.training.kind_training import KindTraining


@dataclass(frozen=True, slots=True, kw_only=True)
class GainOfKind:
    """What training gained on articles that took no part in it."""

    kind: str
    articles: int
    precision_before: float | None
    """Average precision, 0-1; None if it is undefined."""
    precision_after: float | None
    f1_before: float | None
    """F1 of the labels, 0-1; None without a true pair."""
    f1_after: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingChange:
    """What training changed."""

    kinds: tuple[GainOfKind, ...]
    pairs: int
    """Labelled pairs that were learned from."""
    labels_before: int
    labels_after: int
    changed: int
    """Labels that came or went."""
    judged: bool
    """Whether the articles were judged anew; a language model would have to be paid."""


def gain_of(it: KindTraining) -> GainOfKind:
    return GainOfKind(
        kind=it.kind,
        articles=it.articles,
        precision_before=_finite(it.before.average_precision),
        precision_after=_finite(it.after.average_precision),
        f1_before=None if it.before.f1 is None else it.before.f1.value,
        f1_after=None if it.after.f1 is None else it.after.f1.value,
    )


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
