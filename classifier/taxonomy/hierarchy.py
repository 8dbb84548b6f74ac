"""Broader and narrower categories: from names, folders and slashes to ids without cycles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from classifier.models import Category
from classifier.taxonomy.labels import LabelIndex

_DEEPEST: Final = 64
"""Levels; deeper ones are left out of a category's path."""


def connected(categories: Sequence[Category], warnings: list[str]) -> tuple[Category, ...]:
    """Return the categories with ids for parents, and with their paths.

    A category without `parent` is below the one whose id, with a slash, its own begins with. A
    parent is of the same kind. Unknown and ambiguous parents, and those that close a circle, are
    left out with a warning each.
    """
    index = LabelIndex(categories) if any(c.parents for c in categories) else None
    by_id = {category.id: category for category in categories}
    parents: dict[str, tuple[str, ...]] = {}
    for category in categories:
        if category.parents and index is not None:
            found = tuple(dict.fromkeys(_named(category, index, warnings)))
        else:
            found = tuple(_above(category.id, by_id))
        if found:
            parents[category.id] = found
    if not parents and index is None:
        return tuple(categories)
    parents, cut = without_circles(parents)
    warnings += (
        f"{by_id[child].source!r}: {circle(by_id[child].title, by_id[parent].title)}"
        for child, parent in cut
    )
    return tuple(
        replace(c, parents=parents.get(c.id, ()), path=_path(c.id, parents, by_id))
        if c.parents or c.id in parents
        else c
        for c in categories
    )


def in_order(categories: Sequence[Category]) -> Iterator[tuple[Category, int]]:
    """Yield each category once, a parent before its children, with its depth (0: at the top).

    One with several parents is below the first that is among `categories`.
    """
    ids = {category.id for category in categories}
    below: dict[str | None, list[Category]] = {}
    for category in categories:
        first = next((parent for parent in category.parents if parent in ids), None)
        below.setdefault(first, []).append(category)
    left = [(category, 0) for category in reversed(below.get(None, []))]
    while left:
        category, depth = left.pop()
        yield category, depth
        left += [(child, depth + 1) for child in reversed(below.get(category.id, []))]


def _named(category: Category, index: LabelIndex, warnings: list[str]) -> Iterator[str]:
    for name in category.parents:
        found = [c for c in index.find(name, {category.kind}) if c.id != category.id]
        if len(found) == 1:
            yield found[0].id
        elif found:
            ids = ", ".join(c.id for c in found[:5])
            warnings.append(
                f"{category.source!r}: the parent {name[:60]!r} may be {ids}; use an id"
            )
        else:
            warnings.append(
                f"{category.source!r}: the parent {name[:60]!r} is no other category of kind "
                f"{category.kind!r}"
            )


def _above(id_: str, known: Mapping[str, Category]) -> Iterator[str]:
    """Yield the nearest category that has this one in its folder."""
    above = id_.rpartition("/")[0]
    while "/" in above:
        if above in known:
            yield above
            return
        above = above.rpartition("/")[0]


def without_circles(
    parents: Mapping[str, Sequence[str]],
) -> tuple[dict[str, tuple[str, ...]], list[tuple[str, str]]]:
    """Leave out each link to a parent that leads back to where it begins (depth-first).

    Args:
        parents: Ids of the parents by id.

    Returns:
        The links that are kept, and those left out, as pairs of a child and its parent.
    """
    kept: dict[str, list[str]] = {}
    cut: list[tuple[str, str]] = []
    done: set[str] = set()
    for start in parents:
        way: dict[str, Iterator[str]] = {}
        if start not in done:
            way[start] = iter(parents[start])
            kept[start] = []
        while way:
            last = next(reversed(way))
            for parent in way[last]:
                if parent in way:
                    cut.append((last, parent))
                    continue
                kept[last].append(parent)
                if parent not in done and parent in parents:
                    way[parent] = iter(parents[parent])
                    kept[parent] = []
                    break
            else:
                done.add(last)
                del way[last]
    return {id_: tuple(found) for id_, found in kept.items() if found}, cut


def circle(child: str, parent: str) -> str:
    """Return the warning about a link that `without_circles` left out, from two titles."""
    return f"the parent {parent[:60]!r} is below {child[:60]!r} itself; ignored"


def _path(
    id_: str, parents: Mapping[str, tuple[str, ...]], by_id: Mapping[str, Category]
) -> tuple[str, ...]:
    titles: list[str] = []
    while (above := parents.get(id_)) and len(titles) < _DEEPEST:
        id_ = above[0]
        titles.append(by_id[id_].title)
    return tuple(reversed(titles))
