from __future__ import annotations

from pathlib import Path

import pytest

from classifier.content.rendering import Element, Marked
from classifier.models import Category, Example, Instructions
from classifier.outputs.write_back import Refused
from classifier.project.apply import NotJudged
from classifier.web.review import serializing as to_json


def test_a_tree_is_lists_of_names_and_texts() -> None:
    tree = Element("p", ("a ", Marked("b", ("quote 0",)), Element("br")))
    assert to_json.node(tree) == ["p", "a ", {"text": "b", "names": ("quote 0",)}, ["br"]]
    link = Element("a", ("x",), "https://example.org")
    assert to_json.node(link) == {
        "name": "a",
        "target": "https://example.org",
        "children": ["x"],
    }
    assert to_json.node("x\x1b[31m\u202ey") == "x\ufffd[31m\ufffdy"


def test_a_definition_has_all_its_parts() -> None:
    category = Category(
        id="tags/bread",
        kind="tags",
        title="Bread\nand butter",
        instructions=Instructions(
            scope="Loaves.\nRolls.", topics=("baking",), exclusions=("toast",)
        ),
        examples=(Example(title="A loaf", text="t", accepted=True, note="n"),),
    )
    found = to_json.definition(category, 0.8)
    assert found["title"] == "Bread and butter"
    assert found["scope"] == "Loaves.\nRolls."
    assert (found["topics"], found["exclusions"], found["minimum"]) == (["baking"], ["toast"], 0.8)
    assert found["examples"] == [{"title": "A loaf", "accepted": True, "note": "n"}]


def test_a_file_that_is_left_alone_says_so() -> None:
    assert to_json.outcome(Refused(Path("a.md"), "why"))["state"] == "refused"
    assert to_json.outcome(NotJudged(Path("a.md")))["state"] == "not judged"


def test_texts_of_requests_are_bounded() -> None:
    assert to_json.text_of({}, "note") == ""
    assert to_json.text_of({"note": "x"}, "note") == "x"
    for value in (1, None, ["x"], "x" * 3000):
        with pytest.raises(ValueError, match="note"):
            to_json.text_of({"note": value}, "note")
