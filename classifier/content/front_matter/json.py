"""JSON front matter, scanned member by member."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from classifier.content.front_matter import brackets
from classifier.content.front_matter.model import EditError, Entry, Item, Listing, Patch, Scalar

_BLANKS: Final = re.compile(r"\s*")
_LINE: Final = re.compile(r"\r?\n[ \t]*\Z")
_DECODER: Final = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class _Member:
    key: str
    start: int
    """Of the key's quote."""
    colon: str
    """What stands between the key and its value."""
    value: Any
    value_start: int
    end: int


class Json:
    def __init__(self, block: str) -> None:
        self._block = block
        self._members = tuple(_members(block, 1))

    @property
    def keys(self) -> list[str]:
        return [member.key for member in self._members]

    def field(self, key: str) -> Listing | Scalar | None:
        found = next((member for member in self._members if member.key == key), None)
        if found is None and "." in key:
            found = next((member for name, member in self._inner() if name == key), None)
        if found is None:
            return None
        if isinstance(found.value, dict):
            raise EditError(f"the value of {key!r} is not a list of labels but an object")
        if isinstance(found.value, list):
            if not _is_flat(found.value):
                raise EditError(f"a label of {key!r} is itself a list or an object")
            return self._listing(found)
        raw = self._block[found.value_start : found.end]
        text = "" if found.value is None else _said(found.value, raw)
        return Scalar(text=text, start=found.value_start, end=found.end)

    def inner_keys(self) -> list[str]:
        return [name for name, _ in self._inner()]

    def _inner(self) -> Iterator[tuple[str, _Member]]:
        for member in self._members:
            yield from _within(self._block, member.key, member)

    def quoted(self, label: str, beside: Sequence[str] = (), *, alone: bool = False) -> str:  # noqa: ARG002 - one style
        return json.dumps(label, ensure_ascii=False)

    def relist(self, listing: Listing, entries: Sequence[Entry]) -> list[Patch]:
        return brackets.relisted(self._block, listing, entries, self._style)

    def fill(self, field: Listing | Scalar, labels: Sequence[str]) -> list[Patch]:
        return [Patch(field.start, field.end, self._written(labels))]

    def add(self, new: Mapping[str, Sequence[str] | str]) -> list[Patch]:
        colon = self._members[-1].colon if self._members else ": "
        texts = [
            f"{self.quoted(key)}{colon}{value if isinstance(value, str) else self._written(value)}"
            for key, value in new.items()
        ]
        if not self._members:
            return [Patch(1, 1, ", ".join(texts))]
        end = self._members[-1].end
        return [Patch(end, end, "".join(f",{self._gap}{text}" for text in texts))]

    def add_inner(self, outer: str, inner: str, written: str) -> list[Patch]:
        found = next((member for member in self._members if member.key == outer), None)
        colon = self._members[-1].colon if self._members else ": "
        text = f"{self.quoted(inner)}{colon}{written}"
        if found is None:
            return self.add({outer: f"{{{text}}}"})
        if not isinstance(found.value, dict):
            raise EditError(f"the value of {outer!r} holds no keys, so none can be added")
        members = list(_members(self._block, found.value_start + 1))
        if not members:
            return [Patch(found.value_start + 1, found.end - 1, text)]
        lead = self._block[found.value_start + 1 : members[0].start]
        return [Patch(members[-1].end, members[-1].end, f",{lead or ' '}{text}")]

    def drop(self, key: str) -> list[Patch]:
        number = self.keys.index(key)
        one = self._members[number]
        if number:
            return [Patch(self._members[number - 1].end, one.end, "")]
        if len(self._members) > 1:
            return [Patch(one.start, self._members[1].start, "")]
        return [Patch(1, len(self._block) - 1, "")]

    @property
    def _gap(self) -> str:
        """What stands between a comma, or the opening brace, and the last member."""
        if len(self._members) < 2:
            lead = self._block[1 : self._members[0].start]
            return lead if "\n" in lead else self._members[0].colon.partition(":")[2]
        between = self._block[self._members[-2].end : self._members[-1].start]
        return between.lstrip(" \t\r\n").removeprefix(",")

    def _listing(self, member: _Member) -> Listing:
        items = tuple(
            Item(_said(value, self._block[start:end]), start, end)
            for value, start, end in _elements(self._block, member.value_start + 1)
        )
        return Listing(items=items, start=member.value_start, end=member.end)

    def _written(self, labels: Sequence[str]) -> str:
        return self._style.written([self.quoted(label) for label in labels])

    @property
    def _style(self) -> brackets.BracketStyle:
        lists = [
            self._listing(member)
            for member in self._members
            if isinstance(member.value, list) and _is_flat(member.value) and member.value
        ]
        if lists:
            return brackets.BracketStyle.among(self._block, lists)
        line = _LINE.match(self._gap) if self._members else None
        if not line:
            return brackets.BracketStyle()
        margin = line[0].lstrip("\r\n")
        return brackets.BracketStyle(line[0] + margin, f",{line[0]}{margin}", line[0])


def _is_flat(values: Sequence[object]) -> bool:
    return not any(isinstance(value, dict | list) for value in values)


def _within(block: str, name: str, member: _Member) -> Iterator[tuple[str, _Member]]:
    if isinstance(member.value, dict):
        for inner in _members(block, member.value_start + 1):
            yield f"{name}.{inner.key}", inner
            yield from _within(block, f"{name}.{inner.key}", inner)


def _members(block: str, at: int) -> Iterator[_Member]:
    at = _skip(block, at)
    while block.startswith('"', at):
        key, end = _DECODER.raw_decode(block, at)
        value_start = _skip(block, _skip(block, end) + 1)
        value, value_end = _DECODER.raw_decode(block, value_start)
        yield _Member(key, at, block[end:value_start], value, value_start, value_end)
        at = _next(block, value_end)


def _elements(block: str, at: int) -> Iterator[tuple[Any, int, int]]:
    at = _skip(block, at)
    while not block.startswith("]", at):
        value, end = _DECODER.raw_decode(block, at)
        yield value, at, end
        at = _next(block, end)


def _next(block: str, at: int) -> int:
    """Go past a comma, where there is one."""
    at = _skip(block, at)
    return _skip(block, at + 1) if block.startswith(",", at) else at


def _skip(block: str, at: int) -> int:
    found = _BLANKS.match(block, at)
    return found.end() if found else at


def _said(value: object, raw: str) -> str:
    return value if isinstance(value, str) else raw
