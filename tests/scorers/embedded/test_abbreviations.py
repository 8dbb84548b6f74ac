from __future__ import annotations

import pytest

from classifier.scorers.embedded.abbreviations import meaning, short_for


def test_an_abbreviation_has_a_meaning_in_any_letter_case() -> None:
    assert meaning("oss") == meaning(" OSS ") == "open source software"


@pytest.mark.parametrize("name", ["ip", "bread", "", "open source software"])
def test_what_is_ambiguous_or_unknown_has_none(name: str) -> None:
    assert meaning(name) is None


@pytest.mark.parametrize("name", ["Machine learning", "machine-learning", "MACHINE LEARNING"])
def test_a_name_has_its_usual_abbreviation_however_it_is_written(name: str) -> None:
    assert short_for(name) == "ml"


def test_a_name_without_one_has_none() -> None:
    assert short_for("Bread") is None
