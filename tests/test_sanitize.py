from __future__ import annotations

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.sanitize import escape_json, lines, one_line

ATTACKS = {
    "colour": "\x1b[31mred\x1b[0m",
    "link": "\x1b]8;;http://evil.example\x07text\x1b]8;;\x07",
    "window title": "\x1b]0;owned\x07",
    "bell": "ding\x07",
    "C1 control sequence": "\x9b31mred",
    "C1 operating system command": "\x9d0;owned\x9c",
    "carriage return": "innocent\rEVIL",
    "backspace": "abc\x08\x08\x08xyz",
    "delete": "abc\x7f",
    "right-to-left override": "photo\u202egpj.exe",
    "isolates": "a\u2066b\u2069c",
    "marks": "a\u200eb\u200fc\u061cd",
    "next line": "a\x85b",
    "line separator": "a\u2028b\u2029c",
    "tag characters": "a\U000e0041\U000e0042",
    "invisible": "a\u200b\u2060\ufeffb",
    "lone surrogate": "name\udcff.md",
    "zero": "a\0b",
}


def harmless(text: str) -> bool:
    joiners = "\u200c\u200d"
    categories = {unicodedata.category(c) for c in text if c not in joiners}
    bidi = {unicodedata.bidirectional(c) for c in text}
    overrides = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    return not (categories & {"Cc", "Cs", "Zl", "Zp"}) and not (bidi & overrides)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_nothing_that_controls_a_terminal_gets_through(attack: str) -> None:
    text = one_line(attack)
    assert harmless(text)
    text.encode("utf-8")


@given(st.text(st.characters(exclude_categories=())))
def test_no_text_gets_through_with_controls_or_on_two_lines(text: str) -> None:
    line = one_line(text)
    assert harmless(line)
    assert len(line.splitlines()) <= 1


def test_what_was_neutralised_leaves_a_visible_mark() -> None:
    assert one_line("a\x1b[31mb") == "a\ufffd[31mb"


@pytest.mark.parametrize(
    "text",
    ["Käse & Brot", "日本語", "שלום", "👩\u200d🍳 cooks", "क्\u200cष", "[red]x[/red] :bread:"],
)
def test_ordinary_text_of_any_script_stays_as_it_is(text: str) -> None:
    assert one_line(text) == text


@given(st.text(st.characters(exclude_categories=())))
def test_escaped_json_is_the_same_value_and_harmless(text: str) -> None:
    written = escape_json(json.dumps({"key": text}, ensure_ascii=False))
    assert json.loads(written) == json.loads(json.dumps({"key": text}))
    assert harmless(written)


COMMANDS = ("##[stop-commands]x", "a ##[error]b", "::error file=x::y", "##vso[task.x]", "###[a]")


def is_command(line: str) -> bool:
    """As the runners of GitHub and Azure read a log."""
    stripped = line.strip()
    return bool(re.search(r"##\w*\[", line)) or (
        stripped.startswith("::") and "::" in stripped[2:] and stripped[2:3].isalpha()
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_a_command_to_the_machine_that_reads_a_log(command: str) -> None:
    assert is_command(command)
    assert not is_command(one_line(command))
    assert not any(map(is_command, lines(f"one\n  {command}\n").split("\n")))
    written = escape_json(json.dumps([command]))
    assert not is_command(written)
    assert json.loads(written) == [command]


@pytest.mark.parametrize("text", ["## Heading", ":::tip", "std::vector", "a :: b", "# [x]", ":: a"])
def test_what_is_no_command_stays_as_it_is(text: str) -> None:
    assert one_line(text) == lines(text) == text
