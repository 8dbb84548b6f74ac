"""Arguments that are several names."""

from __future__ import annotations

from collections.abc import Iterable


def names(values: str | Iterable[str]) -> tuple[str, ...]:
    """Return the names as a tuple. A single str is one name, not a name per letter."""
    return (values,) if isinstance(values, str) else tuple(values)
