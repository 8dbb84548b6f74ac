"""A result as one JSON object: stable, documented in docs/json.md."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Final

from classifier.models import Evidence, Failure, Label, Rejection, Result, Usage, Verdict
from classifier.sanitize import json_line

SCHEMA: Final = "classify/1"
"""The number changes when a key is removed or changes its meaning; new keys may come any time."""


def to_dict(result: Result) -> dict[str, Any]:
    decided: list[Label | Rejection] = [*result.decision.labels, *result.decision.rejections]
    decided.sort(key=lambda pair: -pair.judgement.confidence)
    return {
        "schema": SCHEMA,
        "article": result.article,
        "title": result.title,
        "digest": result.digest,
        "body_start": result.body_start,
        "language": result.language or None,
        "ok": result.ok,
        "scorer": result.scorer,
        "model": result.model,
        "site_profile": result.decision.profile or None,
        "labels": _labels(result),
        "judgements": [_judgement(pair) for pair in decided],
        "failures": [failure_values(failure) for failure in result.failures],
        "notes": list(result.notes),
        "usage": usage_values(result.usage),
    }


def to_json(result: Result) -> str:
    """Return `to_dict` on one line, without a line break at its end."""
    return json_line(to_dict(result))


def result_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of what `to_dict` returns."""
    text = files(__package__).joinpath("classify-1.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def _labels(result: Result) -> dict[str, list[dict[str, Any]]]:
    labels: dict[str, list[dict[str, Any]]] = {kind: [] for kind in result.labels}
    for label in result.decision.labels:
        labels[label.category.kind].append(
            {
                "id": label.category.id,
                "title": label.category.title,
                "confidence": _number(label.judgement.confidence),
                "level": str(label.judgement.level),
            }
        )
    return labels


def _judgement(pair: Label | Rejection) -> dict[str, Any]:
    judgement = pair.judgement
    return {
        "category": pair.category.id,
        "title": pair.category.title,
        "kind": pair.category.kind,
        "label": isinstance(pair, Label),
        "why": pair.why or None,
        "confidence": _number(judgement.confidence),
        "confidence_kind": str(judgement.kind),
        "minimum": _number(pair.minimum),
        "raw_confidence": None if judgement.raw is None else _number(judgement.raw),
        "level": str(judgement.level),
        "aspects": {name: _number(value) for name, value in judgement.aspects.items()},
        "exclusion": judgement.exclusion,
        "reasoning": judgement.reasoning,
        "evidence": [evidence_values(quote) for quote in judgement.evidence],
        "scorer": judgement.scorer,
        "pack": list(judgement.pack),
        "verdict": _verdict(pair.verdict),
    }


def _verdict(verdict: Verdict | None) -> dict[str, Any] | None:
    if verdict is None:
        return None
    return {"accepted": verdict.accepted, "note": verdict.note, "source": verdict.source}


def evidence_values(quote: Evidence) -> dict[str, Any]:
    """Return a quote as JSON values."""
    return {
        "text": quote.text,
        "start": quote.start,
        "end": quote.end,
        "verified": quote.verified,
    }


def failure_values(failure: Failure) -> dict[str, Any]:
    """Return a failure as JSON values."""
    return {
        "reason": str(failure.reason),
        "message": failure.message,
        "categories": list(failure.categories),
    }


def usage_values(usage: Usage) -> dict[str, Any]:
    """Return what calls took as JSON values."""
    return {
        "calls": usage.calls,
        "input_tokens": usage.input_tokens,
        "cached_tokens": usage.cached_tokens,
        "output_tokens": usage.output_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "cost_usd": usage.cost,
    }


def _number(value: float) -> float:
    return round(float(value), 4)
