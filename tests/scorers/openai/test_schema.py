from __future__ import annotations

import json

from classifier.scorers.openai import schema


def objects(node):
    if isinstance(node, dict):
        yield from [node] if node.get("type") == "object" else []
        for part in node.values():
            yield from objects(part)


def test_the_schema_is_strict_everywhere_and_says_reasoning_before_numbers():
    form = schema.response_format(["mentions", "depth"], short=True, max_answers=11)["json_schema"]
    found = list(objects(form["schema"]))
    assert form["strict"] is True
    assert len(found) == 3
    for part in found:
        assert part["additionalProperties"] is False
        assert part["required"] == list(part["properties"])
    order = ["id", "evidence", "reasoning", "exclusion", "mentions", "depth"]
    assert list(found[1]["properties"]) == order
    assert list(found[2]["properties"]) == ["id", "why", "scores"]
    assert found[1]["properties"]["depth"] == {"type": "integer", "enum": list(range(11))}


def test_the_schema_bounds_its_lists_where_the_server_knows_bounds():
    bounded = json.dumps(schema.response_format(["mentions", "depth"], short=True, max_answers=11))
    assert bounded.count('"maxItems": 3') == 1  # quotes
    assert bounded.count('"maxItems": 2') == 1  # scores
    assert bounded.count('"maxItems": 11') == 2
    free = schema.response_format(["mentions", "depth"], short=True, max_answers=None)
    assert "maxItems" not in json.dumps(free)


def test_with_numbers_the_subject_comes_first_and_full_answers_last():
    form = schema.response_format(["depth"], short=True, numbers=True, max_answers=40)
    lists = form["json_schema"]["schema"]["properties"]
    assert list(lists) == ["about", "out", "touched", "judgements"]
    assert lists["out"]["items"] == lists["touched"]["items"] == {"type": "string"}
    full = lists["judgements"]["items"]["properties"]
    assert list(full) == ["id", "evidence", "reasoning", "exclusion", "scores"]
    assert full["scores"]["items"] == {"type": "integer", "enum": list(range(11))}
    assert full["scores"]["maxItems"] == 1
    assert {lists[name]["maxItems"] for name in list(lists)[1:]} == {40}


def test_without_short_answers_the_schema_has_one_list():
    form = schema.response_format(["depth"], short=False, max_answers=None)["json_schema"]
    assert list(form["schema"]["properties"]) == ["judgements"]
