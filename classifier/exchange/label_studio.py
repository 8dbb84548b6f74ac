"""Label Studio: tasks with predictions, a labelling interface, and annotations of both exports.

The formats are those of https://labelstud.io/guide/task_format and
https://labelstud.io/guide/predictions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from classifier.exchange.pairs import (
    ACCEPT,
    CHOICES,
    GUIDELINES,
    NOTE,
    PREFIX,
    QUESTION,
    REJECT,
    VERDICT,
    Annotation,
    UncertainPair,
)
from classifier.exchange.reading import UnreadableRecordError, key_of, text_of

CONFIG: Final = f"""\
<View>
  <Header value="$category"/>
  <Text name="definition" value="$definition"/>
  <Header value="$title"/>
  <Text name="text" value="$text"/>
  <Header value="{QUESTION}"/>
  <Text name="reasoning" value="$reasoning"/>
  <Choices name="{VERDICT}" toName="text" choice="single-radio" required="true">
    <Choice value="{ACCEPT}" hotkey="a"/>
    <Choice value="{REJECT}" hotkey="r"/>
  </Choices>
  <TextArea name="{NOTE}" toName="text" placeholder="Why, in your own words"
    rows="2" maxSubmissions="1" editable="true"/>
</View>
<!-- {GUIDELINES} -->
"""
"""The labelling interface, to paste into the settings of a project."""


def tasks(pairs: Iterable[UncertainPair]) -> list[dict[str, Any]]:
    return [_task(pair) for pair in pairs]


def _task(pair: UncertainPair) -> dict[str, Any]:
    chosen = {
        "from_name": VERDICT,
        "to_name": "text",
        "type": "choices",
        "value": {"choices": [pair.suggestion]},
    }
    return {
        "data": {
            "title": pair.title,
            "text": pair.text,
            "category": pair.category_title,
            "definition": pair.definition_text,
            "reasoning": pair.reasoning,
            "quotes": list(pair.quotes),
            "confidence": round(pair.confidence, 4),
            **pair.key.as_data(),
        },
        # The prediction's score sorts tasks: certainty about the suggestion.
        "predictions": [
            {
                "model_version": pair.scorer,
                "score": round(pair.confidence if pair.label else 1 - pair.confidence, 4),
                "result": [chosen],
            }
        ],
    }


def is_export(record: Mapping[str, Any]) -> bool:
    """Whether a record is of one of the two exports, JSON and JSON-MIN."""
    return "annotations" in record or f"{PREFIX}path" in record


def read_record(record: Mapping[str, Any]) -> Iterator[Annotation]:
    """Yield what people said of a task; skipped tasks and drafts say nothing.

    Raises:
        UnreadableError: It is no task of ours.
    """
    if "annotations" in record:
        yield from _of_task(record)
    elif choice := text_of(record.get(VERDICT)):
        yield Annotation(
            key=key_of(record),
            accepted=_accepted(choice),
            note=text_of(record.get(NOTE)),
        )


def _of_task(record: Mapping[str, Any]) -> Iterator[Annotation]:
    made, data = record["annotations"], record.get("data")
    if not isinstance(made, list) or not isinstance(data, dict):
        raise UnreadableRecordError("has no 'data' or no list of 'annotations'")
    for annotation in made:
        if not isinstance(annotation, dict):
            raise UnreadableRecordError("has an annotation that is no object")
        if annotation.get("was_cancelled"):
            continue
        answers = dict(_answers(annotation.get("result")))
        if VERDICT in answers:
            yield Annotation(
                key=key_of(data),
                accepted=_accepted(answers[VERDICT]),
                note=answers.get(NOTE, ""),
            )


def _answers(result: object) -> Iterator[tuple[str, str]]:
    """Yield the name and the answer of each control."""
    for region in result if isinstance(result, list) else []:
        value = region.get("value") if isinstance(region, dict) else None
        if isinstance(value, dict):
            said = value.get("choices") or value.get("text")
            yield text_of(region.get("from_name")), text_of(said)


def _accepted(choice: str) -> bool:
    if choice not in CHOICES:
        raise UnreadableRecordError(f"the choice {choice!r}: expected {ACCEPT!r} or {REJECT!r}")
    return CHOICES[choice]
