"""What learning did to articles that took no part in it, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from classifier.models import Category
from classifier.training.cross_validate import (
    CrossValidated,
    average_precision,
    has_evidence,
    log_loss,
    mean_precision_in_folds,
)
from classifier.training.dataset import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeAfter:
    before: float
    after: float
    """NaN where it is not defined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryGain:
    category: Category
    accepted: int
    rejected: int
    has_evidence: bool
    """Whether there is enough to go by."""
    shrinkage: float
    """Share (0-1) of what was learned of it that is used."""
    blend: float
    """0 where it stays as it was."""
    precision: BeforeAfter
    """Average precision, mean over the folds."""
    log_loss: BeforeAfter
    """Log loss, mean over the known pairs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindGain:
    kind: str
    articles: int
    micro: BeforeAfter
    macro: BeforeAfter
    log_loss: BeforeAfter
    categories: tuple[CategoryGain, ...]
    """Those of which something is known."""

    @property
    def pairs(self) -> int:
        return sum(it.accepted + it.rejected for it in self.categories)


def measure_gain(kind: str, lesson: CrossValidated, lookup: Dataset) -> KindGain:
    examples = lookup.examples
    categories = tuple(_categories(lesson, lookup))
    sides = lesson.before, lesson.after
    micro = [average_precision(its, examples.truth, examples.known) for its in sides]
    losses = [float(log_loss(its, examples.truth)[examples.known].mean()) for its in sides]
    defined = [it.precision for it in categories if not np.isnan(it.precision.before)]
    return KindGain(
        kind=kind,
        articles=len(lookup.articles),
        micro=BeforeAfter(before=micro[0], after=micro[1]),
        macro=BeforeAfter(
            before=_mean([it.before for it in defined]), after=_mean([it.after for it in defined])
        ),
        log_loss=BeforeAfter(before=losses[0], after=losses[1]),
        categories=categories,
    )


def _categories(lesson: CrossValidated, lookup: Dataset) -> Iterator[CategoryGain]:
    evidence = has_evidence(lookup.examples)
    for i, category in enumerate(lookup.categories):
        examples = lookup.examples.some_of(i)
        known = examples.known[:, 0]
        if not known.any():
            continue
        sides = lesson.before[:, i], lesson.after[:, i]
        precision = [mean_precision_in_folds(its, examples, lesson.fold) for its in sides]
        losses = [float(log_loss(its, examples.truth[:, 0])[known].mean()) for its in sides]
        accepted = int(examples.truth[known, 0].sum())
        yield CategoryGain(
            category=category,
            accepted=accepted,
            rejected=int(known.sum()) - accepted,
            has_evidence=bool(evidence[i]),
            shrinkage=float(lesson.shrinkage[i]),
            blend=float(lesson.blend[i]),
            precision=BeforeAfter(before=precision[0], after=precision[1]),
            log_loss=BeforeAfter(before=losses[0], after=losses[1]),
        )


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
