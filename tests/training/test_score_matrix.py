from __future__ import annotations

from pathlib import Path

import numpy as np
from support.stores import judgement

from classifier.models import Category, Rule, Taxonomy
from classifier.store import JudgementSet, Store
from classifier.training.score_matrix import ScoreMatrix

CATEGORIES = tuple(
    Category(id=f"{kind}/{name}", kind=kind, title=name)
    for kind, name in (("tags", "a"), ("tags", "b"), ("concepts", "c"))
)
MATRIX = ScoreMatrix(["one", "two"], CATEGORIES)


def stored(path: Path) -> Store:
    store = Store.open(path / "records.sqlite3")
    scores = [judgement(0.9), judgement(0.9, exclusion="no"), judgement(0.6)]
    for article, judged in (("one", scores), ("two", scores[:1])):
        judgements = {c.digest: made for c, made in zip(CATEGORIES, judged, strict=False)}
        store.add(JudgementSet(scorer="me", article=article, judgements=judgements, judged_at=0))
    return store


def test_confidences_stand_in_the_order_asked_for_and_nan_is_not_judged(tmp_path: Path) -> None:
    with stored(tmp_path) as store:
        confidence, excluded = MATRIX.confidences(store, "me")
        nothing, _ = MATRIX.confidences(store, "another")
    assert np.array_equal(confidence, [[0.9, 0.9, 0.6], [0.9, np.nan, np.nan]], equal_nan=True)
    assert excluded.tolist() == [[False, True, False], [False, False, False]]
    assert np.isnan(nothing).all()


def test_labels_reach_the_minimum_and_are_not_excluded(tmp_path: Path) -> None:
    taxonomy = Taxonomy(categories=CATEGORIES, rules={"concepts": Rule(minimum=0.7)})
    with stored(tmp_path) as store:
        labels, judged = MATRIX.labels(store, "me", taxonomy)
    assert labels.tolist() == [[True, False, False], [True, False, False]]
    assert judged.tolist() == [[True, True, True], [True, False, False]]


def test_a_draw_depends_on_the_pair_and_the_salt_alone() -> None:
    whole, part = MATRIX.uniforms("x"), ScoreMatrix(["two"], CATEGORIES[1:]).uniforms("x")
    assert whole[1:, 1:].tolist() == part.tolist()
    assert ((whole >= 0) & (whole <= 1)).all()
    assert len(set(whole.ravel())) == whole.size
    assert not np.array_equal(whole, MATRIX.uniforms("y"))


def test_the_categories_of_some_kinds_are_the_same_columns() -> None:
    assert MATRIX.of_kinds(["tags"]) == ScoreMatrix(["one", "two"], [*CATEGORIES[:2]])
    assert ScoreMatrix([], CATEGORIES).uniforms().shape == (0, 3)
