"""Pairs to exchange with annotation tools, and the answers of people in their formats."""

from __future__ import annotations

from typing import Any

from classifier.exchange.pairs import PairKey, UncertainPair

KEY = PairKey(path="site/a.md", article="a" * 32, category="tags/wine", definition="c" * 32)


def pair(**more: Any) -> UncertainPair:
    return UncertainPair(
        **{
            "key": KEY,
            "title": "Lunch",
            "text": "A glass of it.",
            "category_title": "Wine",
            "definition_text": "What is made of grapes.",
            "confidence": 0.45,
            "label": False,
            "reasoning": "Once in the text.",
            "quotes": ("A glass of it.",),
            "scorer": "keywords:none:1",
            **more,
        }
    )


def studio_task(task: dict[str, Any], *choices: str, note: str = "") -> dict[str, Any]:
    """Return a task as Label Studio exports it, with an annotation for each choice."""
    return {"id": 7, **task, "annotations": [_annotation(choice, note) for choice in choices]}


def _annotation(choice: str, note: str) -> dict[str, Any]:
    verdict = {
        "id": "x1",
        "from_name": "verdict",
        "to_name": "text",
        "type": "choices",
        "origin": "manual",
        "value": {"choices": [choice]},
    }
    text = {
        "id": "x2",
        "from_name": "note",
        "to_name": "text",
        "type": "textarea",
        "value": {"text": [note]},
    }
    return {
        "id": 1,
        "completed_by": 1,
        "was_cancelled": False,
        "result": [verdict, text] if note else [verdict],
    }


def argilla_record(record: dict[str, Any], *values: str, note: str = "") -> dict[str, Any]:
    """Return a record as Argilla exports it, with the response of a user for each value."""
    given = [{"value": value, "user_id": f"user-{n}"} for n, value in enumerate(values)]
    notes = [{"value": note, "user_id": "user-0"}] if note else []
    responses = {"verdict": given} | ({"note": notes} if notes else {})
    return {**record, "responses": responses, "status": "completed", "_server_id": "s1"}
