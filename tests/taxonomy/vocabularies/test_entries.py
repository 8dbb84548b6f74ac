from __future__ import annotations

import pytest

from classifier.taxonomy.vocabularies.entries import Concept, chosen, entries


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "colour"), ("en-US", "color"), ("fr", "plain"), ("en-AU", "colour")],
)
def test_a_text_is_in_the_nearest_language(language: str, expected: str) -> None:
    texts = [("de", "Farbe"), ("en-GB", "colour"), ("", "plain"), ("en-US", "color")]
    assert chosen(texts, language)[0] == expected


def test_without_the_language_the_first_one_is_taken() -> None:
    assert chosen([("fr", "pain"), ("de", "Brot")], "en") == ["Brot"]
    assert chosen([], "en") == []


def test_what_is_not_there_or_of_another_kind_is_not_a_parent() -> None:
    made = entries(
        [
            Concept(key="1", kind="a", title="One", parents=["2", "3", "4"], related=["3", "5"]),
            Concept(key="2", kind="a", title="Two"),
            Concept(key="3", kind="b", title="Three"),
        ]
    )
    assert made[0].meta == {"title": "One", "parent": ["a/two"], "concepts": ["b/three"]}
