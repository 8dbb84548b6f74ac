"""Sidecar entries of ours and of earlier programs."""

from __future__ import annotations

import json
from typing import Any

from support.definitions import category

from classifier.models import (
    Category,
    ConfidenceKind,
    Decision,
    Evidence,
    Judgement,
    Label,
    Rejection,
    Result,
)
from classifier.sidecars import parsing, serializing
from classifier.sidecars.parsing import LegacyEntry, NativeEntry
from classifier.store import JudgementRecord

BREAD, WINE = category("Bread"), category("Wine")
ARTICLE = "0123456789abcdef0123456789abcdef"

OLDER = {
    "category": "Bread",
    "calculated_at": "2024-05-06T07:08:09",
    "ai_confidence": 70.0,
    "ai_mentions": 40,
    "final_score": 66.0,
    "reasoning": "It bakes.",
    "level": "Secondary",
}


def record(category: Category, **changes: Any) -> JudgementRecord:
    judgement = Judgement(
        category=category.id,
        confidence=0.8734,
        kind=ConfidenceKind.STATED,
        scorer="openai:gpt:0123",
        aspects={"mentions": 0.9, "depth": 0.07},
        exclusion="no rolls",
        reasoning="It is about loaves.",
        evidence=(Evidence("a loaf", 3, 9), Evidence("never said")),
        pack=(category.id, "tags/other"),
        summary="Loaves.",
        penalty="It sells flour.",
    )
    return JudgementRecord(
        judgement=judgement,
        scorer="openai:gpt:0123",
        article=ARTICLE,
        category=category.digest,
        judged_at=1741361518.1234567,
        model="gpt-2099",
        **changes,
    )


def result(*judged: Label | Rejection) -> Result:
    return Result(
        article="a.md",
        digest=ARTICLE,
        scorer="openai:gpt:0123",
        decision=Decision(
            labels=tuple(it for it in judged if isinstance(it, Label)),
            rejections=tuple(it for it in judged if isinstance(it, Rejection)),
        ),
    )


def written(result: Result, *records: JudgementRecord) -> str:
    by_id = {record.judgement.category: record for record in records}
    return serializing.to_text(serializing.entries(result, by_id))


def own(text: str) -> NativeEntry:
    (entry,) = parsing.parse(text).values()
    assert isinstance(entry, NativeEntry)
    return entry


def earlier(**changes: Any) -> LegacyEntry:
    (entry,) = parsing.parse(json.dumps({"Bread": OLDER | changes})).values()
    assert isinstance(entry, LegacyEntry)
    return entry


def broken(**changes: Any) -> str:
    was = record(BREAD)
    (entry,) = json.loads(written(result(Label(BREAD, was.judgement)), was)).values()
    return json.dumps({"Bread": entry | changes})
