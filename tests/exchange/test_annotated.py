from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.exchanged import argilla_record, pair, studio_task

from classifier.errors import UsageError
from classifier.exchange import annotated, argilla, label_studio
from classifier.exchange.pairs import Annotation

names = st.sampled_from(
    ["data", "annotations", "result", "value", "choices", "responses", "metadata", "verdict"]
    + [f"classify_{name}" for name in ("path", "article", "category", "definition")]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | st.text(max_size=5), inner),
    max_leaves=20,
)


def test_both_tools_are_told_apart(tmp_path: Path) -> None:
    (task,), (record,) = label_studio.tasks([pair()]), argilla.records([pair()])
    file = tmp_path / "export.json"
    for exported in (studio_task(task, "accept"), argilla_record(record, "accept")):
        file.write_text(json.dumps([exported]))
        (annotation,) = annotated.read(file)
        assert annotation.accepted


def test_a_record_that_cannot_be_understood_is_named(tmp_path: Path) -> None:
    (task,) = label_studio.tasks([pair()])
    file = tmp_path / "export.json"
    for odd in (3, {"text": "x"}, studio_task(task, "maybe")):
        file.write_text(json.dumps([studio_task(task, "accept"), odd]))
        with pytest.raises(UsageError, match=r"export\.json', record 2: "):
            annotated.read(file)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff[]", b"{}", b'"a"', b"[" * 100_000])
def test_a_file_that_is_no_list_of_records_is_one_line(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "export.json"
    file.write_bytes(data)
    with pytest.raises(UsageError, match=r"export\.json'"):
        annotated.read(file)
    with pytest.raises(UsageError, match=r"none\.json' cannot be read"):
        annotated.read(tmp_path / "none.json")


@given(st.lists(st.dictionaries(names | st.text(max_size=3), values)))
def test_no_record_raises_anything_else(
    tmp_path_factory: pytest.TempPathFactory, records: object
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.json"
    file.write_text(json.dumps(records))
    try:
        found = annotated.read(file)
    except UsageError:
        return
    assert all(isinstance(each, Annotation) for each in found)
