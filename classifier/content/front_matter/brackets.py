"""Lists in brackets: YAML's flow lists, TOML's arrays and JSON's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

from classifier.content.front_matter.model import COMMENT_LOST, EditError, Entry, Listing, Patch

_COMMENT = re.compile(r"#[^\r\n]*")
_LAST_BREAK = re.compile(r"\r?\n[ \t]*\Z")
_OWN_LINE = re.compile(r"[ \t]*#[^\r\n]*")


@dataclass(frozen=True, slots=True)
class BracketStyle:
    """What stands behind `[`, between two items, and before `]`."""

    lead: str = ""
    joint: str = ", "
    tail: str = ""

    @classmethod
    def of(cls, block: str, listing: Listing) -> Self | None:
        """Return the style of a list that can be taken after; None of an empty or commented one."""
        if listing.block or not listing.items or "#" in _between(block, listing):
            return None
        parts = _Parts.of(block, listing)
        tail = "," * parts.trailing_comma + parts.end
        return cls(parts.lead, "," + parts.gap(" "), tail)

    @classmethod
    def among(cls, block: str, listings: Iterable[Listing]) -> Self:
        """Return the style of the first list that shows one, better still between two items."""
        lists = sorted(listings, key=lambda listing: len(listing.items) < 2)
        return next(filter(None, (cls.of(block, one) for one in lists)), cls())

    def written(self, items: Sequence[str]) -> str:
        return f"[{self.lead}{self.joint.join(items)}{self.tail}]" if items else "[]"


@dataclass(frozen=True, slots=True)
class _Element:
    before: str
    """Blanks, line breaks and comments between it and what ends the element before."""
    text: str
    after: str
    """A comment behind it on its line, and behind its comma."""


@dataclass(frozen=True, slots=True)
class _Parts:
    lead: str
    """In place of the first element's `before`."""
    elements: tuple[_Element, ...]
    trailing_comma: bool
    end: str

    @classmethod
    def of(cls, block: str, listing: Listing) -> Self:
        items = listing.items
        lead = block[listing.start + 1 : items[0].start]
        ends = [*(item.start for item in items[1:]), listing.end - 1]
        elements, before, comma = [], "", False
        for item, end in zip(items, ends, strict=True):
            text, comma, rest = _at_comma(block[item.end : end])
            own = _OWN_LINE.match(rest)
            after = own[0] if own else ""
            elements.append(_Element(before, block[item.start : item.end] + text, after))
            before = rest[len(after) :]
        return cls(lead, tuple(elements), comma, before)

    def gap(self, otherwise: str) -> str:
        """Return what is to stand before an element that comes in behind another."""
        last = self.elements[-1].before if len(self.elements) > 1 else self.lead
        found = _LAST_BREAK.search(last)
        if found:
            return found[0]
        return last if len(self.elements) > 1 else otherwise

    def written(self) -> str:
        commas = [","] * (len(self.elements) - 1) + ["," * self.trailing_comma]
        texts = (
            f"{one.before}{one.text}{comma}{one.after}"
            for one, comma in zip(self.elements, commas, strict=True)
        )
        return f"[{self.lead}{''.join(texts)}{self.end}]"


def relisted(
    block: str, listing: Listing, entries: Sequence[Entry], like: BracketStyle
) -> list[Patch]:
    """Return the list with other items, those that stay as they are.

    What the list itself does not tell is written `like` others. Raises EditError where a comment
    would have to go.
    """
    if not entries:
        _check_comments(_between(block, listing))
        return [Patch(listing.start, listing.end, "[]")]
    parts = _Parts.of(block, listing)
    gap = parts.gap(" " if "\n" in like.joint else like.joint[1:])
    text = _rearranged(parts, entries, gap).written()
    return [Patch(listing.start, listing.end, text)]


def _rearranged(parts: _Parts, entries: Sequence[Entry], gap: str) -> _Parts:
    there = (replace(parts.elements[0], before=gap), *parts.elements[1:])
    elements = [
        there[entry] if isinstance(entry, int) else _Element(gap, entry, "") for entry in entries
    ]
    stay = {entry for entry in entries if isinstance(entry, int)}
    gone = (one.before for number, one in enumerate(parts.elements) if number not in stay)
    _check_comments(*gone, elements[0].before)
    elements[0] = replace(elements[0], before="")
    return replace(parts, elements=tuple(elements))


def _check_comments(*lost: str) -> None:
    if any("#" in text for text in lost):
        raise EditError(COMMENT_LOST)


def _between(block: str, listing: Listing) -> str:
    """Return all that is neither an item nor an outer bracket: blanks, commas and comments."""
    starts = [listing.start + 1, *(item.end for item in listing.items)]
    ends = [*(item.start for item in listing.items), listing.end - 1]
    return "".join(block[start:end] for start, end in zip(starts, ends, strict=True))


def _at_comma(text: str) -> tuple[str, bool, str]:
    """Split what stands between two items at its comma, which a comment may hold too."""
    at = _COMMENT.sub(lambda comment: " " * len(comment[0]), text).find(",")
    return (text[:at], True, text[at + 1 :]) if at >= 0 else ("", False, text)
