"""The result of an evaluation as plain values, to be rendered as a page, JSON or text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from classifier.evaluation.bootstrap import MetricEstimate
from classifier.evaluation.metrics import HIGH_PRECISION, Bin
from classifier.models import Category, Judgement

METRICS: Final[Mapping[str, str]] = {
    "micro_ap": "average precision, micro",
    "macro_ap": "average precision, macro",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "hierarchical_f1": "hierarchical F1",
    "best_f1": "F1 at best threshold",
    "recall_at_precision": f"recall @ precision {HIGH_PRECISION}",
    "coverage_at_precision": f"coverage @ precision {HIGH_PRECISION}",
    "top_1": "top-1",
    "recall_at_5": "recall@5",
    "ece": "calibration error",
    "brier": "Brier score",
}
"""Metric names to titles, in the order shown; docs/evaluation.md defines each."""
LOWER_IS_BETTER: Final = frozenset({"ece", "brier"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMetrics:
    """Metrics of one kind, or of all kinds together."""

    kind: str | None
    """None: all kinds."""
    articles: int
    categories: int
    without_positive: int
    """Categories without a positive in the gold, for which no average precision is defined."""
    pairs: int
    positives: int
    metrics: Mapping[str, MetricEstimate]
    """By name, as in docs/evaluation.md; metrics that are not defined are absent."""
    best_threshold: float | None
    """The threshold with the highest F1; None if no pair is true."""
    sure_threshold: float | None
    """The threshold with the highest recall at precision `HIGH_PRECISION`; None if never
    reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryMetrics:
    """Metrics of one category."""

    category: Category
    pairs: int
    positives: int
    assigned: int
    metrics: Mapping[str, MetricEstimate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """Articles that got a false label while a true one of the same kind was missed."""

    assigned: Category
    missed: Category
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A pair on which the scorer and the gold disagree."""

    article: str
    category: Category
    belongs: bool
    """Whether the category belongs by the gold."""
    origin: str
    """Where the gold says so, with the reason if there is one; empty if it left the category
    out."""
    confidence: float
    """The confidence (0-1) that was decided on, calibrated if the scorer is."""
    assigned: bool
    judgement: Judgement
    """The stored judgement."""

    @property
    def scorer_says(self) -> str:
        judgement = self.judgement
        if judgement.exclusion is not None:
            return f"excluded: {judgement.exclusion}"
        quote = f' "{judgement.evidence[0].text}"' if judgement.evidence else ""
        return f"{judgement.reasoning or 'no reason given'}{quote}"

    @property
    def gold_says(self) -> str:
        yes = "belongs" if self.belongs else "does not belong"
        return f"{yes} ({self.origin})" if self.origin else f"{yes}: not among its labels"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecisionRecallCurve:
    """Recall and precision from the highest threshold to the lowest."""

    recall: tuple[float, ...]
    precision: tuple[float, ...]
    threshold: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricDifference:
    """A metric of two scorers."""

    this: float
    other: float
    difference: MetricEstimate
    """`this` minus `other`, by a paired bootstrap: both on the same articles in each resample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two scorers compared on the pairs that both have judged."""

    scorer: str
    """Identity of the other one."""
    calibrated: bool
    pairs: int
    groups: Mapping[str | None, Mapping[str, MetricDifference]]
    """By kind, None for all, then by metric."""
    curve: PrecisionRecallCurve


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The result of `evaluate`."""

    gold: str
    scorer: str
    """Identity."""
    calibrated: bool
    pairs: int
    """Pairs that were evaluated: they have a gold label and a stored judgement."""
    without_record: int
    """Pairs with a gold label but without a stored judgement."""
    groups: tuple[GroupMetrics, ...]
    """All kinds together first, then each kind if there are several."""
    categories: tuple[CategoryMetrics, ...]
    confusions: tuple[Confusion, ...]
    disagreements: tuple[Disagreement, ...]
    """Worst first."""
    curve: PrecisionRecallCurve
    reliability: tuple[Bin, ...]
    comparison: Comparison | None = None
    profile: str = ""
    """The site profile that chose minimums, in a few words; empty if none did."""
