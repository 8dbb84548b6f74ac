from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.examples import dataset, examples
from support.gold import made_up

from classifier.models import Rule
from classifier.training import profiling
from classifier.training.correction_model import probability
from classifier.training.f1_minimums import REJECTIONS, f1
from classifier.training.kind_training import (
    KindTraining,
    TrainingRule,
    Uncorrected,
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
    assert trained.after.macro_f1 >= trained.before.macro_f1 - 1e-9


@pytest.mark.parametrize("seed", range(4))
def test_of_articles_unlike_each_other_the_mean_of_both_f1_decides(seed: int) -> None:
    """One of the two falls by chance too often, and would refuse what helps."""
    data = dataset(examples(40, 6, signal=0.0, seed=seed))
    strict = train_on_features("tags", data, PLAIN)
    spread = train_on_features("tags", data, replace(PLAIN, spread=True))
    assert strict.before == spread.before
    assert both_f1(spread) >= max(both_f1(strict), both_f1(spread, before=True)) - 1e-9
    if seed == 0:
        assert strict.refused
        assert not spread.refused
        assert spread.after.macro_f1 < spread.before.macro_f1


def both_f1(trained: KindTraining, *, before: bool = False) -> float:
    quality = trained.before if before else trained.after
    assert quality.f1 is not None
    return quality.f1.value + quality.macro_f1


def test_a_category_without_labels_loses_none_to_the_training_of_others() -> None:
    given = examples(60, 6)
    truth = given.truth.copy()
    truth[:, 5] = False
    data = dataset(replace(given, truth=truth))
    trained = train_on_features("tags", data, PLAIN)
    assert trained.corrections is not None
    assert trained.fitted is not None
    unlabelled = data.categories[5]
    before = probability(given.logits[:, 5])
    own = trained.corrections.categories[unlabelled.id]
    shared = trained.corrections.shared
    odds = given.logits[:, 5]
    odds = odds + own.whole * (shared.slope * odds + shared.constant - odds)
    curve, minimum = trained.fitted.curve(unlabelled), trained.fitted.minimum_of(unlabelled)
    assert own.own == 0
    assert curve is not None
    assert minimum is not None
    now = np.array([curve(value) for value in probability(odds).tolist()])
    sure = abs(before - PLAIN.rule.minimum) > 0.01
    assert sure.sum() > 40
    assert np.array_equal((now >= minimum.minimum)[sure], (before >= PLAIN.rule.minimum)[sure])


def test_what_people_rejected_again_and_again_is_suggested_less() -> None:
    given = examples(60, 6)
    truth = given.truth.copy()
    truth[:, 5] = False
    data = dataset(replace(given, truth=truth))
    wrong = frozenset({data.categories[5].id})
    labels = np.flatnonzero(probability(given.logits[:, 5]) >= PLAIN.rule.minimum)
    assert len(labels) > REJECTIONS
    articles = tuple(
        replace(article, rejected=wrong) if n in labels else article
        for n, article in enumerate(data.articles)
    )
    minimums = []
    for each in (data, replace(data, articles=articles)):
        trained = train_on_features("tags", each, PLAIN)
        assert trained.fitted is not None
        minimum = trained.fitted.minimum_of(data.categories[5])
        assert minimum is not None
        minimums.append(minimum.minimum)
        kind = trained.fitted.minimum_of_kinds["tags"].minimum
    assert minimums[0] < minimums[1] < kind


def test_before_is_what_the_site_profile_decides() -> None:
    data = dataset(examples(60, 6))
    names = [category.digest for category in data.categories]
    confidence = probability(data.examples.logits)
    found = profiling.fit(confidence, names)
    assert found is not None
    trained = train_on_features("tags", data, replace(PLAIN, profile=found))
    labels = np.array(
        [
            [row[name] >= minimum for name, minimum in found.minimums(row).items()]
            for row in (dict(zip(names, values, strict=True)) for values in confidence.tolist())
        ]
    )
    assert trained.before.f1 is not None
    assert trained.before.f1.value == pytest.approx(f1(labels, data.examples.truth))
    by_rule = train_on_features("tags", data, PLAIN).before.f1
    assert by_rule is not None
    assert by_rule.value != pytest.approx(trained.before.f1.value)


@pytest.mark.parametrize("seed", range(8))
def test_a_site_profile_is_given_up_only_for_better_labels(seed: int) -> None:
    """By chance, ten labelled articles often show no difference, or a small one."""
    data = dataset(examples(12, 6, signal=0.0, seed=seed))
    names = [category.digest for category in data.categories]
    found = profiling.fit(probability(data.examples.logits), names)
    assert found is not None
    trained = train_on_features("tags", data, replace(PLAIN, profile=found))
    if trained.fitted is None:
        assert trained.after == trained.before
        assert {"calibration", "minimums"} <= {*trained.refused}
        return
    gain = trained.difference
    assert gain is not None
    least = 0.0 if trained.corrections else (gain.high - gain.low) / (2 * 1.96)
    assert gain.value > 0
    assert gain.value >= least


def test_without_enough_labels_for_a_curve_corrections_are_still_trained() -> None:
    trained = train_on_features("tags", dataset(examples(9, 6)), PLAIN)
    assert "articles: 9 of the 10 needed" in str(trained.missing_gold)
    assert trained.fitted is None
    assert (trained.corrections is None) == ("corrections" in trained.refused)


def test_corrected_confidences_that_no_curve_betters_are_calibrated() -> None:
    rng = np.random.default_rng(3)
    confidence = rng.uniform(0.05, 0.95, (60, 3))
    truth = rng.random(confidence.shape) < confidence
    pairs = replace(made_up(articles=60, categories=3), confidence=confidence, truth=truth)
    plain = train_on_confidences("tags", pairs, PLAIN)
    assert not (plain.fitted and plain.fitted.kinds)
    before = Uncorrected(np.full(confidence.shape, 0.2), np.full(3, 0.5))
    corrected = train_on_confidences("tags", pairs, PLAIN, before=before)
    assert corrected.fitted is not None
    assert corrected.fitted.kinds["tags"].curve(0.3) == pytest.approx(0.3, abs=1e-3)


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
