"""The rule about aliases that are everyday words, by the articles that they name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from classifier.lint.rules import LintFinding, shortened
from classifier.models import Category

LEAST: Final = 3
"""Articles that an alias must have pulled in."""
SHARE: Final = 0.5
"""Of the labelled articles that nothing but the alias names."""
WEAK_ALIGNMENT: Final = 0.5
WEAK_DEPTH: Final = 0.2
"""Aspects of the embedded scorer below which an article is hardly about the category: some 17 of
300 general topics are closer, and less than a fifth of the passages are close."""
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class AliasUse:
    """A labelled article that one alias names, and no other name of the category does."""

    category: Category
    alias: str
    path: str
    weak: bool
    """Whether the scorer's other evidence is weak."""


def check(uses: Iterable[AliasUse]) -> Iterator[LintFinding]:
    by_alias: defaultdict[tuple[str, str], list[AliasUse]] = defaultdict(list)
    for use in uses:
        by_alias[use.category.id, use.alias].append(use)
    for (_, alias), its in sorted(by_alias.items()):
        pulled = [use.path for use in its if use.weak]
        if len(pulled) < LEAST or len(pulled) < SHARE * len(its):
            continue
        more = f" and {len(pulled) - _SHOWN:,} more" if len(pulled) > _SHOWN else ""
        message = (
            f"the alias {shortened(alias)} seems to be an everyday word: of {len(its):,} labelled "
            f"articles that only it names, {len(pulled):,} are hardly about "
            f"{its[0].category.title!r}: {', '.join(map(shortened, pulled[:_SHOWN]))}{more}; "
            "remove it, or write a longer name"
        )
        yield LintFinding("everyday-alias", message, (its[0].category,), alias)
