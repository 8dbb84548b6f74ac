from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from support.exchanged import KEY, pair, studio_task

from classifier.exchange import label_studio
from classifier.exchange.label_studio import is_export, read_record
from classifier.exchange.reading import UnreadableRecordError


def test_a_task_has_what_the_interface_shows_and_predicts_with_its_controls() -> None:
    (task,) = label_studio.tasks([pair()])
    view = ElementTree.fromstring(label_studio.CONFIG)
    shown = {
        each.get("value", "").removeprefix("$") for each in view if "$" in each.get("value", "")
    }
    assert shown <= task["data"].keys()
    (prediction,) = task["predictions"]
    (answer,) = prediction["result"]
    choices = view.find("Choices")
    assert choices is not None
    assert (answer["from_name"], answer["to_name"]) == (choices.get("name"), choices.get("toName"))
    assert answer["value"]["choices"][0] in {each.get("value") for each in choices}
    assert answer["to_name"] in {each.get("name") for each in view.iter("Text")}


@pytest.mark.parametrize(
    ("label", "choice", "score"), [(True, "accept", 0.8), (False, "reject", 0.2)]
)
def test_the_prediction_is_what_is_decided_now(label: bool, choice: str, score: float) -> None:
    (task,) = label_studio.tasks([pair(label=label, confidence=0.8)])
    (prediction,) = task["predictions"]
    assert prediction["result"][0]["value"]["choices"] == [choice]
    assert prediction["score"] == score


def test_annotations_of_a_task_come_back_with_its_key() -> None:
    (task,) = label_studio.tasks([pair()])
    exported = studio_task(task, "accept", note="a whole bottle")
    assert is_export(exported)
    (annotation,) = read_record(exported)
    assert (annotation.key, annotation.accepted, annotation.note) == (KEY, True, "a whole bottle")


def test_the_short_export_has_the_same() -> None:
    (task,) = label_studio.tasks([pair()])
    short = {**task["data"], "id": 7, "verdict": "reject", "note": "none", "annotator": 1}
    assert is_export(short)
    (annotation,) = read_record(short)
    assert (annotation.key, annotation.accepted, annotation.note) == (KEY, False, "none")


def test_a_task_that_was_skipped_or_has_no_answer_says_nothing() -> None:
    (task,) = label_studio.tasks([pair()])
    skipped = studio_task(task, "accept")
    skipped["annotations"][0]["was_cancelled"] = True
    empty = studio_task(task, "accept")
    empty["annotations"][0]["result"] = []
    for record in (skipped, empty, studio_task(task), {**task["data"], "id": 1}):
        assert list(read_record(record)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"data": []},
        {"data": {"text": "of another project"}},
        {"data": {**pair().key.as_data(), "classify_path": 3}},
        {"annotations": {}},
        {"annotations": ["accept"]},
    ],
)
def test_what_is_no_task_of_ours_is_refused(change: dict[str, Any]) -> None:
    (task,) = label_studio.tasks([pair()])
    with pytest.raises(UnreadableRecordError):
        list(read_record({**studio_task(task, "accept"), **change}))


def test_a_choice_that_was_not_offered_is_refused() -> None:
    (task,) = label_studio.tasks([pair()])
    with pytest.raises(UnreadableRecordError, match="'maybe': expected 'accept' or 'reject'"):
        list(read_record(studio_task(task, "maybe")))
