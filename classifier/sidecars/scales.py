"""Conversion of numbers and times to the file's units and back, without loss."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

CONFIDENCE: Final = "ai_confidence"

_ASPECT: Final = "ai_"
_TIME: Final = re.compile(
    r"((?:19[7-9]\d|2\d{3})-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,20}))?(Z|[+-]\d\d:\d\d)?"
)


def to_percent(from_percent: float) -> float:
    """Return 0-100 for 0-1. Exact up to 12 decimals; scorers give 4."""
    return round(from_percent * 100, 10)


def from_percent(to_percent: float) -> float:
    return round(to_percent / 100, 12)


def aspect_key(aspect_of: str) -> str:
    """Return the key of an aspect; it never equals that of the confidence."""
    return f"{_ASPECT}{aspect_of}_" if _like_the_confidence(aspect_of) else f"{_ASPECT}{aspect_of}"


def aspect_of(key: str) -> str | None:
    """Return the aspect of a key; None for other keys."""
    if key == CONFIDENCE or not key.startswith(_ASPECT):
        return None
    name = key.removeprefix(_ASPECT)
    return name.removesuffix("_") if _like_the_confidence(name) else name


def _like_the_confidence(aspect_of: str) -> bool:
    return aspect_of.rstrip("_") == "confidence"


def to_iso(from_iso: float) -> str:
    """Return seconds since the epoch as ISO 8601 in UTC, with all decimals."""
    whole, _, fraction = format(Decimal(repr(from_iso)), "f").partition(".")
    text = datetime.fromtimestamp(int(whole), UTC).isoformat().removesuffix("+00:00")
    return f"{text}.{fraction}Z" if fraction.strip("0") else f"{text}Z"


def from_iso(to_iso: str) -> float:
    """Return seconds since the epoch; a time without a zone is UTC.

    Raises:
        ValueError: It is not a time.
    """
    match = _TIME.fullmatch(to_iso)
    if match is None:
        raise ValueError(f"not a time: {to_iso!r}")
    day, time, fraction, zone = match.groups()
    zone = "+00:00" if zone in (None, "Z") else zone
    whole = int(datetime.fromisoformat(f"{day}T{time}{zone}").timestamp())
    return float(f"{max(whole, 0)}.{fraction or 0}")
