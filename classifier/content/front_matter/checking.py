"""What must hold after an edit: all else reads as before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from classifier.content.front_matter import reading
from classifier.content.front_matter.model import EditError
from classifier.content.front_matter.reading import FrontMatter

MISREAD: Final = "the edit would not read back correctly"


def reread(before: FrontMatter, text: str, expected: Mapping[str, object]) -> FrontMatter:
    """Parse an edited file.

    Args:
        before: The front matter that the file had.
        text: The edited file.
        expected: The value of every key that was edited or added; None of one that was removed.

    Raises:
        EditError: The body, another key or the order of the others differs, or an edited key does
            not have its value.
    """
    try:
        after = reading.parse(text)
    except reading.FrontMatterError:
        raise EditError(MISREAD) from None
    if (after.format, after.body) != (before.format, before.body):
        raise EditError(MISREAD)
    if not _same(_without(after.meta, expected), _without(before.meta, expected), set()):
        keys = ", ".join(map(repr, expected))
        raise EditError(f"editing {keys} would change another key")
    for key, value in expected.items():
        there = key in after.meta
        if there is (value is None) or not _same(after.meta.get(key), value, set()):
            raise EditError(MISREAD)
    return after


def _without(meta: Mapping[str, Any], keys: Mapping[str, object]) -> dict[str, Any]:
    return {name: value for name, value in meta.items() if name not in keys}


def _same(one: Any, other: Any, seen: set[tuple[int, int]]) -> bool:
    """Compare types, values and the order of keys.

    Aliases can make a few lines stand for a tree without end, so no two values meet twice: `seen`
    knows them by their ids, which nothing else can take while both trees are held.
    """
    if type(one) is not type(other):
        return False
    if not isinstance(one, dict | list):
        return bool(one == other) or repr(one) == repr(other) == "nan"
    if (id(one), id(other)) in seen:
        return True
    seen.add((id(one), id(other)))
    keys = list(one) if isinstance(one, dict) else range(len(one))
    if keys != (list(other) if isinstance(other, dict) else range(len(other))):
        return False
    return all(_same(one[key], other[key], seen) for key in keys)
