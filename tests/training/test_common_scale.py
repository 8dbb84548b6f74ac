from __future__ import annotations

import numpy as np
import pytest

from classifier.calibration import (
    CategoryOffset,
    Curve,
    KindCurve,
    Minimum,
    ScorerCalibration,
)
from classifier.decisions import LabelPolicy
from classifier.evaluation.gold_pairs import GoldPairs
from classifier.models import Category, Rule, Taxonomy
from classifier.scorers.cascade.common_scale import CommonScale
from classifier.training import common_scale

BREAD = Category(id="tags/bread", kind="tags", title="Bread")
WINE = Category(id="tags/wine", kind="tags", title="Wine")
PLACE = Category(id="places/inn", kind="places", title="Inn")
TAXONOMY = Taxonomy(
    categories=(BREAD, WINE, PLACE), rules={"tags": Rule(minimum=0.5), "places": Rule(minimum=0.6)}
)
CURVE = Curve(points=((0.0, -6.0), (0.3, -1.0), (1.0, 5.0)))
FITTED = ScorerCalibration(
    fitted="2026-01-01",
    gold="teacher",
    kinds={"tags": KindCurve(articles=10, pairs=20, positive=5, curve=CURVE)},
    categories={
        WINE.id: CategoryOffset(definition=WINE.definition, pairs=10, positive=2, offset=0.7)
    },
    minimum_of_kinds={
        "tags": Minimum(minimum=0.3, target="f1", reached=0.6, interval=(0.5, 0.7), pairs=5)
    },
)


def student(minimum: float | None = 0.3) -> LabelPolicy:
    own = {} if minimum is None else {BREAD.id: minimum, WINE.id: minimum}
    taxonomy = Taxonomy(categories=TAXONOMY.categories, rules=TAXONOMY.rules, minimums=own)
    return LabelPolicy(taxonomy, FITTED)


@pytest.mark.parametrize("category", [BREAD, WINE])
def test_a_label_of_the_student_is_a_label_of_the_cascade(category: Category) -> None:
    scale, policy = common_scale.fit(student(), TAXONOMY), student()
    for raw in np.linspace(0, 1, 101).tolist():
        ((_, confidence, minimum, _),) = policy.only(
            Taxonomy(categories=(category,), minimums=policy.taxonomy.minimums)
        ).pairs({category.digest: (raw, False)})
        label = scale(category, raw) >= TAXONOMY.minimum(category)
        assert label == (confidence >= minimum)


def test_a_minimum_that_a_person_set_decides_on_calibrated_confidences() -> None:
    scale = common_scale.fit(student(None), TAXONOMY)
    for raw in (0.1, 0.4, 0.8):
        assert scale(BREAD, raw) == pytest.approx(CURVE(raw))
        assert scale(WINE, raw) == pytest.approx(CURVE.shifted(0.7)(raw))


def test_a_kind_that_training_left_alone_stays_as_it_is() -> None:
    scale = common_scale.fit(student(), TAXONOMY)
    assert scale(PLACE, 0.37) == pytest.approx(0.37, abs=0.001)


def test_without_anything_learned_there_is_no_scale() -> None:
    assert common_scale.fit(LabelPolicy(TAXONOMY), TAXONOMY) == CommonScale()


def test_a_minimum_of_its_own_counts_without_a_curve_too() -> None:
    taxonomy = Taxonomy(
        categories=TAXONOMY.categories, rules=TAXONOMY.rules, minimums={BREAD.id: 0.2}
    )
    scale = common_scale.fit(LabelPolicy(taxonomy), TAXONOMY)
    assert scale(BREAD, 0.19) < 0.5 < scale(BREAD, 0.21)
    assert scale(WINE, 0.49) < 0.5 < scale(WINE, 0.51)


def test_pairs_that_were_not_judged_stay_so() -> None:
    confidence = np.array([[0.3, np.nan], [0.9, 0.1]])
    none = np.zeros_like(confidence, np.bool_)
    pairs = GoldPairs(
        articles=("a", "b"),
        digests=("a", "b"),
        categories=(BREAD, WINE),
        truth=none,
        known=~none,
        confidence=confidence,
        excluded=none,
    )
    found = common_scale.rescaled(pairs, common_scale.fit(student(), TAXONOMY))
    assert (found.judged == pairs.judged).all()
    assert (found.confidence[pairs.judged] != confidence[pairs.judged]).all()
