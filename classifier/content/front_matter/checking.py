"""What must hold after an edit: all else reads as before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    # A key that was added is in the file as it is now alone.
    metas = [before.meta, after.meta]
    paths = {
        name: next((path for meta in metas if len(path := path_of(meta, name)) > 1), (name,))
        for name in expected
    }
    new, old = (_without(front.meta, paths.values()) for front in (after, before))
    if not _same(new, old, set()):
        keys = ", ".join(map(repr, expected))
        raise EditError(f"editing {keys} would change another key")
    for key, value in expected.items():
        *parents, last = paths[key]
        holder = value_at(after.meta, parents)
        there = isinstance(holder, Mapping) and last in holder
        if there is (value is None) or (there and not _same(holder[last], value, set())):
            raise EditError(MISREAD)
    return after


def path_of(meta: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the keys that lead to a value: one, or several for a key within others."""
    path = tuple(name.split("."))
    *parents, last = path
    holder = value_at(meta, parents) if name not in meta else None
    return path if isinstance(holder, Mapping) and last in holder else (name,)


def value_at(meta: Any, path: Iterable[str]) -> Any:
    """Return the value that some keys lead to; None where there is none."""
    for key in path:
        meta = meta.get(key) if isinstance(meta, Mapping) else None
    return meta


def _without(meta: Mapping[str, Any], paths: Iterable[tuple[str, ...]]) -> dict[str, Any]:
    left = dict(meta)
    for first, *rest in paths:
        if rest and isinstance(left.get(first), Mapping):
            left[first] = _without(left[first], [tuple(rest)])
            if not left[first]:
                del left[first]
        elif not rest:
            left.pop(first, None)
    return left


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
