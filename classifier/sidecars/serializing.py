"""Serialize judgements and decisions as the text of a sidecar."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from classifier.models import Evidence, Judgement, Label, Rejection, Result, Verdict
from classifier.sanitize import escape_json
from classifier.sidecars.scales import CONFIDENCE, PENALTY_DETAILS, aspect_key, to_iso, to_percent
from classifier.store import JudgementRecord

VERSION: Final = 1
"""The number changes if a key is removed or changes its meaning; keys may be added any time."""


def entries(result: Result, records: Mapping[str, JudgementRecord]) -> dict[str, dict[str, Any]]:
    """Return the entry of each category that is stored or has a verdict, by id.

    `records` are by category id, too.
    """
    decided: list[Label | Rejection] = [*result.decision.labels, *result.decision.rejections]
    return {
        item.category.id: _entry(item, result.digest, records.get(item.category.id))
        for item in decided
        if item.verdict is not None or item.category.id in records
    }


def to_text(entries: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the text of a file with these entries by key, one value per line for small diffs."""
    return escape_json("{\n" + ",\n".join(_blocks(entries)) + "\n}\n")


def _blocks(entries: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for key, entry in entries.items():
        lines = (f"    {_json(name)}: {_json(value)}" for name, value in entry.items())
        yield f"  {_json(key)}: {{\n" + ",\n".join(lines) + "\n  }"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _entry(item: Label | Rejection, article: str, record: JudgementRecord | None) -> dict[str, Any]:
    final = item.judgement
    judged = record.judgement if record else final
    entry = {
        "category": item.category.title,
        "calculated_at": to_iso(record.judged_at) if record else None,
        **(_scores(record.judgement) if record else {}),
        "final_score": round(final.confidence * 100, 2),
        "reasoning": judged.reasoning,
        "level": str(final.level),
        "label": isinstance(item, Label),
        "id": item.category.id,
        "reasoning_summary": judged.summary or None,
        PENALTY_DETAILS: judged.penalty or None,
        **(_provenance(record) if record else {}),
        "verdict": _verdict(item.verdict) if item.verdict else None,
        "article_digest": article,
        "definition_digest": item.category.digest,
        "version": VERSION,
    }
    return {key: value for key, value in entry.items() if value not in (None, [])}


def _scores(judgement: Judgement) -> dict[str, float]:
    aspects = {aspect_key(name): to_percent(value) for name, value in judgement.aspects.items()}
    return {CONFIDENCE: to_percent(judgement.confidence), **aspects}


def _provenance(record: JudgementRecord) -> dict[str, Any]:
    judgement = record.judgement
    return {
        "confidence_kind": str(judgement.kind),
        "exclusion": judgement.exclusion,
        "evidence": [_quote(quote) for quote in judgement.evidence],
        "pack": list(judgement.pack),
        "scorer": record.scorer,
        "judged_by": judgement.scorer if judgement.scorer != record.scorer else None,
        "model": record.model or None,
    }


def _quote(quote: Evidence) -> dict[str, Any]:
    if not quote.verified:
        return {"text": quote.text}
    return {"text": quote.text, "start": quote.start, "end": quote.end}


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "accepted": verdict.accepted,
        "note": verdict.note,
        "source": verdict.source,
        "at": to_iso(verdict.at),
    }
