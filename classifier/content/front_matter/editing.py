"""Change one key of a file's front matter and nothing else, or refuse to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Final

from classifier.content.front_matter.brackets import Style
from classifier.content.front_matter.model import (
    COMMENT_LOST,
    EditError,
    Entry,
    Listing,
    Patch,
    Scalar,
)
from classifier.content.front_matter.target import Target, find

Labels = Sequence[str] | None
"""None: not even the key is to be there."""
Wanted = Labels | Callable[[tuple[str, ...]], Labels]
"""The labels to be, or what makes them of those that are there."""

_MOST: Final = 500
"""Labels of one key: aligning old and new ones takes a second for this many, and grows fast."""
_NOT_IN_A_LINE: Final = {"Cc", "Cs", "Zl", "Zp"}
_COMMA: Final = re.compile(r", *")


def labels(data: bytes, key: str, *, spaced: bool = False) -> tuple[str, ...]:
    """Return the labels under a key, in order; none where it is missing or empty.

    A value that is one text with commas holds several. Without commas it is one label, or where
    it is `spaced`, one per word. Raises EditError where `edit` would whatever is wanted.
    """
    return _labels(find(data, key), spaced=spaced)


def edit(data: bytes, key: str, wanted: Wanted, *, spaced: bool = False) -> bytes:
    """Return the file with these labels under `key`, written as the file is written.

    Only lines of that key differ from `data`. Labels that stay keep their characters: a number or
    a date stays one. The key is found in any letter case. Raises EditError where that cannot be
    done safely.
    """
    target = find(data, key)
    there = _labels(target, spaced=spaced)
    given = wanted(there) if callable(wanted) else wanted
    if given is None:
        return data if target.field is None else target.without(target.source.drop(target.key))
    asked = tuple(given)
    if asked == there:
        return data
    for text in {*asked, target.key} - {*there}:
        _check_text(text)
    field = target.field
    if field is None:
        return target.with_patches(target.source.add(target.key, asked), list(asked))
    if not there:
        if "#" in target.block[field.start : field.end]:
            raise EditError(COMMENT_LOST)
        return target.with_patches(target.source.fill(field, asked), list(asked))
    if isinstance(field, Listing):
        return _relisted(target, field, asked)
    return _reworded(target, field, there, asked)


def edit_scalar(data: bytes, key: str, number: float) -> bytes:
    """Return the file with `number` (an int or a float) under `key`; otherwise as `edit`."""
    target = find(data, key)
    field, text = target.field, repr(number)
    if type(target.value) in (int, float) and target.value == number:
        return data
    if isinstance(field, Listing):
        raise EditError(f"the value of {target.key!r} is a list, not a number")
    if field is None:
        _check_text(target.key)
        return target.with_patches(target.source.add(target.key, text), number)
    gap = " " if field.start == field.end else ""
    return target.with_patches([Patch(field.start, field.end, gap + text)], number)


def _labels(target: Target, *, spaced: bool) -> tuple[str, ...]:
    found = _found(target.field, spaced=spaced)
    if len(found) > _MOST:
        raise EditError(f"{target.key!r} has more than {_MOST} labels")
    return found


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


def _relisted(target: Target, listing: Listing, asked: Sequence[str]) -> bytes:
    there = [item.label for item in listing.items]
    raws = [target.block[item.start : item.end] for item in listing.items]
    entries: list[Entry] = []
    values: list[Any] = []
    for stays, label in _aligned(there, asked):
        if stays is not None:
            entries.append(stays)
            values.append(target.value[stays])
        elif label in there:  # it moves
            entries.append(raws[there.index(label)])
            values.append(target.value[there.index(label)])
        else:
            entries.append(target.source.quoted(label, raws, alone=listing.block))
            values.append(label)
    return target.with_patches(target.source.relist(listing, entries), values)


def _aligned(there: Sequence[str], asked: Sequence[str]) -> Iterator[tuple[int | None, str]]:
    """Give each label asked for, with the index of the item that can stay where it is for it."""
    matcher = SequenceMatcher(None, there, asked, autojunk=False)
    for what, start, _, first, end in matcher.get_opcodes():
        for number, label in enumerate(asked[first:end]):
            yield (start + number if what == "equal" else None), label


def _reworded(target: Target, field: Scalar, there: Sequence[str], asked: Sequence[str]) -> bytes:
    """Rewrite a value that is one text: with as many commas or spaces, or else as a list."""
    raw = target.block[field.start : field.end]
    if "\n" in raw:
        raise EditError(f"the value of {target.key!r} is a text of several lines")
    comma = _COMMA.search(field.text)
    if not comma and len(there) == 1 < len(field.text.split()):
        raise EditError(
            f"the value of {target.key!r} is a text with spaces, which some read as one label and "
            "others as several; make it a list"
        )
    if comma and any("," in label or label != label.strip() for label in asked):
        raise EditError(f"the value of {target.key!r} is a text with commas, and so is a label")
    if len(there) > 1 < len(asked) and (comma or all(label.split() == [label] for label in asked)):
        text = (comma[0] if comma else " ").join(asked)
        patch = Patch(field.start, field.end, target.source.quoted(text, [raw], alone=True))
        return target.with_patches([patch], text)
    return _listed(target, field, asked)


def _listed(target: Target, field: Scalar, asked: Sequence[str]) -> bytes:
    raw, value = target.block[field.start : field.end], target.value
    number = not isinstance(value, str)
    texts = [
        raw if number and label == field.text else target.source.quoted(label, [raw])
        for label in asked
    ]
    patch = Patch(field.start, field.end, Style().written(texts))
    values = [value if label == field.text else label for label in asked]
    return target.with_patches([patch], values)
