"""CommonMark as pulldown-cmark reads it (through pyromark), with places in characters."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from classifier.content.prose import DROP, HARD, LINE, unshielded

if TYPE_CHECKING:
    import pyromark


Event = tuple[str, Any, Any, int, int]
"""Something the parser sees, as pyromark names it: its kind; the text, or the name of the element;
what else is known of the element; where it begins and ends, in characters. Of elements other than
code the end is the beginning, and where they end and lines break, the place has no meaning."""


def events(text: str) -> list[Event]:
    """Return what the parser sees in a text, in which there may be filler."""
    seen = _seen(text)
    data = None if seen.isascii() else seen.encode()
    found: list[Event] = []
    at = characters = 0
    """The same place, in bytes and in characters."""
    kind: str
    value: Any
    for event, span in _parser().events_with_range(seen):
        start, end = span["start"], span["end"]
        details: Any = None
        if isinstance(event, str):
            kind, value = event, None
        else:
            ((kind, value),) = event.items()
            if isinstance(value, dict):
                ((value, details),) = value.items()
        leaf = kind in ("Text", "Code") or (kind == "Start" and value == "CodeBlock")
        if data is not None and (leaf or kind == "Start"):
            characters += len(data[at:start].decode())
            at, start = start, characters
            end = start + len(data[at:end].decode()) if leaf else start
        found.append((kind, value, details, start, end if leaf else start))
    return found


@cache
def _parser() -> pyromark.Markdown:
    from pyromark import Markdown, Options

    return Markdown(
        options=Options.ENABLE_TABLES
        | Options.ENABLE_FOOTNOTES
        | Options.ENABLE_STRIKETHROUGH
        | Options.ENABLE_TASKLISTS
        | Options.ENABLE_DEFINITION_LIST
    )


_FILLER = re.compile(r"[\x00-\x02]")
_FILLED_LINE = re.compile(r"^(?=[ \t]*+[\x00-\x02])[ \t\r\x00-\x02]++$", re.MULTILINE)
_YEAR = re.compile(r"\.(?<=[0-9]{4}\.)(?=[ \t])")
_BULLET = re.compile(r"^([ \t>]*+)\u2022(?=[ \t])", re.MULTILINE)
_COLON = re.compile(r"^([ \t>]*+):(?=\S)", re.MULTILINE)


def _seen(text: str) -> str:
    """Return what the parser is to see, of the same length.

    A line of nothing but filler is blank; other filler is punctuation, as the tags and templating
    were. A year before a full stop begins no list, a typed bullet does; a smiley or an emoji's name
    defines nothing.
    """
    if _FILLER.search(text):
        text = _FILLED_LINE.sub(lambda match: " " * len(match[0]), text)
        text = text.replace(DROP, ",").replace(HARD, ",").replace(LINE, ",")
    text = unshielded(text)
    if "\u2022" in text:
        text = _BULLET.sub(r"\1-", text)
    if "\n:" in text:
        text = _COLON.sub(r"\1,", text)
    return _YEAR.sub(",", text)
