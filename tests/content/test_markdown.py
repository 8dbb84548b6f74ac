from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.growth import grows_linearly
from support.markdown import bodies, plain

from classifier.content import markdown
from classifier.content.markdown import prose


def test_headings_are_found_in_every_form():
    body = "# **One** #\n\nTwo\n---\n\n<h3>Three</h3>\n\n```\n# no\n```\n> #### Four\n#five\n"
    found = [(heading.level, heading.text) for heading in prose(body).headings]
    assert found == [(1, "One"), (2, "Two"), (3, "Three"), (4, "Four")]


def test_a_paragraph_above_a_rule_is_no_heading():
    assert prose("of two\nlines\n---\n\nof one\n---").headings[0].text == "of one"


@given(bodies)
def test_prose_has_one_line_for_each_block_and_no_controls(body):
    text = prose(body).text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]|  | \n|\n |\n\n|^\s|\s\Z", text)


@given(plain)
def test_plain_text_loses_no_word(body):
    assert prose(body).text.split() == body.replace("## ", "").split()


@given(st.text(st.characters()))
def test_any_text_has_prose(body):
    prose(body)


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        *("\n\n    a", "\n\n     <b", "- a\n\n    b\n", "  1. a\n\n    b\n", "\n    a\n\n<div>\n"),
        *(
            "<div hidden>",
            "<div hidden>a</div>",
            "<p style='",
            '<p hidden x="',
            "<div>",
            "<script>",
        ),
        *("!!! a\n\n    ", '=== "a"\n', "::: ", "> [!a]", "export const\n", "\u2022 ", "2019. "),
        *("é`é` ", "`a`\n", "[[a|", "[^a]: ", ">", "> - ", "|a|b|\n|-|-|\n", "&amp;", "a\n: b\n"),
    ],
)
def test_hostile_repetition_costs_linear_work(unit):
    assert grows_linearly(lambda size: prose("a" + unit * (size // len(unit))), 20_000)


def test_deep_nesting_needs_no_deep_stack():
    def read() -> None:
        for opening, closing in {
            ">": "",
            "> - ": "",
            "[": "](u)",
            "*a **b ": "",
            "<div>": "",
        }.items():
            texts.append(prose(f"{opening * 50_000}word{closing * 50_000}").text)

    texts: list[str] = []
    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert ["word" in text for text in texts] == [True] * 5


def test_no_group_is_repeated_possessively() -> None:
    """Python before 3.11.5 matches those wrongly (python/cpython#106052); CI has a later one."""
    package = Path(markdown.__file__).parent
    lines = (line for file in package.rglob("*.py") for line in file.read_text("utf-8").split("\n"))
    patterns = (line for line in lines if "_PUNCTUATION = " not in line)
    assert not [line for line in patterns if re.search(r"\)[*+?]\+", line)]
