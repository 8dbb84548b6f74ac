from __future__ import annotations

import pytest

from classifier.models import Category, Instructions
from classifier.scorers.openai.answer_fields import renamed, tidied, whole

ASPECTS = ("mentions", "Depth")
BREAD = Category(
    id="t/bread",
    kind="t",
    title="Bread",
    instructions=Instructions(exclusions=("Cake", "No yeast at all")),
)


def test_fields_are_called_as_they_were_asked_for():
    item = {"ID": "bread", " Mentions ": 9, "depth": 8, "Why": "x", "Other": 1}
    assert renamed(item, ASPECTS) == {
        "id": "bread",
        "mentions": 9,
        "Depth": 8,
        "why": "x",
        "Other": 1,
    }
    assert renamed(["id"], ASPECTS) == renamed(None, ASPECTS) == {}


def test_scores_of_another_scale_or_type_stay_as_they_are():
    item = tidied({"id": 4, "mentions": 9.0, "Depth": 8.5, "scores": [1.0, "2"]}, BREAD, ASPECTS)
    assert (item["id"], item["mentions"], item["Depth"]) == ("4", 9, 8.5)
    assert item["scores"] == [1, "2"]
    assert type(item["mentions"]) is int
    assert whole("9.0") == "9.0"


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        (2, 2),
        ("cake", 1),
        ("No yeast  at all.", 2),  # a rule, though it begins like the word for none
        ("no", None),
        ("No exclusions apply", None),
        ("not applicable.", None),
        ("\u2014", None),
        ("exclusion rule 2", 2),
        ("2: no yeast at all", 2),
        ("2: cake", "2: cake"),
        ("maybe", "maybe"),
        ([1, 2], 1),
        ([], None),
        ({"rule": "2"}, 2),
        (True, True),
    ],
)
def test_an_exclusion_is_a_number_or_what_stands_in_its_place(said, rule):
    assert tidied({"id": "bread", "exclusion": said}, BREAD, ())["exclusion"] == rule
