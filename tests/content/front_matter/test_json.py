from __future__ import annotations

import pytest
from support.blocks import added, json
from support.editing import edit

JSON = {
    "one line": ('{"tags": ["a"]}', '{"tags": ["a", "New one"]}'),
    "several lines": (
        '{\n  "tags": [\n    "a"\n  ]\n}',
        '{\n  "tags": [\n    "a",\n    "New one"\n  ]\n}',
    ),
    "no key": ('{\n\t"t": 1\n}', '{\n\t"t": 1,\n\t"tags": [\n\t\t"New one"\n\t]\n}'),
    "no key, one line": ('{"t":1}', '{"t":1,"tags":["New one"]}'),
    "no key at all": ("{}", '{"tags": ["New one"]}'),
    "null": ('{"tags": null}', '{"tags": ["New one"]}'),
    "signs of comments": ('{"tags": ["#a", "//"]}', '{"tags": ["#a", "//", "New one"]}'),
}


@pytest.mark.parametrize("case", JSON)
def test_json_is_added_to_in_its_own_style(case: str) -> None:
    before, after = JSON[case]
    assert added(json(before), "New one") == json(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"a": 1, "tags": ["x"], "b": 2}', '{"a": 1, "b": 2}'),
        ('{"tags": ["x"], "b": 2}', '{"b": 2}'),
        ('{ "tags": ["x"] }', "{}"),
    ],
)
def test_a_key_leaves_json_with_its_comma(before: str, after: str) -> None:
    assert edit(json(before), "tags", None) == json(after)
