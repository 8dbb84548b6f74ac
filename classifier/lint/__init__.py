"""Lint category definitions: find problems before they cost labels.

Start with `lint`, then `locate`. `rules` names the rules; `texts` checks the words of definitions,
`languages` what they are written in, `meaning` their vectors, `labels` and `aliases` the labels
that articles have; `locations` finds the lines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from classifier.lint import aliases, labels, languages, texts
from classifier.lint.aliases import AliasUse
from classifier.lint.labels import NEEDED, LabelCounts
from classifier.lint.languages import UnreadDefinition
from classifier.lint.locations import LocatedFinding, locate
from classifier.lint.meaning import MINILM, MULTILINGUAL, Bounds, Encode, Meaning
from classifier.lint.meaning import check as compare
from classifier.lint.rules import RULES, LintFinding, LintRule, Severity, based_on
from classifier.models import Taxonomy

__all__ = [
    "MINILM",
    "MULTILINGUAL",
    "NEEDED",
    "RULES",
    "AliasUse",
    "Bounds",
    "Encode",
    "LabelCounts",
    "LintFinding",
    "LintRule",
    "LocatedFinding",
    "Meaning",
    "Severity",
    "UnreadDefinition",
    "based_on",
    "lint",
    "locate",
]


def lint(  # noqa: PLR0913 - all but one by name
    taxonomy: Taxonomy,
    *,
    rules: Collection[str] = RULES.keys(),
    unread: Collection[UnreadDefinition] = (),
    meaning: Meaning | None = None,
    assigned: LabelCounts | None = None,
    alias_uses: Iterable[AliasUse] = (),
) -> Iterator[LintFinding]:
    """Yield the findings of some rules.

    Args:
        taxonomy: The definitions to check.
        rules: Names of the rules.
        unread: Definitions in a language that the scorer does not read.
        meaning: What definitions are compared by; without it the rules about meaning find nothing.
        assigned: Label counts; without them the rules about labels find nothing.
        alias_uses: Labelled articles that nothing but an alias names.
    """
    found = list(texts.check(taxonomy))
    found += languages.check(unread)
    if meaning is not None and based_on("meaning", rules):
        found += compare(taxonomy.categories, meaning)
    if assigned is not None:
        found += labels.check(taxonomy, assigned)
    found += aliases.check(alias_uses)
    return (finding for finding in found if finding.rule in rules)
