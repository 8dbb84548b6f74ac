"""Measure corrections on held-out articles: metrics before and after."""

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
    """A metric without and with corrections; NaN where it is not defined."""

    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryGain:
    """What corrections gain for one category."""

    category: Category
    accepted: int
    rejected: int
    has_evidence: bool
    """Whether there are enough verdicts to learn from."""
    shrinkage: float
    """Share (0-1) of the category's own correction that is used."""
    blend: float
    """Share (0-1) of the whole change that is used; 0 leaves its confidences as they were."""
    precision: BeforeAfter
    """Average precision, mean over the folds that have a positive."""
    log_loss: BeforeAfter
    """Log loss in nats, mean over the known pairs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindGain:
    """What corrections gain for one kind."""

    kind: str
    articles: int
    micro: BeforeAfter
    macro: BeforeAfter
    log_loss: BeforeAfter
    categories: tuple[CategoryGain, ...]
    """Categories with at least one verdict."""

    @property
    def pairs(self) -> int:
        return sum(category.accepted + category.rejected for category in self.categories)


def measure_gain(kind: str, validated: CrossValidated, dataset: Dataset) -> KindGain:
    examples = dataset.examples
    categories = tuple(_categories(validated, dataset))
    versions = validated.before, validated.after
    micro = [average_precision(logits, examples.truth, examples.known) for logits in versions]
    losses = [float(log_loss(logits, examples.truth)[examples.known].mean()) for logits in versions]
    defined = [
        category.precision for category in categories if not np.isnan(category.precision.before)
    ]
    return KindGain(
        kind=kind,
        articles=len(dataset.articles),
        micro=BeforeAfter(before=micro[0], after=micro[1]),
        macro=BeforeAfter(
            before=_mean([category.before for category in defined]),
            after=_mean([category.after for category in defined]),
        ),
        log_loss=BeforeAfter(before=losses[0], after=losses[1]),
        categories=categories,
    )


def _categories(validated: CrossValidated, dataset: Dataset) -> Iterator[CategoryGain]:
    evidence = has_evidence(dataset.examples)
    for i, category in enumerate(dataset.categories):
        examples = dataset.examples.of_category(i)
        known = examples.known[:, 0]
        if not known.any():
            continue
        versions = validated.before[:, i], validated.after[:, i]
        precision = [
            mean_precision_in_folds(logits, examples, validated.fold) for logits in versions
        ]
        losses = [
            float(log_loss(logits, examples.truth[:, 0])[known].mean()) for logits in versions
        ]
        accepted = int(examples.truth[known, 0].sum())
        yield CategoryGain(
            category=category,
            accepted=accepted,
            rejected=int(known.sum()) - accepted,
            has_evidence=bool(evidence[i]),
            shrinkage=float(validated.shrinkage[i]),
            blend=float(validated.blend[i]),
            precision=BeforeAfter(before=precision[0], after=precision[1]),
            log_loss=BeforeAfter(before=losses[0], after=losses[1]),
        )


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
