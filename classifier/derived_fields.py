"""Whole numbers for the front matter, such as a page's weight, from confidences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean

from classifier import settings
from classifier.errors import SettingsError, UsageError
from classifier.models import Category, Taxonomy
from classifier.settings import Settings
from classifier.taxonomy import select


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    name: str
    """The key of the front matter."""
    categories: tuple[str, ...]
    """Ids."""
    at_zero: float
    at_one: float

    def __call__(self, confidence: float) -> int:
        value = self.at_zero + (self.at_one - self.at_zero) * confidence
        return round(round(value, 6))  # 189.49999999999997 is 189.5


def formulas(found: Settings, taxonomy: Taxonomy) -> tuple[Formula, ...]:
    """Return what the settings say, for the categories of a whole taxonomy.

    Raises SettingsError for a name that no category, or more than one, goes by, and for a key that
    holds the labels of a kind.
    """
    kinds = {category.kind for category in taxonomy.categories}
    labels = {settings.field(found, kind).name: kind for kind in kinds}
    for name in found.derived:
        if name in labels:
            raise SettingsError(f"derived.{name}: the labels of kind {labels[name]!r} are there")
    return tuple(
        Formula(
            name=name,
            categories=tuple(_one(each, taxonomy, name).id for each in of.categories),
            at_zero=of.at_zero,
            at_one=of.at_one,
        )
        for name, of in found.derived.items()
    )


def derived(confidences: Mapping[str, float], formulas: Iterable[Formula]) -> dict[str, int]:
    """Return the numbers of an article by name; `confidences` (0-1) by category id.

    Without those that rest on a category that was not judged.
    """
    return {
        formula.name: formula(fmean(confidences[name] for name in formula.categories))
        for formula in formulas
        if confidences.keys() >= set(formula.categories)
    }


def _one(name: str, taxonomy: Taxonomy, key: str) -> Category:
    where = f"derived.{key}.categories"
    try:
        found = select(taxonomy, categories=[name]).categories
    except UsageError as error:
        raise SettingsError(f"{where}: {error}") from None
    if len(found) > 1:
        ids = " or ".join(category.id for category in found)
        raise SettingsError(f"{where}: {name!r} is ambiguous: write {ids}")
    return found[0]
