"""Human verdicts by article: found by the path they were given on, or by the same text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Final

from classifier.content.discovery import key_of
from classifier.models import Category, Verdict, digest
from classifier.store import VerdictRecord

WHOLE_ARTICLE: Final = "review, whole article"
"""Source of verdicts that were confirmed together with the rest of their article: no other category
of their kind belongs."""


class Verdicts:
    """What holds now, for the categories of a taxonomy. Can be pickled.

    A verdict is of an article and a category, not of their wording: it outlives an edit of the
    file or the definition, and is found again by the text of either where a name has changed.
    """

    def __init__(
        self,
        given: Iterable[VerdictRecord] = (),
        categories: Iterable[Category] = (),
        *,
        home: Path,
    ) -> None:
        """Index verdicts for these categories.

        Args:
            given: In order of time.
            categories: Verdicts on others are left out.
            home: The paths of the verdicts are relative to it.
        """
        categories = tuple(categories)
        ids = {category.id for category in categories}
        by_definition = {category.digest: category.id for category in categories}
        self._home = home
        self._given: list[VerdictRecord] = []
        self._by_path: dict[str, dict[str, int]] = {}
        self._by_article: dict[str, dict[str, int]] = {}
        for verdict in given:
            known = verdict.category in ids
            category = verdict.category if known else by_definition.get(verdict.definition)
            if category is not None:
                place = len(self._given)
                self._given.append(verdict)
                self._by_path.setdefault(verdict.path, {})[category] = place
                self._by_article.setdefault(verdict.article, {})[category] = place

    def __len__(self) -> int:
        return len(self._given)

    @cached_property
    def digest(self) -> str:
        """Changes with every verdict."""
        return digest([asdict(verdict) for verdict in self._given])

    def of(self, *, path: str, article: str) -> Mapping[str, Verdict]:
        """Return the verdicts on an article by category id, without withdrawn ones.

        Args:
            path: Any name that is not a path, such as `-`, matches nothing.
            article: Digest.
        """
        if not self._given:
            return {}
        places = dict(self._by_article.get(article, {}))
        for category, place in self._by_path.get(key_of(path, home=self._home), {}).items():
            places[category] = max(place, places.get(category, place))
        return {
            category: Verdict(
                category=category,
                accepted=last.accepted,
                note=last.note,
                source=last.source,
                at=last.at,
            )
            for category, place in places.items()
            if (last := self._given[place]).accepted is not None
        }
