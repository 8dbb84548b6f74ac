from __future__ import annotations

import numpy as np
import pytest
from support.gold import made_up

from classifier.models import Rule
from classifier.training import curves
from classifier.training.f1_minimums import (
    REJECTIONS,
    best_minimum,
    choose_minimums,
    f1,
    held_out_labels,
)
from classifier.training.targets import PairScores, assigned

RULE = Rule(at_most=None)


@pytest.fixture
def scores() -> PairScores:
    pairs = made_up(articles=300, categories=6)
    fit = curves.fit(pairs)
    assert fit is not None
    return PairScores(fit.confidence, fit.held_out, pairs.truth, pairs.known, pairs.excluded)


def of(scores: PairScores, minimum: object) -> float:
    labels = assigned(scores.held_out, scores.excluded, np.asarray(minimum), RULE)
    return f1(labels & scores.known, scores.truth & scores.known)


def test_the_minimum_is_better_than_the_default_on_the_same_articles(scores: PairScores) -> None:
    chosen = choose_minimums(scores)
    assert of(scores, chosen.categories) > of(scores, [0.5])
    assert 0 < chosen.kind < 1


def test_labels_of_a_fold_do_not_depend_on_its_own_truth(scores: PairScores) -> None:
    folds = np.arange(len(scores.truth)) % 5
    before = held_out_labels(scores, RULE, folds)
    truth = scores.truth.copy()
    truth[folds == 2] = ~truth[folds == 2]
    changed = PairScores(scores.confidence, scores.held_out, truth, scores.known, scores.excluded)
    assert np.array_equal(held_out_labels(changed, RULE, folds)[folds == 2], before[folds == 2])


def test_no_label_and_no_truth_are_no_division_by_zero() -> None:
    nothing = np.zeros((3, 2), dtype=np.bool_)
    assert f1(nothing, nothing) == 0


def test_the_best_minimum_is_the_one_with_the_best_f1_to_expect() -> None:
    chance = np.random.default_rng(0)
    confidence = chance.beta(0.4, 3, size=4000)
    truth = chance.random(4000) < confidence
    reached = [f1(confidence >= least, truth) for least in np.linspace(0.02, 0.98, 97)]
    assert f1(confidence >= best_minimum(confidence), truth) > max(reached) - 0.01
    assert best_minimum(np.zeros(0)) == best_minimum(np.zeros(3)) == 0.5


def test_a_category_with_few_articles_has_nearly_the_minimum_of_its_kind() -> None:
    chance = np.random.default_rng(0)
    confidence = np.stack([chance.beta(0.5, 1, 400), chance.beta(0.5, 6, 400)], axis=1)
    truth = chance.random(confidence.shape) < confidence
    truth[:, 1] = False
    truth[np.argmax(confidence[:, 1]), 1] = True
    nothing = np.zeros_like(truth)
    chosen = choose_minimums(PairScores(confidence, confidence, truth, ~nothing, nothing))
    often, seldom = chosen.categories
    assert (
        abs(seldom - chosen.kind) < 0.1 * abs(best_minimum(confidence[:, 1]) - chosen.kind) + 0.01
    )
    assert often > seldom


def test_a_category_without_labels_keeps_the_minimum_that_it_had(scores: PairScores) -> None:
    truth = scores.truth.copy()
    truth[:, 2] = False
    less = PairScores(scores.confidence, scores.held_out, truth, scores.known, scores.excluded)
    kept = np.linspace(0.3, 0.8, 6)
    chosen = choose_minimums(less, kept)
    assert chosen.categories[2] == pytest.approx(kept[2])
    assert chosen.categories[0] == choose_minimums(less).categories[0] != kept[0]
    assert choose_minimums(less).categories[2] == chosen.kind


def test_rejected_labels_of_a_category_without_accepted_ones_raise_its_minimum(
    scores: PairScores,
) -> None:
    truth = scores.truth.copy()
    truth[:, 2:4] = False
    less = PairScores(scores.confidence, scores.held_out, truth, scores.known, scores.excluded)
    kind = choose_minimums(less).kind
    kept = np.array([0.3, 0.3, kind / 2, 0.9, 0.3, 0.3])
    before = choose_minimums(less, kept).categories
    order = np.argsort(-scores.held_out[:, 2])
    minimums = []
    for number in (0, 1, REJECTIONS, 20):
        rejected = np.zeros_like(truth)
        rejected[order[:number]] = True
        found = choose_minimums(less, kept, rejected).categories
        minimums.append(float(found[2]))
        # What is accepted somewhere learns by its labels, and no minimum falls.
        assert np.delete(found, 2).tolist() == np.delete(before, 2).tolist()
    assert minimums[0] == pytest.approx(kept[2], abs=1e-4)
    assert minimums == sorted(set(minimums))
    assert minimums[2] == pytest.approx(np.sqrt(kept[2] * kind), abs=1e-4)
    assert minimums[3] < kind


def test_what_was_no_label_teaches_nothing_by_being_rejected(scores: PairScores) -> None:
    truth = scores.truth.copy()
    truth[:, 2] = False
    less = PairScores(scores.confidence, scores.held_out, truth, scores.known, scores.excluded)
    kept = np.full(6, choose_minimums(less).kind / 2)
    rejected = scores.held_out < kept
    assert rejected[:, 2].any()
    found = choose_minimums(less, kept, rejected)
    assert found.categories.tolist() == choose_minimums(less, kept).categories.tolist()
