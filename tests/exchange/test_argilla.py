from __future__ import annotations

from typing import Any

import pytest
from support.exchanged import KEY, argilla_record, pair

from classifier.exchange import argilla
from classifier.exchange.argilla import is_export, read_record
from classifier.exchange.reading import UnreadableRecordError


def test_records_fit_the_settings() -> None:
    (record,) = argilla.records([pair()])
    required = {f["name"] for f in argilla.SETTINGS["fields"] if f["required"]}
    fields = {f["name"] for f in argilla.SETTINGS["fields"]}
    metadata = {m["name"] for m in argilla.SETTINGS["metadata"]}
    verdict, note = argilla.SETTINGS["questions"]
    assert required <= record["fields"].keys() <= fields
    assert record["metadata"].keys() == metadata
    assert record["suggestions"].keys() == {verdict["name"]}
    options = {option["value"] for option in verdict["settings"]["options"]}
    assert record["suggestions"]["verdict"]["value"] in options
    assert not note["required"]


def test_names_of_fields_questions_and_metadata_are_unique() -> None:
    parts = ("fields", "questions", "metadata")
    names = [each["name"] for part in parts for each in argilla.SETTINGS[part]]
    assert len(names) == len(set(names))


def test_a_field_without_text_is_left_out() -> None:
    (record,) = argilla.records([pair(definition_text="", reasoning="")])
    assert record["fields"].keys() == {"category", "title", "text"}


def test_responses_come_back_with_the_key_and_each_persons_note() -> None:
    (record,) = argilla.records([pair()])
    exported = argilla_record(record, "accept", "reject", note="a whole bottle")
    assert is_export(exported)
    first, second = read_record(exported)
    assert (first.key, first.accepted, first.note) == (KEY, True, "a whole bottle")
    assert (second.key, second.accepted, second.note) == (KEY, False, "")


def test_a_record_that_is_pending_or_discarded_says_nothing() -> None:
    (record,) = argilla.records([pair()])
    drafted = {**argilla_record(record, "accept"), "status": "pending"}
    discarded = argilla_record(record, "")
    for exported in (record, drafted, discarded):
        assert list(read_record(exported)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"responses": []},
        {"responses": {"verdict": "accept"}},
        {"responses": {"verdict": ["accept"]}},
        {"responses": {"verdict": [{"value": "maybe", "user_id": "u"}]}},
        {"metadata": None},
        {"metadata": {}},
    ],
)
def test_what_is_no_record_of_ours_is_refused(change: dict[str, Any]) -> None:
    (record,) = argilla.records([pair()])
    with pytest.raises(UnreadableRecordError):
        list(read_record({**argilla_record(record, "accept"), **change}))
