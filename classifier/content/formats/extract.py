"""What a reader takes from a file, and how it says that it cannot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from classifier.content.decoding import DecodingError, decode
from classifier.content.front_matter import reading
from classifier.content.front_matter.reading import FrontMatter, FrontMatterError

LARGEST: Final = 16_000_000
"""Bytes of a file that is read as a whole by another library, and characters taken from one."""


class UnreadableError(ValueError):
    """A file cannot be read as its format. A predicate of the file, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    body: str
    """Markdown."""
    meta: Mapping[str, Any] = field(default_factory=dict)
    """As in front matter: `title`, `description`, `lang`, where the file has them."""
    text: str | None = None
    """The decoded file, if `body` has a character for each of its characters after `body_start`:
    then offsets into the body are offsets into the file. None where they are not."""
    body_start: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One of the articles in a file that holds many."""

    name: str
    """What the file calls it, or its number."""
    content: Extract | str
    """What it holds, or what is wrong with it, in a few words."""


_BLANK_LINES: Final = re.compile(r"\n(?:[ \t]*\n){2,}")


def decoded(data: bytes) -> str:
    """Decode UTF-8. Raises UnreadableError."""
    try:
        return decode(data)
    except DecodingError as error:
        raise UnreadableError(f"{error}; save it as UTF-8") from None


def bounded(text: str) -> str:
    """Return a text without long runs of empty lines. Raises UnreadableError if it is too long."""
    if len(text) > LARGEST:
        raise UnreadableError(f"has more than {LARGEST // 10**6} million characters; split it")
    return _BLANK_LINES.sub("\n\n", text)


def named(**values: object) -> dict[str, str]:
    """Return those of the values that are text with something in it, on one line."""
    texts = {key: " ".join(it.split()) for key, it in values.items() if isinstance(it, str)}
    return {key: text for key, text in texts.items() if text}


_MARKUP: Final = re.compile(r"([\\`*_\[\]<>#|~{}$&=])")
_LINE_MARK: Final = re.compile(r"^[ \t]*([-+:]?)", re.MULTILINE)


def plain(text: str) -> str:
    """Return Markdown that says what a text without markup says."""
    return _LINE_MARK.sub(_escaped_mark, _MARKUP.sub(r"\\\1", text))


def _escaped_mark(match: re.Match[str]) -> str:
    return f"\\{match[1]}" if match[1] else ""


def front_matter(text: str) -> FrontMatter:
    """Read front matter that stands before other markup than Markdown. Raises UnreadableError."""
    try:
        return reading.parse(text)
    except FrontMatterError as error:
        raise UnreadableError(f"has a problem: {error}") from None
