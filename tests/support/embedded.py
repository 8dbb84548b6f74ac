"""Categories, articles and a cache for tests of the embedded scorer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from classifier.models import (
    Article,
    Category,
    Instructions,
    Judgement,
    Task,
)
from classifier.scorers.embedded.scorer import EmbeddedScorer

BAKING = Category(
    id="tags/baking",
    kind="tags",
    title="Baking",
    description="Bread, cakes and pastry, and how to make them at home.",
    instructions=Instructions(
        topics=("Sourdough and yeast", "Kneading and shaping dough", "Ovens and crusts"),
    ),
)
SCALING = Category(
    id="tags/scaling",
    kind="tags",
    title="Scaling",
    description="Several teams that build one product together.",
    instructions=Instructions(
        topics=("Many teams with one backlog", "Dependencies between teams"),
        exclusions=("Scaling servers: autoscaling, load balancers and traffic peaks",),
    ),
)
SPACE = Category(id="tags/space", kind="tags", title="Space flight")
CATEGORIES = (BAKING, SCALING, SPACE)

LOAF = Article(
    id="loaf.md",
    title="Baking a loaf on Sunday",
    body="""Baking begins the evening before: stir flour, water and a spoon of sourdough.

## Kneading

Knead the dough until it is smooth, shape it and let it rise in a basket overnight.

## In the oven

A hot oven and a little steam give the bread its crust. Baking takes forty minutes.
""",
)
SERVERS = Article(
    id="servers.md",
    title="Scaling for the sale",
    body="""The load balancers had to take ten times the usual traffic on the day of the sale.

Autoscaling added servers when the processors were busy, and removed them when traffic fell.
We doubled the servers behind the load balancers before the peak, and scaling went well.
""",
)


MIXED = Article(
    id="mixed.md",
    title="A long look at bread and space",
    description="Why bakers and rocket engineers both fear the oven.",
    body="\n\n".join(
        f"## Part {i}\n\nDough rises {'slowly ' * i}in a warm kitchen. Rockets rise faster."
        for i in range(12)
    ),
)


class Kept:
    """A cache that counts."""

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}
        self.hits = 0

    def vectors(self, keys: Iterable[str]) -> dict[str, bytes]:
        found = {key: self.known[key] for key in keys if key in self.known}
        self.hits += len(found)
        return found

    def keep_vectors(self, vectors: Mapping[str, bytes]) -> None:
        self.known.update(vectors)


def judge(scorer: EmbeddedScorer, article: Article, *categories: Category) -> list[Judgement]:
    (outcome,) = scorer.score([Task(article, categories or CATEGORIES)])
    assert not outcome.failures
    return list(outcome.judgements)
