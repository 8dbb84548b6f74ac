"""A report as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from classifier.evaluation.bootstrap import RESAMPLES, MetricEstimate
from classifier.evaluation.report import (
    CategoryMetrics,
    Comparison,
    Disagreement,
    GroupMetrics,
    Report,
)

SCHEMA: Final = "classify-eval/1"
"""The number changes if a key is removed or changes its meaning."""


def to_dict(report: Report) -> dict[str, Any]:
    """Return the report as values for `json.dumps`; docs/evaluation.md lists the keys."""
    return {
        "schema": SCHEMA,
        "gold": report.gold,
        "scorer": report.scorer,
        "calibrated": report.calibrated,
        "site_profile": report.profile or None,
        "pairs": report.pairs,
        "without_record": report.without_record,
        "resamples": RESAMPLES,
        "groups": [_group(group) for group in report.groups],
        "categories": [_category(category) for category in report.categories],
        "confusions": [
            {
                "given": confusion.assigned.id,
                "missed": confusion.missed.id,
                "articles": list(confusion.articles),
            }
            for confusion in report.confusions
        ],
        "disagreements": [_disagreement(pair) for pair in report.disagreements],
        "curve": asdict(report.curve),
        "reliability": [asdict(each) for each in report.reliability],
        "against": None if report.comparison is None else _comparison(report.comparison),
    }


def _group(group: GroupMetrics) -> dict[str, Any]:
    return {
        "kind": group.kind,
        "articles": group.articles,
        "categories": group.categories,
        "without_positive": group.without_positive,
        "pairs": group.pairs,
        "positives": group.positives,
        "best_threshold": group.best_threshold,
        "sure_threshold": group.sure_threshold,
        "metrics": _estimates(group.metrics),
    }


def _category(category: CategoryMetrics) -> dict[str, Any]:
    return {
        "category": category.category.id,
        "title": category.category.title,
        "pairs": category.pairs,
        "positives": category.positives,
        "assigned": category.assigned,
        "metrics": _estimates(category.metrics),
    }


def _disagreement(disagreement: Disagreement) -> dict[str, Any]:
    judgement = disagreement.judgement
    return {
        "article": disagreement.article,
        "category": disagreement.category.id,
        "belongs": disagreement.belongs,
        "said": disagreement.origin,
        "confidence": disagreement.confidence,
        "assigned": disagreement.assigned,
        "exclusion": judgement.exclusion,
        "reasoning": judgement.reasoning,
        "evidence": [quote.text for quote in judgement.evidence],
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "scorer": comparison.scorer,
        "calibrated": comparison.calibrated,
        "pairs": comparison.pairs,
        "groups": [
            {
                "kind": kind,
                "metrics": {
                    name: {"this": d.this, "other": d.other, "difference": _estimate(d.difference)}
                    for name, d in metrics.items()
                },
            }
            for kind, metrics in comparison.groups.items()
        ],
    }


def _estimates(metrics: Mapping[str, MetricEstimate]) -> dict[str, Any]:
    return {name: _estimate(metric) for name, metric in metrics.items()}


def _estimate(metric: MetricEstimate) -> dict[str, float]:
    return {"value": metric.value, "low": metric.low, "high": metric.high}
