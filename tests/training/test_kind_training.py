from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.examples import dataset, examples
from support.gold import made_up

from classifier.models import Rule
from classifier.training.kind_training import (
    TrainingRule,
    train_on_confidences,
    train_on_features,
)

PLAIN = TrainingRule(rule=Rule(at_most=None), fixed=False)


def test_labels_get_better_on_articles_it_has_not_seen() -> None:
    trained = train_on_features("tags", dataset(examples(80)), PLAIN)
    assert trained.corrections is not None
    assert trained.difference is not None
    assert trained.difference.low > 0
    assert trained.after.average_precision > trained.before.average_precision
    assert trained.after.calibration_error < trained.before.calibration_error
    added = [change for change in trained.changes if change.added]
    assert sum(change.right for change in added) > len(added) / 2


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("articles", [4, 12, 40])
def test_nothing_gets_worse_in_its_own_cross_validation(articles: int, seed: int) -> None:
    """Also where there is nothing to learn."""
    given = examples(articles, 6, signal=0.0, seed=seed)
    trained = train_on_features("tags", dataset(given), PLAIN)
    assert trained.after.average_precision >= trained.before.average_precision - 1e-9
    assert trained.before.f1 is not None
    assert trained.after.f1 is not None
    assert trained.after.f1.value >= trained.before.f1.value - 1e-9


def test_without_enough_labels_for_a_curve_corrections_are_still_trained() -> None:
    trained = train_on_features("tags", dataset(examples(9, 6)), PLAIN)
    assert "articles: 9 of the 10 needed" in str(trained.missing_gold)
    assert trained.fitted is None
    assert (trained.corrections is None) == ("corrections" in trained.refused)


def test_categories_that_cannot_be_learned_have_a_reason() -> None:
    given = examples(60, 4)
    truth, known = given.truth.copy(), given.known.copy()
    truth[:, 0] = False
    known[:, 1] = False
    truth[:, 2], known[:, 2] = False, np.arange(60) < 3
    trained = train_on_features("tags", dataset(replace(given, truth=truth, known=known)), PLAIN)
    reasons = {one.category.id: one.reason for one in trained.unlearned}
    assert reasons["tags/0"] == "no labels"
    assert reasons["tags/1"] == "no labels"
    assert reasons["tags/2"] == "only rejections"


def test_a_minimum_that_a_person_has_set_stays() -> None:
    rule = TrainingRule(rule=Rule(minimum=0.9, at_most=None), fixed=True)
    trained = train_on_confidences("tags", made_up(articles=200, categories=4), rule)
    assert trained.fitted is not None
    assert not trained.fitted.minimum_of_kinds


def test_minimums_give_better_labels_than_the_default_and_say_what_they_rest_on() -> None:
    pairs = made_up(articles=300, categories=6)
    trained = train_on_confidences("tags", pairs, PLAIN)
    assert trained.fitted is not None
    minimum = trained.fitted.minimum_of_kinds["tags"]
    assert (minimum.target, minimum.pairs) == ("f1", int((pairs.truth & pairs.judged).sum()))
    assert trained.after.f1 is not None
    assert minimum.reached == pytest.approx(trained.after.f1.value, abs=1e-4)
    assert trained.difference is not None
    assert trained.difference.value > 0
