"""Conversion of numbers and times to the file's units and back, without loss."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

CONFIDENCE: Final = "ai_confidence"
PENALTY_DETAILS: Final = "ai_penalty_details"
PENALTY_POINTS: Final = "ai_penalty_points"
"""Of 100."""
PENALTY: Final = "penalty"
"""The aspect that holds the points."""

_TEN: Final = frozenset(
    ("resourceId", "itemId", "ai_penalties_applied", "ai_intent", "ai_audience", "ai_signal")
)
"""Keys of another program's entries whose aspects are 0-10; of those before, they are 0-100."""
_RESERVED: Final = frozenset(("confidence", "penalties_applied", "penalty_details"))
"""What follows `ai_` in keys that hold no aspect."""
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
    """Return the key of an aspect; it never equals a key that holds something else."""
    return f"{_ASPECT}{aspect_of}_" if _reserved(aspect_of) else f"{_ASPECT}{aspect_of}"


def aspect_of(key: str) -> str | None:
    """Return the aspect of a key; None for other keys."""
    name = key.removeprefix(_ASPECT)
    if not key.startswith(_ASPECT) or name in _RESERVED:
        return None
    return name.removesuffix("_") if _reserved(name) else name


def _reserved(aspect_of: str) -> bool:
    return aspect_of.rstrip("_") in _RESERVED


def legacy_aspects(raw: Mapping[str, Any]) -> dict[str, float]:
    """Return the aspects of another program's entry in percent, some perhaps outside 0-100.

    The entry alone shows their scale: one with an id, penalties or intent has aspects of 0-10.
    """
    scale = 1 if _TEN.isdisjoint(raw) else 10
    found: dict[str, float] = {}
    for key, value in raw.items():
        name = aspect_of(key)
        if name is None or isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if key != PENALTY_POINTS:
            found[name] = value * scale
        elif value:
            found[PENALTY] = value
    return found


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
