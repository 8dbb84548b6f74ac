"""Text from strangers (articles, definitions, servers), made harmless for terminals and logs."""

from __future__ import annotations

import json
import re

# What moves the cursor, colours, rings, links or reorders what people read: C0 and C1 controls and
# DEL (every escape sequence begins with one of them), line separators, bidirectional marks and
# overrides, invisible fillers and tag characters, and lone surrogates, which cannot be written.
# Left alone: tab and line breaks (one_line turns them into spaces), and the zero-width joiners
# that emoji and several scripts are written with.
_UNSAFE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
# A build's log is read for commands: `##[group]` and `##vso[task.setvariable]` anywhere in a line,
# `::stop-commands::` at its beginning. A space after the first sign makes text of them.
_COMMAND_ANYWHERE = r"#(?=#[a-z]{0,20}\[)"
_COMMAND = re.compile(
    rf"{_COMMAND_ANYWHERE}|^[ \t]*+:(?=:[a-z-]++(?:[ ][^\n]*?)?::)",
    re.IGNORECASE | re.MULTILINE,
)
# Apart: a pattern that is one set of characters is searched four times as fast.
_UNSAFE_IN_JSON = re.compile(rf"{_UNSAFE.pattern[:-1]}\x85\u2028\u2029]")
_COMMAND_IN_JSON = re.compile(_COMMAND_ANYWHERE, re.IGNORECASE)


def one_line(text: str) -> str:
    """Return `text` on one line, with a visible mark in place of all that could do harm."""
    return _without_commands(" ".join(_UNSAFE.sub("\ufffd", text).split()))


def lines(text: str) -> str:
    """Return `text` with its line breaks, and a visible mark in place of all that could do harm."""
    text = _UNSAFE.sub("\ufffd", text.replace("\r\n", "\n")).replace("\r", "\ufffd")
    return _without_commands(text)


def escape_json(text: str) -> str:
    r"""Write what could do harm as `\uXXXX`: the same JSON value, harmless to look at."""
    text = _UNSAFE_IN_JSON.sub(_escaped, text)
    return _COMMAND_IN_JSON.sub(_escaped, text) if "##" in text else text


def json_line(value: object) -> str:
    """Return a value as JSON in one line, harmless to look at."""
    return escape_json(json.dumps(value, ensure_ascii=False))


def _without_commands(text: str) -> str:
    return _COMMAND.sub(r"\g<0> ", text) if "##" in text or "::" in text else text


def _escaped(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[n : n + 2].hex()}" for n in range(0, len(units), 2))
