"""Parts of what annotation tools export."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from classifier.exchange.pairs import KEYS, PREFIX, PairKey


class UnreadableRecordError(Exception):
    """A record cannot be understood; the message goes on after its number."""


def key_of(values: Mapping[str, Any]) -> PairKey:
    """Return what a record is about."""
    parts = {name: values.get(f"{PREFIX}{name}") for name in KEYS}
    if not all(isinstance(value, str) and value for value in parts.values()):
        raise UnreadableRecordError(
            "is not from `classify verdicts export`: parts of its key are missing"
        )
    return PairKey(**{name: str(value) for name, value in parts.items()})


def text_of(value: object) -> str:
    """Return a text, also where it is the only one in a list."""
    if isinstance(value, list):
        value = value[0] if len(value) == 1 else "\n".join(map(str, value))
    return "" if value is None else str(value).strip()
