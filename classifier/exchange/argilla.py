"""Argilla 2: a dataset folder as `rg.Dataset.from_disk` reads and `to_disk` writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from classifier.exchange.pairs import (
    ACCEPT,
    CHOICES,
    GUIDELINES,
    KEYS,
    NOTE,
    PREFIX,
    QUESTION,
    REJECT,
    VERDICT,
    Annotation,
    UncertainPair,
)
from classifier.exchange.reading import UnreadableRecordError, key_of, text_of

_FIELDS: Final = {
    "category": "Category",
    "definition": "Definition",
    "title": "Title",
    "text": "Article",
    "reasoning": "What the classifier says",
}
_OVERLAP: Final = {"strategy": "overlap", "min_submitted": 1}

DATASET: Final[Mapping[str, Any]] = {
    "name": "classify",
    "guidelines": GUIDELINES,
    "allow_extra_metadata": True,
    "distribution": _OVERLAP,
}
"""`.argilla/dataset.json`."""

SETTINGS: Final[Mapping[str, Any]] = {
    "guidelines": GUIDELINES,
    "allow_extra_metadata": True,
    "distribution": _OVERLAP,
    "fields": [
        {
            "name": name,
            "title": title,
            "type": "text",
            "required": name in {"category", "text"},
            "settings": {"type": "text", "use_markdown": False},
        }
        for name, title in _FIELDS.items()
    ],
    "questions": [
        {
            "name": VERDICT,
            "title": QUESTION,
            "type": "label_selection",
            "required": True,
            "settings": {
                "type": "label_selection",
                "options": [{"value": value, "text": value} for value in (ACCEPT, REJECT)],
            },
        },
        {
            "name": NOTE,
            "title": "Why, in your own words",
            "type": "text",
            "required": False,
            "settings": {"type": "text", "use_markdown": False},
        },
    ],
    "metadata": [
        *(
            {
                "name": f"{PREFIX}{name}",
                "title": name,
                "visible_for_annotators": name in {"path", "category"},
                "settings": {"type": "terms"},
            }
            for name in KEYS
        ),
        {
            "name": "confidence",
            "title": "confidence",
            "visible_for_annotators": True,
            "settings": {"type": "float", "min": 0.0, "max": 1.0},
        },
    ],
    "vectors": [],
}
"""`.argilla/settings.json`."""


def records(pairs: Iterable[UncertainPair]) -> list[dict[str, Any]]:
    return [_record(pair) for pair in pairs]


def _record(pair: UncertainPair) -> dict[str, Any]:
    texts = {
        "category": pair.category_title,
        "definition": pair.definition_text,
        "title": pair.title,
        "text": pair.text,
        "reasoning": pair.reasoning,
    }
    return {
        "id": f"{pair.key.article}-{pair.key.definition}",
        "fields": {name: text for name, text in texts.items() if text},
        "metadata": {**pair.key.as_data(), "confidence": round(pair.confidence, 4)},
        "suggestions": {
            VERDICT: {
                "value": pair.suggestion,
                "score": round(pair.confidence if pair.label else 1 - pair.confidence, 4),
                "agent": pair.scorer,
            }
        },
        "responses": {},
        "vectors": {},
    }


def is_export(record: Mapping[str, Any]) -> bool:
    return "responses" in record and "metadata" in record


def read_record(record: Mapping[str, Any]) -> Iterator[Annotation]:
    """Yield what people submitted; a record that is still pending says nothing.

    Raises:
        UnreadableError: It is no record of ours.
    """
    responses, metadata = record["responses"], record["metadata"]
    if not isinstance(responses, dict) or not isinstance(metadata, dict):
        raise UnreadableRecordError("has no 'responses' or no 'metadata'")
    # Argilla exports drafts and discarded responses as it does submitted ones; only the record
    # says whether any was submitted.
    if record.get("status", "completed") != "completed":
        return
    notes = {_user(note): text_of(note.get("value")) for note in _listed(responses, NOTE)}
    for response in _listed(responses, VERDICT):
        value = text_of(response.get("value"))
        if not value:
            continue
        if value not in CHOICES:
            raise UnreadableRecordError(
                f"the response {value!r}: expected {ACCEPT!r} or {REJECT!r}"
            )
        note = notes.get(_user(response), "")
        yield Annotation(key=key_of(metadata), accepted=CHOICES[value], note=note)


def _listed(responses: Mapping[str, Any], question: str) -> list[dict[str, Any]]:
    found = responses.get(question) or []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise UnreadableRecordError(f"its responses to {question!r} are no list of objects")
    return found


def _user(response: Mapping[str, Any]) -> str:
    return str(response.get("user_id"))
