"""What the editor finds in front matter, whatever its format, and what it makes of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol


class EditError(ValueError):
    """Why a file is left as it is. One line, without the file's name."""


COMMENT_LOST: Final = "a comment between its labels would be lost"


@dataclass(frozen=True, slots=True)
class Item:
    """One label of a list. Offsets are into the block, half-open, as everywhere here."""

    label: str
    """What a text says, without quotes; of a number, a date or a boolean the characters."""
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    items: tuple[Item, ...]
    start: int
    end: int
    block: bool = False
    """YAML's list of one item per line, rather than one in brackets."""
    head: int = 0
    """Of a block list: the place right behind the key's colon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    text: str
    """Empty where there is no value, or one that says nothing."""
    start: int
    end: int
    """Equal to `start` where nothing is written."""


@dataclass(frozen=True, slots=True)
class Patch:
    """`text` in place of what is there. Where `start` equals `end`, nothing is lost."""

    start: int
    end: int
    text: str


Entry = int | str
"""Of a list to be: an item that stays where it is, or the characters of one that comes in."""


class Source(Protocol):
    """The front matter of one file. Its methods raise EditError for what they cannot do safely."""

    @property
    def keys(self) -> Sequence[str]:
        """Those of the top level, in order; a key that is there twice is here twice."""

    def inner_keys(self) -> Sequence[str]:
        """Return keys within others, such as `taxonomies.tags`; a double one is here twice."""

    def field(self, key: str) -> Listing | Scalar | None:
        """Return the value of a key that is there once, or not at all."""

    def quoted(self, label: str, beside: Sequence[str] = (), *, alone: bool = False) -> str:
        """Write a text so that it reads back as that text, in the style of those `beside` it.

        `alone` on its line it may hold characters that would end it in brackets.
        """

    def relist(self, listing: Listing, entries: Sequence[Entry]) -> list[Patch]:
        """Rewrite a list that has items."""

    def fill(self, field: Listing | Scalar, labels: Sequence[str]) -> list[Patch]:
        """Write a list where there is no value, or an empty list."""

    def add(self, new: Mapping[str, Sequence[str] | str]) -> list[Patch]:
        """Write keys that are not there, each with a list of labels or a value as it is written."""

    def add_inner(self, outer: str, inner: str, written: str) -> list[Patch]:
        """Write a value, as it is written, under a key within another one, which may be missing."""

    def drop(self, key: str) -> list[Patch]:
        """Remove a key that is there, its lines and what stands on them."""


def patched(block: str, patches: Iterable[Patch]) -> str:
    """Apply patches that do not overlap; of several at one place, the first comes first."""
    pieces, at = [], 0
    for patch in sorted(patches, key=lambda patch: (patch.start, patch.end)):
        pieces += [block[at : patch.start], patch.text]
        at = patch.end
    return "".join([*pieces, block[at:]])


_BREAK = re.compile(r"\r?\n")


def without_lines(block: str, start: int, end: int) -> list[Patch]:
    """Remove whole lines. Raises EditError where one of them is a comment."""
    if any(line.lstrip().startswith("#") for line in block[start:end].splitlines()):
        raise EditError(COMMENT_LOST)
    return [Patch(start, end, "")]


def line_margin(block: str, at: int) -> int:
    """Return how far the line of `at` is indented."""
    line = block[line_start(block, at) : at]
    return len(line) - len(line.lstrip(" "))


def line_start(block: str, at: int) -> int:
    return block.rfind("\n", 0, at) + 1


def line_end(block: str, at: int) -> int:
    """Return where the line of `at` ends, its line break included."""
    found = _BREAK.search(block, at)
    return found.end() if found else len(block)


def line_break(block: str, at: int, *, otherwise: str) -> str:
    """Return the line break before `at`, the start of a line, and `otherwise` for the first."""
    if block.endswith("\r\n", 0, at):
        return "\r\n"
    return "\n" if at else otherwise
