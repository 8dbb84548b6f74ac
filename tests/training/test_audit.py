from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.keyword_scorer import KeywordScorer

from classifier.corpus import Corpus, Entry, Scan
from classifier.decisions import LabelPolicy
from classifier.models import Article, Category, ConfidenceKind, Judgement, Taxonomy
from classifier.scorers.cascade.deferral import Route, Shortlist
from classifier.scorers.cascade.scorer import Cascade
from classifier.store import JudgementSet, Store
from classifier.training.audit import RISK, RecallAudit, recall_audits

CATEGORIES = tuple(Category(id=f"tags/{n}", kind="tags", title=f"Tag {n}") for n in range(10))
ARTICLES = tuple(f"{n:04}" for n in range(60))


@pytest.mark.parametrize(
    ("above", "below", "rate"), [(200, 10, 0.1), (50, 40, 0.3), (400, 2, 0.01)]
)
def test_the_recall_it_supports_is_too_high_no_more_often_than_it_says(
    above: int, below: int, rate: float
) -> None:
    rng = np.random.default_rng(0)
    wrong = 0
    for drawn in rng.binomial(below, rate, 400):
        audit = RecallAudit(("tags",), rate, kept=5000, labels=above + int(drawn), below=int(drawn))
        assert audit.recall is not None
        wrong += audit.recall > (above + drawn) / (above + below)
    assert wrong / 400 <= RISK + 0.02


def test_where_nothing_is_settled_nothing_is_lost() -> None:
    assert RecallAudit(("tags",), 0.01, deferred=100, labels=5).recall == 1
    assert RecallAudit(("tags",), 0.0, deferred=100, labels=5).recall == 1
    assert RecallAudit(("tags",), 0.0, deferred=100, labels=5).estimate == 1


def test_without_labels_nothing_is_said() -> None:
    audit = RecallAudit(("tags",), 0.1, deferred=10, audited=5, kept=50)
    assert audit.recall is audit.estimate is None


def test_where_no_settled_pair_is_sampled_nothing_is_said() -> None:
    audit = RecallAudit(("tags",), 0.0, deferred=10, kept=50, labels=7)
    assert audit.recall is audit.estimate is None


def test_the_estimate_counts_each_label_of_the_sample_for_those_it_stands_for() -> None:
    audit = RecallAudit(("tags",), 0.1, deferred=900, audited=10, kept=90, labels=92, below=2)
    assert audit.estimate == pytest.approx(92 / 110)
    assert audit.recall is not None
    assert audit.recall < audit.estimate


def test_more_labels_among_the_drawn_support_less() -> None:
    found = [RecallAudit(("tags",), 0.1, kept=5000, labels=100, below=n).recall for n in range(5)]
    assert found == sorted(found, key=lambda recall: -(recall or 0))


def test_pairs_are_counted_by_their_fate_and_copies_once(store: Store, tmp_path: Path) -> None:
    """What is asked about is a label, but for what an exclusion rule keeps out."""
    cascade = Cascade(KeywordScorer(), KeywordScorer(), Shortlist(2))
    confidences = {c: 0.01 * n for n, c in enumerate(CATEGORIES)}
    routes = {
        article: cascade.deferral.routes(article, confidences.items()) for article in ARTICLES
    }
    for article in ARTICLES:
        first, last = {}, {}
        for category, confidence in confidences.items():
            settled = routes[article][category.id] is Route.KEEP
            judged = Judgement(
                category=category.id,
                confidence=confidence,
                kind=ConfidenceKind.SIMILARITY,
                scorer="first",
            )
            first[category.digest] = judged
            last[category.digest] = judged if settled else _label(category)
        for scorer, judgements in ((cascade.first.identity, first), (cascade.identity, last)):
            store.add(
                JudgementSet(scorer=scorer, article=article, judgements=judgements, judged_at=0)
            )
    scan = Scan(scorer=cascade.identity)
    scan.entries += [Entry(f"{n}.md", a, ()) for n, a in enumerate((*ARTICLES, ARTICLES[0]))]
    (found,) = recall_audits(
        Corpus(CATEGORIES, store, home=tmp_path),
        scan,
        cascade,
        policy=LabelPolicy(Taxonomy(categories=CATEGORIES)),
        store=store,
    )
    every = [fate for each in routes.values() for fate in each.values()]
    assert (found.deferred, found.audited, found.kept) == (
        every.count(Route.DEFER),
        every.count(Route.AUDIT),
        every.count(Route.KEEP),
    )
    assert found.deferred == 2 * len(ARTICLES)
    assert found.labels == len(ARTICLES) + found.below  # one of the two is excluded
    assert found.kinds == ("tags",)


class English(KeywordScorer):
    languages: frozenset[str] = frozenset({"en"})


def test_what_the_first_scorer_does_not_read_was_asked_about(store: Store, tmp_path: Path) -> None:
    """By the texts: what front matter says of the language decides nothing."""
    french = "Le pain au levain lève toute la nuit, puis on le cuit dans un four très chaud."
    english = "The bread rises all night, and then you bake it in a very hot oven."
    definitions = (CATEGORIES[0], replace(CATEGORIES[1], description=french))
    cascade = Cascade(English(), KeywordScorer(), Shortlist(0))
    corpus = Corpus(definitions, store, home=tmp_path)
    scan = Scan(scorer=cascade.identity)
    for name, text in (
        ("en", english),
        ("fr", french),
        ("stated", f"---\nlang: fr\n---\n{english}"),
    ):
        path = tmp_path / f"{name}.md"
        path.write_text(text)
        article = corpus.article(str(path))
        assert isinstance(article, Article)
        judged = {
            category.digest: replace(_label(category), confidence=0.0) for category in definitions
        }
        for scorer in (cascade.first.identity, cascade.identity):
            store.add(
                JudgementSet(scorer=scorer, article=article.digest, judgements=judged, judged_at=0)
            )
        scan.entries.append(Entry(str(path), article.digest, ()))
    policy = LabelPolicy(Taxonomy(categories=definitions))
    (found,) = recall_audits(corpus, scan, cascade, policy=policy, store=store)
    # Of two articles in English, one pair each; and all of the French one, but for its text.
    assert (found.kept + found.audited, found.deferred) == (2, 4)


def _label(category: Category) -> Judgement:
    return Judgement(
        category=category.id,
        confidence=0.9,
        kind=ConfidenceKind.STATED,
        scorer="second",
        exclusion="a rule" if category is CATEGORIES[-1] else None,
    )
