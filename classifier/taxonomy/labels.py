"""When two labels are the same, and which category a label means: one rule, everywhere."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from classifier.models import Category

_SEPARATORS: Final = re.compile(r"[\s_\u2010\u2011-]+")
_FOLDED: Final = str.maketrans(
    dict.fromkeys("\u2018\u2019\u02bc", "'")
    | dict.fromkeys("\u00ad\u200b\u200e\u200f\u2060\ufe0e\ufe0f\ufeff")
)
"""Apostrophes as word processors set them, and what no reader sees: soft hyphens, spaces without
width, marks of direction and of an emoji's style."""


def label_key(label: str) -> str:
    """Return what the spellings of one label have in common.

    Letter case, composed and decomposed letters, straight and curly apostrophes, characters that
    nobody sees, a leading `#`, and what separates words (spaces, hyphens, underscores) make no
    difference: `Open Data`, `open_data` and `#open-data` are one label. All other signs do: `C`,
    `C++`, `C#` and `.C` are four.
    """
    folded = unicodedata.normalize("NFD", label).casefold()
    folded = folded.translate(_FOLDED) or folded
    text = _SEPARATORS.sub("-", unicodedata.normalize("NFC", folded).strip())
    return (text.lstrip("#-") or text) if text.startswith("#") else text


def least_uses(labelled: int) -> int:
    """Return how many articles a label needs to become a category, by the labelled articles."""
    return 3 if labelled >= 50 else 2 if labelled >= 10 else 1


class LabelIndex:
    """The categories that labels mean, by id, title, slug or alias."""

    def __init__(self, categories: Iterable[Category]) -> None:
        self._tiers: tuple[defaultdict[str, list[Category]], ...] = tuple(
            defaultdict(list) for _ in range(4)
        )
        for category in categories:
            for tier, names in zip(self._tiers, _names(category), strict=True):
                for key in {label_key(name) for name in names}:
                    tier[key].append(category)

    def find(self, label: str, kinds: Collection[str] | None = None) -> tuple[Category, ...]:
        """Return the categories that a label names; more than one where it is ambiguous.

        Args:
            label: In any spelling. An id wins over a title, that over a slug, that over an alias.
            kinds: Only categories of these kinds; None for all.
        """
        key = label_key(label)
        for tier in self._tiers:
            found = tuple(c for c in tier.get(key, ()) if kinds is None or c.kind in kinds)
            if found:
                return found
        return ()


def names(category: Category) -> tuple[str, ...]:
    """Return what a category goes by, as it is written: id, title, slug and aliases."""
    return tuple(dict.fromkeys(name for tier in _names(category) for name in tier))


def keys(category: Category) -> frozenset[str]:
    """Return the label keys of what a category goes by."""
    return frozenset(map(label_key, names(category)))


def _names(category: Category) -> Iterator[tuple[str, ...]]:
    slug = category.id.partition("/")[2]
    yield (category.id,)
    yield (category.title,)
    yield slug, slug.rpartition("/")[2]
    yield category.aliases
