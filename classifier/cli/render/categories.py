"""`classify categories`: categories, and the rule that decides on labels of each kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Final

from classifier.cli.layout import Line
from classifier.models import HierarchyRule, Rule, Taxonomy
from classifier.taxonomy.hierarchy import in_order


def lines(taxonomy: Taxonomy) -> Iterator[Line]:
    by_kind = sorted(taxonomy.categories, key=lambda category: category.kind)
    for kind, members in groupby(by_kind, key=lambda category: category.kind):
        categories = list(members)
        yield Line(f"{kind}: {len(categories)}", "bold")
        nested = any(category.parents for category in categories)
        yield Line(_rule(taxonomy.rule(kind), nested=nested), "dim", 2)
        for category, depth in in_order(categories):
            yield Line(f"{category.title} ({category.id})", indent=2 + 2 * depth)
            if category.description:
                yield Line(category.description, "dim", 4 + 2 * depth)
        yield Line()


def _rule(rule: Rule, *, nested: bool) -> str:
    number = "any number of labels" if rule.at_most is None else f"at most {rule.at_most}"
    level = ", only those in the best level" if rule.by == "level" else ""
    tree = f", {_HIERARCHY[rule.hierarchy]}" if nested else ""
    return f"confidence >= {rule.minimum:.2f}, {number}{level}{tree}"


_HIERARCHY: Final[Mapping[HierarchyRule, str]] = {
    "leaf": "the most specific only",
    "with parents": "and those above them",
    "best level": "the parent where no child is sure enough",
}
