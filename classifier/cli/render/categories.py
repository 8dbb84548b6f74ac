"""`classify categories`: categories, and the rule that decides on labels of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from classifier.cli.layout import Line
from classifier.models import Rule, Taxonomy


def lines(taxonomy: Taxonomy) -> Iterator[Line]:
    by_kind = sorted(taxonomy.categories, key=lambda category: category.kind)
    for kind, members in groupby(by_kind, key=lambda category: category.kind):
        categories = list(members)
        yield Line(f"{kind}: {len(categories)}", "bold")
        yield Line(_rule(taxonomy.rule(kind)), "dim", 2)
        for category in categories:
            yield Line(f"{category.title} ({category.id})", indent=2)
            if category.description:
                yield Line(category.description, "dim", 4)
        yield Line()


def _rule(rule: Rule) -> str:
    number = "any number of labels" if rule.at_most is None else f"at most {rule.at_most}"
    level = ", only those in the best level" if rule.by == "level" else ""
    return f"confidence >= {rule.minimum:.2f}, {number}{level}"
