from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from support.markdown import bodies

from classifier.content.markdown import prose


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("zero\u200bwidth so\u00adft \x1b[31mred", "zerowidth soft [31mred"),
        ("It\x92s \x93quoted\x94", "It’s “quoted”"),  # noqa: RUF001 - the point of the test
    ],
)
def test_characters_that_nobody_sees_are_left_out(body: str, expected: str) -> None:
    assert prose(body).text == expected


def test_a_span_covers_the_source_of_its_text_and_no_more():
    body = "See **the [old](https://x.org) town** &amp; harbour"
    found = prose(body)
    for words, source in {
        "old": "old",
        "the old": "the [old",
        "town &": "town** &amp;",
        "& harbour": "&amp; harbour",
    }.items():
        start = found.text.index(words)
        assert body[slice(*found.span(start, start + len(words)))] == source


@pytest.mark.parametrize("span", [(0, 0), (2, 1), (-1, 1), (0, 5)])
def test_a_span_outside_the_prose_is_refused(span):
    with pytest.raises(ValueError, match="no prose at"):
        prose("four").span(*span)


@given(bodies)
def test_every_character_of_prose_has_its_place_in_the_body(body):
    found = prose(body)
    spans = [found.span(at, at + 1) for at in range(len(found.text))]
    for (start, end), (after, _) in pairwise(spans):
        assert start < end <= after
    assert not spans or (spans[0][0] >= 0 and spans[-1][1] <= len(body))
    for character, (start, _) in zip(found.text, spans, strict=True):
        if character.isalnum() and body[start] != "&" and not "\x80" <= body[start] <= "\x9f":
            assert character == body[start]
