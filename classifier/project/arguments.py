"""Arguments of verbs: names and paths, given as one or several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from classifier.errors import UsageError


def names(values: str | Iterable[str]) -> tuple[str, ...]:
    """Return the names as a tuple. A single str is one name, not a name per letter."""
    return (values,) if isinstance(values, str) else tuple(values)


def to_paths(values: Sequence[str | Path]) -> list[Path]:
    """Return the paths of articles and folders.

    Raises:
        UsageError: One is empty, or is no path.
    """
    for value in values:
        if not isinstance(value, str | Path):
            kind = type(value).__name__
            raise UsageError(f"a path is a str or a Path, not {kind}: give several one by one")
        if "\0" in str(value):
            raise UsageError(f"{str(value)!r} is no path: it has a null byte")
    if "" in values:
        raise UsageError("a path is empty: name a file or folder, or . for the current one")
    return [Path(path) for path in values]


def to_path(value: str | Path | None) -> Path | None:
    """Return the path of a file that need not be named."""
    return None if value is None else Path(value)
