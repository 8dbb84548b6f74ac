"""The labels of a field as a vocabulary: spellings that are one label, parents, rare ones."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from classifier.models import Category
from classifier.site.fields import LabelField
from classifier.taxonomy.labels import LabelIndex, label_key

Written: TypeAlias = Literal["title", "slug", "path", "id"]
"""How a category is written in articles, as in `[fields.KIND]` of the settings."""

_SLUG: Final = re.compile(r"[^\W_A-Z]+(?:[-_.][^\W_A-Z]+)*(?:/[^\W_A-Z]+(?:[-_.][^\W_A-Z]+)*)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteLabel:
    """Spellings that are one label (see `taxonomy.labels.label_key`)."""

    key: str
    spellings: tuple[str, ...]
    """As written, the most used first."""
    articles: tuple[str, ...]

    @property
    def text(self) -> str:
        """The most used spelling."""
        return self.spellings[0]

    @property
    def parent(self) -> str:
        """The key of the label that it is below, as `a` is of `a/b`; empty at the top."""
        return self.key.rpartition("/")[0]

    @property
    def is_usable(self) -> bool:
        """Whether it can name a category: it has a letter or a digit."""
        return bool(re.search(r"[^\W_]", self.text)) and len(self.text) <= _LONGEST


_LONGEST: Final = 100


def vocabulary(field: LabelField) -> list[SiteLabel]:
    """Return the labels of a field, the most used first."""
    uses: defaultdict[str, Counter[str]] = defaultdict(Counter)
    articles: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for path, labels in field.labels.items():
        for label in labels:
            key = label_key(label)
            uses[key][label.lstrip("#") or label] += 1
            articles[key][path] = None
    made = [
        SiteLabel(
            key=key,
            spellings=tuple(sorted(counted, key=lambda it: (-counted[it], _plainness(it), it))),
            articles=tuple(articles[key]),
        )
        for key, counted in uses.items()
        if key
    ]
    return sorted(made, key=lambda label: (-len(label.articles), label.key))


def _plainness(label: str) -> tuple[bool, bool]:
    """Prefer, among spellings used equally often, words with spaces and a capital letter."""
    return (not re.search(r"\s", label), label.islower())


def most_labels(counts: Iterable[int]) -> int:
    """Return how many labels editors give an article at most, but for one in ten.

    Args:
        counts: Labels of each labelled article.
    """
    ordered = sorted(count for count in counts if count)
    return ordered[math.ceil(0.9 * len(ordered)) - 1] if ordered else 1


def are_slugs(labels: Iterable[str]) -> bool:
    """Whether nearly all labels are lower-case words with hyphens, as in addresses."""
    every = list(labels)
    return bool(every) and sum(bool(_SLUG.fullmatch(it)) for it in every) >= 0.95 * len(every)


def written_as(field: LabelField, categories: Mapping[str, Category]) -> Written:
    """Return what editors write of categories that are defined: what most labels in use are.

    Args:
        field: Where they write it.
        categories: By label key, what a label means.
    """
    votes: Counter[Written] = Counter()
    for label, uses in field.uses.items():
        if (category := categories.get(label_key(label))) is None:
            continue
        path = category.id.partition("/")[2]
        names: dict[Written, str] = {
            "title": category.title,
            "slug": path.rpartition("/")[2],
            "path": path,
            "id": category.id,
        }
        votes.update({way: uses for way, name in names.items() if name == label})
    order: tuple[Written, ...] = ("title", "slug", "path", "id")
    return max(order, key=lambda way: votes[way])


def matched(
    labels: Iterable[SiteLabel], categories: Iterable[Category], kind: str
) -> dict[str, Category]:
    """Return the category that each label means, by label key; first of all one of the kind."""
    index = LabelIndex(categories)
    found: dict[str, Category] = {}
    for label in labels:
        meant = index.find(label.text, {kind}) or index.find(label.text)
        if meant:
            found[label.key] = meant[0]
    return found
