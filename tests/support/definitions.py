"""Categories in one line; `name` is the id."""

from __future__ import annotations

from collections.abc import Sequence

from classifier.models import Category, Instructions, Taxonomy


def category(
    title: str,
    *,
    name: str = "",
    description: str = "How people have made and kept it in all ages",
    topics: Sequence[str] = (),
    exclusions: Sequence[str] = (),
    **others: object,
) -> Category:
    name = name or f"tags/{title.casefold().replace(' ', '-')}"
    return Category(
        id=name,
        kind=name.partition("/")[0],
        title=title,
        description=description,
        instructions=Instructions(topics=tuple(topics), exclusions=tuple(exclusions)),
        **others,
    )


def taxonomy(*categories: Category) -> Taxonomy:
    return Taxonomy(categories=categories)
