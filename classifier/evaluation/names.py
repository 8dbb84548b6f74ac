"""Find the categories that a person's label means."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Final

from classifier.models import Category, Taxonomy

_GAPS: Final = re.compile(r"[-_\s]+")


class Names:
    """What the categories of a taxonomy go by: id, title, slug or alias.

    Letter case, hyphens and underscores do not matter: people write `Open Data` and `open-data`.
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._tiers: tuple[defaultdict[str, list[Category]], ...] = tuple(
            defaultdict(list) for _ in range(4)
        )
        for category in taxonomy.categories:
            for tier, names in zip(self._tiers, _names(category), strict=True):
                for name in {_key(name) for name in names}:
                    tier[name].append(category)

    def find(self, label: str, kinds: Collection[str] | None = None) -> tuple[Category, ...]:
        """Return the categories of those kinds (None: all) that the label names.

        More than one: it is ambiguous. An id wins over a title, that over a slug and an alias.
        """
        key = _key(label)
        for tier in self._tiers:
            found = tuple(c for c in tier.get(key, ()) if kinds is None or c.kind in kinds)
            if found:
                return found
        return ()


def _names(category: Category) -> Iterator[tuple[str, ...]]:
    slug = category.id.partition("/")[2]
    yield (category.id,)
    yield (category.title,)
    yield slug, slug.rpartition("/")[2]
    yield category.aliases


def _key(name: str) -> str:
    return _GAPS.sub(" ", unicodedata.normalize("NFC", name).casefold()).strip()
