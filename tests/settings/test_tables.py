from __future__ import annotations

import pytest
from pydantic import ValidationError

from classifier.settings import Settings
from classifier.settings.tables import panel_scorers


@pytest.mark.parametrize("name", ["sitemap", "sitemap.priority"])
def test_a_derived_number_may_be_within_another_key(name: str) -> None:
    number = {"categories": ["a"], "at_zero": 0, "at_one": 1}
    given = {name: {"priority": number} if name == "sitemap" else number}
    assert list(Settings(derived=given).derived) == ["sitemap.priority"]


@pytest.mark.parametrize("name", ["a.b.c", "a.", ".a", "a b"])
def test_other_names_of_derived_numbers_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        Settings(derived={name: {"categories": ["a"], "at_zero": 0, "at_one": 1}})


@pytest.mark.parametrize(
    ("table", "scorers"),
    [
        ({"scorers": ["openai", 3, "embedded"]}, ["openai", "embedded"]),
        ({"scorers": "openai:m, embedded"}, ["openai:m", "embedded"]),
        ({"scorers": 3}, []),
        ("embedded", []),
        (None, []),
    ],
)
def test_scorers_of_an_unchecked_panel_are_read_as_far_as_they_are_names(
    table: object, scorers: list[str]
) -> None:
    assert panel_scorers(table) == scorers
