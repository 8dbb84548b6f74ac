"""Rules about the labels that stored articles have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from classifier.lint.rules import LintFinding, named
from classifier.models import Category, Taxonomy

ENOUGH_FOR_ALWAYS: Final = 30
ENOUGH_FOR_NEVER: Final = 200
"""Judged articles needed. A tenth of the labels that editors use is not seen in this many."""
ALWAYS: Final = 0.80
"""Share of the articles; the most frequent of 522 labels in real sets has 0.41."""
SUPPORT: Final = 10
"""Articles needed under each of two categories to compare them."""
SAME: Final = 0.50
"""Jaccard: articles under both / articles under either."""
NESTED: Final = 0.90
"""Share of one category's articles that are also under the other."""

NEEDED: Final[Mapping[str, int]] = {
    "always-assigned": ENOUGH_FOR_ALWAYS,
    "never-assigned": ENOUGH_FOR_NEVER,
    "overlapping-labels": SUPPORT,
    "nested-labels": SUPPORT,
    "everyday-alias": SUPPORT,
}
"""Articles that each rule needs to find anything."""


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """How often categories were judged and assigned, by category id."""

    judged: Mapping[str, int]
    highest: Mapping[str, float]
    """The highest confidence (0-1) of any article."""
    labelled: Mapping[str, int]
    together: Mapping[tuple[str, str], int]
    """Articles with both labels, ids in alphabetical order."""

    @property
    def articles(self) -> int:
        """Number of articles judged for the category that was judged most."""
        return max(self.judged.values(), default=0)

    @classmethod
    def count(cls, articles: Iterable[tuple[Mapping[str, float], Iterable[str]]]) -> LabelCounts:
        """Count articles, each with its confidences by category id and the ids of its labels."""
        judged, labelled, together = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
        highest: dict[str, float] = {}
        for confidences, labels in articles:
            judged.update(confidences.keys())
            labelled.update(given := sorted(labels))
            together.update(combinations(given, 2))
            for name, confidence in confidences.items():
                highest[name] = max(confidence, highest.get(name, 0.0))
        return cls(judged, highest, labelled, together)


def check(taxonomy: Taxonomy, assigned: LabelCounts) -> Iterator[LintFinding]:
    by_id = {category.id: category for category in taxonomy.categories}
    for category in taxonomy.categories:
        yield from _frequency(category, assigned, minimum=taxonomy.minimum(category))
    for (one, other), both in sorted(assigned.together.items()):
        this, that = by_id[one], by_id[other]
        counts = assigned.labelled[one], assigned.labelled[other]
        if this.kind == that.kind and min(counts) >= SUPPORT:
            yield from _overlap(this, that, counts, both)


def _frequency(
    category: Category, assigned: LabelCounts, *, minimum: float
) -> Iterator[LintFinding]:
    judged = assigned.judged.get(category.id, 0)
    labelled = assigned.labelled.get(category.id, 0)
    if judged >= ENOUGH_FOR_NEVER and not labelled:
        message = (
            f"none of {judged:,} judged articles has this label (highest confidence "
            f"{assigned.highest[category.id]:.2f}, minimum {minimum:.2f}): word its key topics "
            "as the articles do, lower the minimum, or remove the category"
        )
        yield LintFinding("never-assigned", message, (category,))
    if judged >= ENOUGH_FOR_ALWAYS and labelled >= ALWAYS * judged:
        message = (
            f"{labelled:,} of {judged:,} judged articles have this label, so it is not "
            f"selective: narrow its key topics, add exclusions, or raise its minimum "
            f"({minimum:.2f})"
        )
        yield LintFinding("always-assigned", message, (category,))


def _overlap(
    this: Category, that: Category, counts: tuple[int, int], both: int
) -> Iterator[LintFinding]:
    jaccard = both / (sum(counts) - both)
    part, whole = (this, that) if counts[0] <= counts[1] else (that, this)
    if jaccard >= SAME:
        message = (
            f"{this.title!r} and {named(that)} label the same articles: {both:,} have both, of "
            f"{counts[0]:,} and {counts[1]:,}; merge them, or let each exclude what belongs to the "
            "other"
        )
        yield LintFinding("overlapping-labels", message, (this, that))
    elif both >= NESTED * min(counts):
        message = (
            f"{both:,} of the {min(counts):,} articles under {part.title!r} are also under "
            f"{named(whole)}: let {whole.title!r} exclude them, unless it is meant to include them"
        )
        yield LintFinding("nested-labels", message, (part, whole))
