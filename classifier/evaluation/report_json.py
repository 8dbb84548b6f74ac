"""A report as JSON values."""

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
"""Its number changes when a key is removed or changes its meaning."""


def to_dict(report: Report) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "gold": report.gold,
        "scorer": report.scorer,
        "calibrated": report.calibrated,
        "pairs": report.pairs,
        "without_record": report.without_record,
        "resamples": RESAMPLES,
        "groups": [_group(group) for group in report.groups],
        "categories": [_category(category) for category in report.categories],
        "confusions": [
            {"given": it.assigned.id, "missed": it.missed.id, "articles": list(it.articles)}
            for it in report.confusions
        ],
        "disagreements": [_disagreement(it) for it in report.disagreements],
        "curve": asdict(report.curve),
        "reliability": [asdict(it) for it in report.reliability],
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


def _category(it: CategoryMetrics) -> dict[str, Any]:
    return {
        "category": it.category.id,
        "title": it.category.title,
        "pairs": it.pairs,
        "positives": it.positives,
        "assigned": it.assigned,
        "metrics": _estimates(it.metrics),
    }


def _disagreement(it: Disagreement) -> dict[str, Any]:
    judgement = it.judgement
    return {
        "article": it.article,
        "category": it.category.id,
        "belongs": it.belongs,
        "said": it.origin,
        "confidence": it.confidence,
        "assigned": it.assigned,
        "exclusion": judgement.exclusion,
        "reasoning": judgement.reasoning,
        "evidence": [quote.text for quote in judgement.evidence],
    }


def _comparison(it: Comparison) -> dict[str, Any]:
    return {
        "scorer": it.scorer,
        "calibrated": it.calibrated,
        "pairs": it.pairs,
        "groups": [
            {
                "kind": kind,
                "metrics": {
                    name: {"this": d.this, "other": d.other, "difference": _estimate(d.difference)}
                    for name, d in metrics.items()
                },
            }
            for kind, metrics in it.groups.items()
        ],
    }


def _estimates(metrics: Mapping[str, MetricEstimate]) -> dict[str, Any]:
    return {name: _estimate(it) for name, it in metrics.items()}


def _estimate(it: MetricEstimate) -> dict[str, float]:
    return {"value": it.value, "low": it.low, "high": it.high}
