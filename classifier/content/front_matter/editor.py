"""Change some keys of a file's front matter and nothing else, or refuse to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain
from typing import Any, Final

from classifier.content.front_matter import checking, reading
from classifier.content.front_matter.brackets import BracketStyle
from classifier.content.front_matter.json import Json
from classifier.content.front_matter.model import (
    COMMENT_LOST,
    EditError,
    Entry,
    Listing,
    Patch,
    Scalar,
    Source,
    patched,
)
from classifier.content.front_matter.reading import FrontMatter
from classifier.content.front_matter.yaml import Yaml

Labels = Sequence[str] | None
"""None: remove the key."""
Wanted = Labels | Callable[[tuple[str, ...]], Labels]
"""The labels to write, or a function that makes them of those that are there."""

_MOST: Final = 500
"""Labels of one key: aligning old and new ones takes a second for this many, and grows fast."""
_NOT_IN_A_LINE: Final = {"Cc", "Cs", "Zl", "Zp"}
_COMMA: Final = re.compile(r", *")
_BOM: Final = "\ufeff"


@dataclass(frozen=True, slots=True)
class _Change:
    """What becomes of one key."""

    labels: tuple[str, ...]
    value: object
    """As a reader of the edited file gets it; None where the key is removed."""
    patches: Sequence[Patch] = ()
    new: Sequence[str] | str | None = None
    """For a key that is not there: its labels, or its value as it is to be written."""


class Editor:
    """Labels and numbers for the front matter of one file, written as the file is written.

    The file is parsed by whoever read it, and once more by `finish`. Only lines of the edited keys
    differ afterwards. Labels that stay keep their characters: a number or a date stays one. A key
    is found in any letter case. Every method raises EditError for what it cannot do safely.
    """

    def __init__(
        self,
        text: str,
        front: FrontMatter,
        *,
        spaced: bool | Collection[str] = False,
        create: bool = False,
    ) -> None:
        """Take the front matter of a file apart.

        Args:
            text: The file, decoded.
            front: What `reading.parse` made of it.
            spaced: A value that is one text without commas holds a label per word: under every
                key, or under these.
            create: A file without front matter is given some, if a key is written.

        Raises:
            EditError: There is no front matter, or it cannot be edited.
        """
        self._before = text, front
        if front.block is None:
            if problem := reading.unread(text):
                raise EditError(f"its front matter {problem}")
            if not create:
                raise EditError("it has no front matter; `create` adds it")
            text, front = _with_block(text, front)
        self._text, self._front, self._spaced = text, front, spaced
        start, end = front.block or (0, 0)
        self._block = text[start:end]
        with _bounded():
            self._source = _source(front.format, self._block, _newline(text))
        self._fields: dict[str, Listing | Scalar | None] = {}
        self._changes: dict[str, _Change] = {}

    def labels(self, key: str) -> tuple[str, ...]:
        """Return the labels under a key, in order, edits included; none where it is missing.

        A value that is one text with commas holds several. Without commas it is one label, or where
        it is `spaced`, one per word.
        """
        name = self._spelled(key)
        changed = self._changes.get(name)
        return changed.labels if changed else self._there(name, self._field(name))

    def set_labels(self, key: str, wanted: Wanted) -> None:
        """Put these labels under a key."""
        name = self._spelled(key)
        given = wanted(self.labels(key)) if callable(wanted) else wanted
        field = self._field(name)
        there = self._there(name, field)
        self._changes.pop(name, None)
        if given is None:
            if field is not None:
                self._changes[name] = _Change((), None, self._source.drop(name))
        elif tuple(given) != there:
            self._changes[name] = self._relabelled(name, field, there, tuple(given))

    def set_number(self, key: str, number: float) -> None:
        """Put a number (an int or a float) under a key; `outer.inner` is one within another."""
        name = self._spelled(key, adding=True)
        field, value, text = self._field(name), self._value(name), repr(number)
        if isinstance(field, Listing) or isinstance(self._changes.get(name, _NONE).value, list):
            raise EditError(f"the value of {name!r} is a list, not a number")
        self._changes.pop(name, None)
        if type(value) in (int, float) and value == number:
            return
        if field is None:
            _check_text(name)
            outer, _, inner = name.partition(".")
            if inner:
                outer = self._spelled(outer)
                patches = self._source.add_inner(outer, inner, text)
                self._changes[f"{outer}.{inner}"] = _Change((text,), number, patches)
            else:
                self._changes[name] = _Change((text,), number, new=text)
            return
        gap = " " if field.start == field.end else ""
        patch = Patch(field.start, field.end, gap + text)
        self._changes[name] = _Change((text,), number, [patch])

    def finish(self) -> tuple[str, FrontMatter]:
        """Return the edited file, decoded, and its front matter.

        Raises:
            EditError: Read again, it would differ in anything but the edited keys.
        """
        if not self._changes:
            return self._before
        patches = list(chain.from_iterable(one.patches for one in self._changes.values()))
        new = {name: one.new for name, one in self._changes.items() if one.new is not None}
        if new:
            patches += self._source.add(new)
        start, end = self._front.block or (0, 0)
        text = self._text[:start] + patched(self._block, patches) + self._text[end:]
        expected = {name: one.value for name, one in self._changes.items()}
        with _bounded():
            return text, checking.reread(self._front, text, expected)

    # --- what is there ----------------------------------------------------------------------------

    def _spelled(self, key: str, *, adding: bool = False) -> str:
        """Return a key as the file spells it; `adding`, a key within another may be missing."""
        new = (name for name, change in self._changes.items() if change.new is not None)
        names = (*self._source.keys, *new)
        found = [one for one in names if one.casefold() == key.casefold()]
        if len(found) > 1:
            raise EditError(f"{key!r} occurs more than once")
        if not found and "." in key:
            with _bounded():
                inner = self._source.inner_keys()
            found = [one for one in inner if one.casefold() == key.casefold()]
            if len(found) == 1:
                return found[0]
            if found:
                raise EditError(f"{key!r} is there more than once")
            if not adding or key.count(".") > 1:
                raise EditError(f"{key!r} is missing, and a nested key cannot be added")
        return found[0] if found else key

    def _field(self, name: str) -> Listing | Scalar | None:
        if name not in self._fields:
            with _bounded():
                self._fields[name] = self._source.field(name)
        return self._fields[name]

    def _value(self, name: str) -> Any:
        return checking.value_at(self._front.meta, checking.path_of(self._front.meta, name))

    def _there(self, name: str, field: Listing | Scalar | None) -> tuple[str, ...]:
        spaced = self._spaced
        if not isinstance(spaced, bool):
            spaced = name.lower() in {key.lower() for key in spaced}
        found = _found(field, spaced=spaced)
        if len(found) > _MOST:
            raise EditError(f"{name!r} has more than {_MOST} labels")
        return found

    # --- what is wanted ---------------------------------------------------------------------------

    def _relabelled(
        self,
        name: str,
        field: Listing | Scalar | None,
        there: tuple[str, ...],
        asked: tuple[str, ...],
    ) -> _Change:
        for text in {*asked, name} - {*there}:
            _check_text(text)
        if field is None:
            return _Change(asked, list(asked), new=asked)
        if not there:
            if "#" in self._block[field.start : field.end]:
                raise EditError(COMMENT_LOST)
            return _Change(asked, list(asked), self._source.fill(field, asked))
        if isinstance(field, Listing):
            return self._relisted(name, field, asked)
        return self._reworded(name, field, there, asked)

    def _relisted(self, name: str, listing: Listing, asked: tuple[str, ...]) -> _Change:
        there = [item.label for item in listing.items]
        raws = [self._block[item.start : item.end] for item in listing.items]
        value = self._value(name)
        entries: list[Entry] = []
        values: list[Any] = []
        for stays, label in _aligned(there, asked):
            if stays is not None:
                entries.append(stays)
                values.append(value[stays])
            elif label in there:  # it moves
                entries.append(raws[there.index(label)])
                values.append(value[there.index(label)])
            else:
                entries.append(self._source.quoted(label, raws, alone=listing.block))
                values.append(label)
        return _Change(asked, values, self._source.relist(listing, entries))

    def _reworded(
        self, name: str, field: Scalar, there: Sequence[str], asked: tuple[str, ...]
    ) -> _Change:
        """Rewrite a value that is one text: with as many commas or spaces, or else as a list."""
        raw = self._block[field.start : field.end]
        if "\n" in raw:
            raise EditError(f"the value of {name!r} is a text of several lines")
        comma = _COMMA.search(field.text)
        if not comma and len(there) == 1 < len(field.text.split()):
            raise EditError(
                f"the value of {name!r} is a text with spaces, which some read as one label and "
                "others as several; make it a list"
            )
        if comma and any("," in label or label != label.strip() for label in asked):
            raise EditError(
                f"the value of {name!r} is separated by commas, and a label contains one"
            )
        words = all(label.split() == [label] for label in asked)
        if len(there) > 1 < len(asked) and (comma or words):
            text = (comma[0] if comma else " ").join(asked)
            written = self._source.quoted(text, [raw], alone=True)
            return _Change(asked, text, [Patch(field.start, field.end, written)])
        return self._listed(name, field, asked)

    def _listed(self, name: str, field: Scalar, asked: tuple[str, ...]) -> _Change:
        raw, value = self._block[field.start : field.end], self._value(name)
        number = not isinstance(value, str)
        texts = [
            raw if number and label == field.text else self._source.quoted(label, [raw])
            for label in asked
        ]
        values = [value if label == field.text else label for label in asked]
        return _Change(
            asked, values, [Patch(field.start, field.end, BracketStyle().written(texts))]
        )


_NONE: Final = _Change((), None)


@contextmanager
def _bounded() -> Iterator[None]:
    try:
        yield
    except RecursionError:
        raise EditError("its front matter is nested too deeply") from None


def _source(kind: reading.Format, block: str, newline: str) -> Source:
    if kind == "yaml":
        return Yaml(block, newline)
    if kind == "json":
        return Json(block)
    from classifier.content.front_matter.toml import Toml

    return Toml(block, newline)


def _newline(text: str) -> str:
    return "\r\n" if text.partition("\n")[0].endswith("\r") else "\n"


def _with_block(text: str, front: FrontMatter) -> tuple[str, FrontMatter]:
    """Return a file that has no front matter with an empty block."""
    mark = text[: len(text) - len(front.body)]
    fence = f"---{_newline(text)}"
    at = len(mark) + len(fence)
    empty = FrontMatter(
        meta={}, format="yaml", body=front.body, body_start=at + len(fence), block=(at, at)
    )
    return f"{mark}{fence}{fence}{front.body}", empty


def _found(field: Listing | Scalar | None, *, spaced: bool) -> tuple[str, ...]:
    if field is None:
        return ()
    if isinstance(field, Listing):
        return tuple(item.label for item in field.items)
    if "," in field.text:
        return tuple(filter(None, (part.strip() for part in field.text.split(","))))
    if spaced:
        return tuple(field.text.split())
    return (field.text,) if field.text.strip() else ()


def _check_text(text: str) -> None:
    if not text.strip():
        raise EditError("a label for it is empty")
    if any(unicodedata.category(character) in _NOT_IN_A_LINE for character in text):
        raise EditError(f"a label for it has a line break or a control character: {text!a}")


def _aligned(there: Sequence[str], asked: Sequence[str]) -> Iterator[tuple[int | None, str]]:
    """Give each label asked for, with the index of the item that can stay where it is for it."""
    matcher = SequenceMatcher(None, there, asked, autojunk=False)
    for what, start, _, first, end in matcher.get_opcodes():
        for number, label in enumerate(asked[first:end]):
            yield (start + number if what == "equal" else None), label
