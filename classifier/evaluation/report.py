"""What an evaluation finds out: plain values, for a page, for JSON and for other programs."""

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
    "best_f1": "F1 at best threshold",
    "recall_at_precision": f"recall @ precision {HIGH_PRECISION}",
    "coverage_at_precision": f"coverage @ precision {HIGH_PRECISION}",
    "top_1": "top-1",
    "recall_at_5": "recall@5",
    "ece": "calibration error",
    "brier": "Brier score",
}
"""In the order in which they are shown; docs/evaluation.md says what each is."""
LOWER_IS_BETTER: Final = frozenset({"ece", "brier"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMetrics:
    """A kind of categories, or all of them."""

    kind: str | None
    """None: all kinds."""
    articles: int
    categories: int
    without_positive: int
    """Categories to which nothing belongs by the gold: no average precision is defined for them."""
    pairs: int
    positives: int
    metrics: Mapping[str, MetricEstimate]
    """By name, as in docs/evaluation.md; one that is not defined is absent."""
    best_threshold: float | None
    sure_threshold: float | None
    """Where the precision of `metrics.SURE` is kept and recall is greatest; None where nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryMetrics:
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
    article: str
    category: Category
    belongs: bool
    """What the gold says."""
    origin: str
    """Where, and why if a reason was given; empty where the gold left the category out."""
    confidence: float
    """As it is decided on: calibrated where that is so."""
    assigned: bool
    judgement: Judgement
    """As on record."""

    @property
    def scorer_says(self) -> str:
        it = self.judgement
        if it.exclusion is not None:
            return f"excluded: {it.exclusion}"
        quote = f' "{it.evidence[0].text}"' if it.evidence else ""
        return f"{it.reasoning or 'no reason given'}{quote}"

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
    this: float
    other: float
    difference: MetricEstimate
    """This less the other, by a paired bootstrap: both on the same articles in each resample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two scorers on the pairs that both have judged."""

    scorer: str
    """Identity of the other one."""
    calibrated: bool
    pairs: int
    groups: Mapping[str | None, Mapping[str, MetricDifference]]
    """By kind, None for all, then by metric."""
    curve: PrecisionRecallCurve


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    gold: str
    scorer: str
    """Identity."""
    calibrated: bool
    pairs: int
    """That were evaluated: the gold knows about them and they are on record."""
    without_record: int
    """Pairs that the gold knows about and nobody has judged."""
    groups: tuple[GroupMetrics, ...]
    """All kinds together first, then each where there are several."""
    categories: tuple[CategoryMetrics, ...]
    confusions: tuple[Confusion, ...]
    disagreements: tuple[Disagreement, ...]
    """Worst first."""
    curve: PrecisionRecallCurve
    reliability: tuple[Bin, ...]
    comparison: Comparison | None = None
