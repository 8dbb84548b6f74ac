"""Numbers for the front matter, such as a page's weight, computed from confidences."""

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
class LinearField:
    """A number that is linear in the mean confidence of some categories."""

    name: str
    """The key of the front matter."""
    categories: tuple[str, ...]
    """Ids."""
    at_zero: float
    """The number at confidence 0."""
    at_one: float
    """The number at confidence 1."""
    decimals: int = 0
    at_any_zero: float | None = None
    """The number where one of several confidences rounds to 0 %; None: no exception."""

    def __call__(self, *confidences: float) -> float:
        """Return the number for confidences (0-1), rounded half to even; whole ones are an int."""
        if self.at_any_zero is not None and any(round(100 * one) == 0 for one in confidences):
            return self._rounded(self.at_any_zero)
        value = self.at_zero + (self.at_one - self.at_zero) * fmean(confidences)
        return self._rounded(value)

    def _rounded(self, value: float) -> float:
        value = round(value, 8)  # 189.49999999999997 is 189.5
        return round(value, self.decimals) if self.decimals else round(value)


def linear_fields(found: Settings, taxonomy: Taxonomy) -> tuple[LinearField, ...]:
    """Return the derived fields of the settings, for the categories of a whole taxonomy.

    Raises:
        SettingsError: A name means no category or several, or a key holds the labels of a kind.
    """
    kinds = {category.kind for category in taxonomy.categories}
    labels = {settings.field(found, kind).name: kind for kind in kinds}
    for name in found.derived:
        if name in labels:
            raise SettingsError(
                f"derived.{name}: this key already holds the labels of kind {labels[name]!r}"
            )
    return tuple(
        LinearField(
            name=name,
            categories=tuple(_one(category, taxonomy, name).id for category in field.categories),
            at_zero=field.at_zero,
            at_one=field.at_one,
            decimals=field.decimals,
            at_any_zero=field.at_any_zero,
        )
        for name, field in found.derived.items()
    )


def compute(confidences: Mapping[str, float], fields: Iterable[LinearField]) -> dict[str, float]:
    """Return the numbers of an article by key; those with an unjudged category are left out.

    Args:
        confidences: 0-1, by category id.
        fields: What to compute.
    """
    return {
        field.name: field(*(confidences[name] for name in field.categories))
        for field in fields
        if confidences.keys() >= set(field.categories)
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
