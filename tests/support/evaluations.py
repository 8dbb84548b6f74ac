"""A scorer's judgements of three articles, and gold to evaluate them by."""

from __future__ import annotations

import numpy as np

from classifier.decisions import LabelPolicy
from classifier.evaluation.evaluate import Predictions, evaluate
from classifier.evaluation.gold import Gold
from classifier.evaluation.gold_pairs import GoldPairs
from classifier.evaluation.report import Report
from classifier.models import Category, ConfidenceKind, Evidence, Judgement, Rule, Taxonomy
from classifier.store import Store

KINDS = ("tags", "tags", "tags", "concepts")
CATEGORIES = tuple(
    Category(id=f"{kind}/{n}", kind=kind, title=f"Title {n}", description=str(n))
    for n, kind in enumerate(KINDS)
)
CONFIDENCE = [[0.9, 0.1, 0.2, 0.8], [0.7, 0.6, 0.1, 0.1], [0.2, 0.9, 0.55, np.nan]]
TRUTH = [[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0]]


def side(
    confidence: object = CONFIDENCE, *, scorer: str = "me", rule: Rule | None = None
) -> Predictions:
    values = np.array(confidence, dtype=np.float64)
    taxonomy = Taxonomy(categories=CATEGORIES, default_rule=rule or Rule())
    pairs = GoldPairs(
        articles=("a.md", "b.md", "c.md"),
        digests=("a", "b", "c"),
        categories=CATEGORIES,
        truth=np.array(TRUTH, dtype=bool),
        known=np.ones(values.shape, dtype=bool),
        confidence=values,
        excluded=np.zeros(values.shape, dtype=bool),
    )
    return Predictions(scorer=scorer, pairs=pairs, policy=LabelPolicy(taxonomy))


def judgement(category: Category, confidence: float, reasoning: str) -> Judgement:
    return Judgement(
        category=category.id,
        confidence=confidence,
        kind=ConfidenceKind.STATED,
        scorer="me",
        reasoning=reasoning,
        evidence=(Evidence("a quote"),),
    )


def report(store: Store, **more: object) -> Report:
    gold = Gold(
        labels={}, source="gold.csv", origins={("c.md", "tags/2"): "'gold.csv', row 9: it is"}
    )
    return evaluate(gold, side(), store=store, **more)
