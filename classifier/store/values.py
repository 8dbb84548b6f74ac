"""Checks of the values in the file, which may be damaged, or a stranger's."""

from __future__ import annotations

import json
import math
import zlib
from dataclasses import fields
from typing import Any, Final

from classifier.models import Usage

UNPACKED_BYTES: Final = 16 << 20
"""What a compressed value may unpack to: thousands of judgements with their texts."""
_LONGEST_JSON: Final = 8 << 20
"""Characters."""
FIRST_MOMENT: Final = -62_104_060_800
"""The beginning of the year 2, the first that is a date in every time zone: a clock that is wrong
may say any year."""
LAST_MOMENT: Final = 253_402_300_799
"""The end of the year 9999, the last that a date can have."""
_MOST: Final = 1 << 62

DAMAGE: Final = (ValueError, TypeError, KeyError, AttributeError, OverflowError)
"""What the functions here, and whatever is made of their values, raise for a damaged value."""


def text(value: Any) -> str:
    """Return the text; raise one of `DAMAGE` for anything else, as all functions here."""
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} where a text belongs")
    return value


def binary(value: Any) -> bytes:
    """Return the bytes."""
    if not isinstance(value, bytes):
        raise TypeError(f"{type(value).__name__} where bytes belong")
    return value


def whole(value: Any) -> int:
    """Return the number, at least 0."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _MOST:
        raise ValueError("a number that cannot be")
    return value


def unit(value: Any) -> float:
    """Return the number, 0-1."""
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError("a number that is not between 0 and 1")
    return value


def moment(value: Any) -> float:
    """Return the seconds since 1970, below 0 for years before, of a time that a date has."""
    if not isinstance(value, int | float) or not FIRST_MOMENT <= value <= LAST_MOMENT:
        raise ValueError("a time that cannot be")
    return value


def amount(value: Any) -> float:
    """Return the US dollars."""
    if not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ValueError("a cost that cannot be")
    return value


def loads(value: Any) -> Any:
    """Return what a JSON text says."""
    if len(text(value)) > _LONGEST_JSON:
        raise ValueError("a text that is too long")
    return _json(value)


def texts(value: Any) -> tuple[str, ...]:
    """Return the items of a JSON list of texts."""
    found = loads(value)
    if not isinstance(found, list):
        raise TypeError("no list")
    return tuple(map(text, found))


def usage(value: Any) -> Usage:
    """Return the usage that a JSON text says."""
    found = Usage(**loads(value))
    for field in fields(Usage):
        if field.name != "cost":
            whole(getattr(found, field.name))
    if found.cost is not None:
        amount(found.cost)
    return found


def compress(value: object) -> bytes:
    """Return JSON, compressed."""
    # Not as \\u escapes: those would join two surrogates that came apart into one character.
    document = json.dumps(value, ensure_ascii=False)
    return zlib.compress(document.encode("utf-8", "surrogatepass"))


def decompress(data: Any) -> Any:
    """Return what `compress` was given."""
    unpacking = zlib.decompressobj()
    try:
        unpacked = unpacking.decompress(binary(data), UNPACKED_BYTES)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not unpacking.eof:
        raise ValueError("cannot decompress: cut off, or more than it ever holds")
    return _json(unpacked.decode("utf-8", "surrogatepass"))


def _json(value: str) -> Any:
    try:
        return json.loads(value)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
