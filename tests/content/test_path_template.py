from __future__ import annotations

import re
from pathlib import PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classifier.content import path_template

TEMPLATE = "data/{ItemKind}/{ItemId}/classifications.json"


def test_keys_become_their_values() -> None:
    meta = {"ItemKind": "resource", "ItemId": 12345}
    assert path_template.fill(TEMPLATE, meta) == "data/resource/12345/classifications.json"


_LEADING_OUT = [
    "..",
    ".",
    "",
    "a/b",
    "a\\b",
    "/etc",
    "~",
    "C:",
    ".git",
    "a.",
    "a\nb",
    "con",
    "nul.x",
]


@pytest.mark.parametrize("value", [*_LEADING_OUT, "x" * 200, True, None, 1.5, ["a"]])
def test_a_value_that_is_no_plain_name_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="ItemId"):
        path_template.fill(TEMPLATE, {"ItemKind": "resource", "ItemId": value})


@example("0..0", "..")
@given(st.text(), st.text())
def test_no_value_ever_leaves_its_folder(kind: str, item: str) -> None:
    try:
        path = path_template.fill(TEMPLATE, {"ItemKind": kind, "ItemId": item})
    except ValueError:
        return
    assert len(PurePosixPath(path).parts) == 4
    assert ".." not in PurePosixPath(path).parts
    assert not re.search(r"[\\:\0\n]", path)


@pytest.mark.parametrize(
    "template",
    [
        "data/x.json",
        "../{id}.json",
        "/data/{id}.json",
        "data/{id}",
        "{id",
        "a//{id}.json",
        "~/{id}.json",
    ],
)
def test_a_template_stays_below_the_settings_and_names_a_key(template: str) -> None:
    assert path_template.problem(template)
    assert not path_template.problem(TEMPLATE)
