from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from classifier.calibration import UNCHANGED
from classifier.corpus import Entry, Scan
from classifier.evaluation.gold_pairs import GoldPairs
from classifier.models import Category, ConfidenceKind, Judgement, Taxonomy
from classifier.scorers.cascade import deferral
from classifier.scorers.cascade.common_scale import CommonScale
from classifier.scorers.cascade.deferral import AUDIT_RATE, MAX_THRESHOLD
from classifier.store import JudgementSet, Store
from classifier.training.cascade_tuning import ALONE, CascadeTuning, fit_articles, fit_by_gold
from classifier.training.score_matrix import ScoreMatrix
from classifier.training.threshold_sampling import RecallTarget

CATEGORIES = tuple(
    Category(id=f"{kind}/{n}", kind=kind, title=f"{kind} {n}")
    for kind, size in (("tags", 3), ("concepts", 2))
    for n in range(size)
)
TAXONOMY = Taxonomy(categories=CATEGORIES)


def scan(*digests: str) -> Scan:
    found = Scan(scorer="first")
    found.entries += [Entry(f"{n}.md", digest, ()) for n, digest in enumerate(digests)]
    return found


def record(store: Store, scorer: str, article: str, *confidences: float | None) -> None:
    judgements = {
        category.digest: Judgement(
            category=category.id, confidence=it, kind=ConfidenceKind.STATED, scorer=scorer
        )
        for category, it in zip(CATEGORIES, confidences, strict=True)
        if it is not None
    }
    store.add(JudgementSet(scorer=scorer, article=article, judgements=judgements, judged_at=0))


def test_what_is_wanted_and_on_record_is_not_due(store: Store) -> None:
    record(store, "first", "a", 0.9, 0.1, 0.1, 0.1, None)
    record(store, "second", "a", 0.9, None, None, None, None)
    tuning = CascadeTuning.of(scan("a"), TAXONOMY, RecallTarget())
    (group,) = tuning.groups(store, "first")
    group.request_all()
    (entry,) = tuning.pending([group], store, "second").entries
    assert [category.id for category in entry.pending] == [c.id for c in CATEGORIES[1:]]


def test_copies_of_a_text_are_counted_and_asked_about_once(store: Store) -> None:
    tuning = CascadeTuning.of(scan("a", "b", "a"), TAXONOMY, RecallTarget())
    assert [entry.digest for entry in tuning.entries] == ["a", "b"]
    (group,) = tuning.groups(store, "first")
    assert group.pairs == 2 * len(CATEGORIES)


def test_a_kind_with_many_pairs_is_cut_by_itself_and_others_together(store: Store) -> None:
    many = scan(*(f"{n:05}" for n in range(ALONE // 3)))
    kinds = [
        group.kinds
        for group in CascadeTuning.of(many, TAXONOMY, RecallTarget()).groups(store, "first")
    ]
    assert kinds == [("tags",), ("concepts",)]
    few = CascadeTuning.of(scan("a"), TAXONOMY, RecallTarget()).groups(store, "first")
    assert [group.kinds for group in few] == [("concepts", "tags")]


def test_what_a_scorer_labels_is_decided_by_the_minimum_and_its_exclusions(store: Store) -> None:
    record(store, "second", "a", 0.5, 0.49, None, 0.9, 0.0)
    truth, known = ScoreMatrix(["a"], CATEGORIES).labels(store, "second", TAXONOMY)
    assert truth.tolist() == [[True, False, False, True, False]]
    assert known.tolist() == [[True, True, False, True, True]]


def gold(*, labels: int) -> GoldPairs:
    """One label per article, each with a higher confidence than all that does not belong."""
    truth = np.zeros((labels, 5), dtype=np.bool_)
    truth[:, 0] = True
    return GoldPairs(
        articles=tuple(f"{n}.md" for n in range(labels)),
        digests=tuple(f"{n:04}" for n in range(labels)),
        categories=CATEGORIES,
        truth=truth,
        known=np.ones_like(truth),
        confidence=np.where(truth, 0.3, 0.05),
        excluded=np.zeros_like(truth),
    )


def test_enough_labels_of_people_give_a_cut_and_too_few_none() -> None:
    aim = RecallTarget(recall=0.95)
    enough = fit_by_gold(gold(labels=100), TAXONOMY, aim, gold="gold.csv")
    assert 0.05 < enough.kinds["tags"].cut <= min(0.3, MAX_THRESHOLD)
    assert enough.kinds["tags"].sample == AUDIT_RATE
    assert (enough.kinds["concepts"].cut, enough.kinds["concepts"].settled) == (0, 0)
    few = fit_by_gold(gold(labels=20), TAXONOMY, aim, gold="gold.csv")
    assert few.kinds["tags"].cut == 0


AS_IS = CommonScale()


def half_sure(articles: int, seed: int) -> GoldPairs:
    """Every other article is plain to the first scorer; of the others it knows nothing."""
    chance = np.random.default_rng(seed)
    truth = chance.random((articles, len(CATEGORIES))) < 0.3
    sure = np.arange(articles) % 2 == 0
    confidence = np.where(
        sure[:, None], np.where(truth, 0.97, 0.03), chance.uniform(0.2, 0.8, truth.shape)
    )
    names = tuple(str(n) for n in range(articles))
    return GoldPairs(
        articles=names,
        digests=names,
        categories=CATEGORIES,
        truth=truth,
        known=np.ones_like(truth),
        confidence=confidence,
        excluded=np.zeros_like(truth),
    )


def test_whole_articles_are_settled_where_the_first_scorer_is_right() -> None:
    found = fit_articles(half_sure(400, 0), TAXONOMY, RecallTarget(recall=0.95), AS_IS)
    assert found is not None
    assert (found.articles, found.categories) == (400, deferral.company(CATEGORIES))
    assert 0.45 < found.settled < 0.6
    assert found.precision > 0.95
    # The promise, on other articles: recall, and few wrong labels that stand.
    other = half_sure(4000, 1)
    settled = np.array([deferral.doubt(row) for row in other.confidence.tolist()]) < found.cut
    given = other.confidence >= 0.5
    made = np.where(settled[:, None], given, other.truth)
    assert (made & other.truth).sum() / other.truth.sum() > 0.95
    assert (given & ~other.truth & settled[:, None]).sum() / given.sum() < 0.05


def test_an_article_is_settled_by_confidences_on_the_common_scale() -> None:
    pairs, aim = half_sure(400, 0), RecallTarget(recall=0.95)
    shy = replace(pairs, confidence=pairs.confidence * 0.4)  # no label by the minimum of 0.5
    assert fit_articles(shy, TAXONOMY, aim, AS_IS) is None
    # What was 0.5 is 0.2 now, and the scale says so.
    offsets = {category.uncorrected.digest: math.log(4) for category in CATEGORIES}
    scale = CommonScale(curves={"tags": UNCHANGED, "concepts": UNCHANGED}, offsets=offsets)
    found = fit_articles(shy, TAXONOMY, aim, scale)
    assert found is not None
    assert found.scale == scale
    assert found.settled > 0.4


def test_with_few_labels_no_article_is_settled() -> None:
    assert fit_articles(half_sure(20, 0), TAXONOMY, RecallTarget(recall=0.95), AS_IS) is None


def test_an_article_with_pairs_that_nobody_judged_takes_no_part() -> None:
    pairs = half_sure(400, 0)
    known = pairs.known.copy()
    known[:100, 0] = False
    found = fit_articles(replace(pairs, known=known), TAXONOMY, RecallTarget(recall=0.9), AS_IS)
    assert found is not None
    assert found.articles == 300
