"""Which categories to merge, retire, split and add, by the labels that articles have. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from classifier.lint.labels import ENOUGH_FOR_ALWAYS, SAME, SUPPORT, LabelCounts
from classifier.models import Category, Taxonomy

ENOUGH: Final = ENOUGH_FOR_ALWAYS
"""Judged articles needed to call a category unused or too wide."""
WIDE: Final = 1 / 3
"""Share of the articles from which a category may be several."""


@dataclass(frozen=True, slots=True)
class Merge:
    """Two categories of a kind that the same articles have."""

    one: Category
    other: Category
    both: int
    """Articles with both labels."""
    either: int
    """Articles with at least one of them."""


@dataclass(frozen=True, slots=True)
class Retire:
    """A category that no article has, by a run or by hand."""

    category: Category
    articles: int
    """How many were judged."""
    highest: float
    """The highest confidence (0-1) of any."""


@dataclass(frozen=True, slots=True)
class ArticleGroup:
    """Articles about the same, and a draft of what that is."""

    title: str
    description: str
    """Typical sentences of the articles; may be empty."""
    terms: tuple[str, ...]
    """Distinctive words, the best first."""
    articles: tuple[str, ...]
    """Paths, the most typical first."""


@dataclass(frozen=True, slots=True)
class Split:
    """A category that a third of all articles have, or more."""

    category: Category
    articles: int
    """With the label."""
    judged: int
    parts: tuple[ArticleGroup, ...]
    """Groups of them; may be empty."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A label that an article would lose to a new category."""

    path: str
    category: Category


@dataclass(frozen=True, slots=True)
class Missing:
    """A category that articles without a label lack."""

    kind: str
    group: ArticleGroup
    others: tuple[str, ...]
    """Articles that have labels and would get this one, too."""
    takes: tuple[Taken, ...]
    """Labels that articles would lose because a kind has an upper limit."""


@dataclass(frozen=True, slots=True)
class Suggestions:
    articles: int
    """How many are judged."""
    unlabelled: int
    merge: tuple[Merge, ...]
    retire: tuple[Retire, ...]
    split: tuple[Split, ...]
    missing: tuple[Missing, ...]
    first: bool = False
    """Whether there are no categories yet, so `missing` are those to start with."""


def merges(taxonomy: Taxonomy, counts: LabelCounts) -> Iterator[Merge]:
    """Yield categories of one kind that are on the same articles, half of them or more."""
    by_id = {category.id: category for category in taxonomy.categories}
    for (one, other), both in sorted(counts.together.items(), key=lambda it: (-it[1], it[0])):
        this, that = by_id[one], by_id[other]
        each = counts.labelled[one], counts.labelled[other]
        either = sum(each) - both
        if this.kind == that.kind and min(each) >= SUPPORT and both >= SAME * either:
            yield Merge(this, that, both, either)


def retirements(taxonomy: Taxonomy, counts: LabelCounts) -> Iterator[Retire]:
    """Yield categories that no judged article has, those that come closest last."""
    unused = [
        Retire(category, judged, counts.highest[category.id])
        for category in taxonomy.categories
        if (judged := counts.judged.get(category.id, 0)) >= ENOUGH
        and not counts.labelled.get(category.id)
    ]
    yield from sorted(unused, key=lambda it: (it.highest, it.category.id))


def wide(taxonomy: Taxonomy, counts: LabelCounts) -> list[Category]:
    """Return the categories that a third of the judged articles have, the widest first."""
    found = [
        category
        for category in taxonomy.categories
        if (judged := counts.judged.get(category.id, 0)) >= ENOUGH
        and counts.labelled.get(category.id, 0) >= WIDE * judged
    ]
    return sorted(found, key=lambda category: (-counts.labelled[category.id], category.id))
