"""Finds what is wrong with a taxonomy before it costs labels."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from classifier.lint import labels, meaning, texts
from classifier.lint.labels import NEEDED, Assigned
from classifier.lint.meaning import Encode
from classifier.lint.places import Placed, place
from classifier.lint.rules import RULES, Finding, Rule, Severity, based_on
from classifier.models import Taxonomy

__all__ = [
    "NEEDED",
    "RULES",
    "Assigned",
    "Finding",
    "Placed",
    "Rule",
    "Severity",
    "based_on",
    "lint",
    "place",
]


def lint(
    taxonomy: Taxonomy,
    *,
    rules: Collection[str] = RULES.keys(),
    encode: Encode | None = None,
    assigned: Assigned | None = None,
) -> Iterator[Finding]:
    """Yield what breaks any of `rules`.

    Without `encode` the rules that compare meanings find nothing, without `assigned` those that
    look at labels.
    """
    found = list(texts.check(taxonomy))
    if encode is not None and based_on("meaning", rules):
        found += meaning.check(taxonomy.categories, encode)
    if assigned is not None:
        found += labels.check(taxonomy, assigned)
    return (finding for finding in found if finding.rule in rules)
