"""CommonMark as pulldown-cmark reads it (through pyromark), with places in characters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from classifier.content.prose import DROP, HARD, LINE, unshielded

if TYPE_CHECKING:
    import pyromark


Event = tuple[str, Any, Any, int, int]
"""Something the parser sees, as pyromark names it: its kind; the text, or the name of the element;
what else is known of the element; where it begins and ends, in bytes (see `Parsed.place`)."""


class Parsed:
    """What the parser sees in a text. To be read once, from the beginning to the end."""

    def __init__(self, text: str) -> None:
        """Parse `text`, in which there may be filler."""
        self._seen = _seen(text)
        self._data = None if self._seen.isascii() else self._seen.encode()
        self._byte = self._character = 0

    def __iter__(self) -> Iterator[Event]:
        for event, span in _parser().events_with_range(self._seen):
            start, end = span["start"], span["end"]
            if isinstance(event, str):
                yield event, None, None, start, end
                continue
            ((kind, value),) = event.items()
            if isinstance(value, dict):
                ((name, details),) = value.items()
                yield kind, name, details, start, end
            else:
                yield kind, value, None, start, end

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return offsets in characters; `start` must not be before the one asked for last."""
        if self._data is None:
            return start, end
        self._character += len(self._data[self._byte : start].decode())
        self._byte = start
        return self._character, self._character + len(self._data[start:end].decode())


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
