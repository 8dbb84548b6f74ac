from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from classifier.evaluation.metrics import Bools, Floats
from classifier.training.threshold_sampling import (
    LabelModel,
    PairPool,
    RecallTarget,
    SampledThresholds,
    SamplingPlan,
    choose_thresholds,
    pilot_sample,
    plan_sample,
)

DRAWS = 300


def population(
    seed: int, *, separation: float, articles: int = 300, categories: int = 20
) -> tuple[Floats, Bools]:
    """Confidences and labels; the higher `separation`, the more the one says about the other."""
    rng = np.random.default_rng(seed)
    truth = rng.random((articles, categories)) < rng.beta(1, 15, categories)
    odds = rng.normal(0, 1, truth.shape) + rng.normal(0, 1, categories) + separation * truth - 3
    return 1 / (1 + np.exp(-odds)), truth


def cut(
    confidence: Floats, truth: Bools, rng: np.random.Generator, aim: RecallTarget
) -> tuple[SamplingPlan, SampledThresholds, Bools]:
    pool = PairPool(confidence=confidence)
    first = pilot_sample(pool, rng.random(truth.shape))
    made = plan_sample(pool, truth=truth & first, known=first, target=aim)
    drawn: NDArray[np.bool_] = rng.random(truth.shape) < made.rate
    settled = choose_thresholds(made, truth=truth & drawn, known=drawn, drawn=drawn)
    return made, settled, drawn | ~(confidence < settled.values)


@pytest.mark.slow
@pytest.mark.parametrize("separation", [0.0, 2.0, 5.0])
def test_a_promised_recall_is_missed_no_more_often_than_the_risk(separation: float) -> None:
    aim = RecallTarget(recall=0.9, risk=0.1)
    confidence, truth = population(1, separation=separation)
    missed = 0
    for seed in range(DRAWS):
        *_, asked = cut(confidence, truth, np.random.default_rng(seed), aim)
        missed += (truth & asked).sum() < aim.recall * truth.sum()
    assert missed / DRAWS <= aim.risk


@pytest.mark.slow
def test_the_promise_holds_where_the_first_scorer_is_wrong_about_some_labels() -> None:
    aim = RecallTarget(recall=0.9, risk=0.1)
    confidence, truth = population(2, separation=5.0)
    rng = np.random.default_rng(0)
    confidence[truth & (rng.random(truth.shape) < 0.12)] = 1e-4  # as good as hidden
    missed = 0
    for seed in range(DRAWS):
        *_, asked = cut(confidence, truth, np.random.default_rng(seed), aim)
        missed += (truth & asked).sum() < aim.recall * truth.sum()
    assert missed / DRAWS <= aim.risk


def test_a_scorer_that_tells_labels_apart_saves_calls() -> None:
    confidence, truth = population(3, separation=6.0)
    *_, asked = cut(confidence, truth, np.random.default_rng(0), RecallTarget(recall=0.9))
    assert asked.mean() < 0.5


def test_with_too_few_labels_to_promise_anything_all_pairs_are_asked_about() -> None:
    confidence, truth = population(4, separation=2.0, articles=12, categories=5)
    made, settled, asked = cut(confidence, truth, np.random.default_rng(0), RecallTarget())
    assert made.rate > 0.9
    assert asked.mean() > 0.9
    assert (settled.values <= made.pool.top).all()


def test_pairs_the_first_scorer_has_not_judged_are_always_asked_about() -> None:
    confidence, truth = population(5, separation=6.0)
    confidence[:5] = np.nan
    *_, asked = cut(confidence, truth, np.random.default_rng(0), RecallTarget(recall=0.9))
    assert asked[:5].all()


def test_no_cut_is_above_the_ceiling() -> None:
    confidence, truth = population(6, separation=6.0)
    pool = PairPool(confidence=confidence, ceiling=0.01)
    every = np.ones_like(truth)
    made = plan_sample(pool, truth=truth, known=every, target=RecallTarget(recall=0.9))
    settled = choose_thresholds(made, truth=truth, known=every, drawn=every)
    assert (settled.values <= 0.01).all()


def test_labels_that_could_not_be_found_out_lower_the_cuts() -> None:
    confidence, truth = population(7, separation=6.0)
    rng = np.random.default_rng(0)
    pool = PairPool(confidence=confidence)
    first = pilot_sample(pool, rng.random(truth.shape))
    made = plan_sample(pool, truth=truth & first, known=first, target=RecallTarget(recall=0.9))
    drawn = rng.random(truth.shape) < made.rate
    known = drawn & (rng.random(truth.shape) < 0.8)
    sure = choose_thresholds(made, truth=truth & drawn, known=drawn, drawn=drawn)
    unsure = choose_thresholds(made, truth=truth & known, known=known, drawn=drawn)
    assert (unsure.values <= sure.values).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_a_category_with_more_labels_at_the_same_confidences_gets_a_higher_offset(
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    odds = rng.normal(-2, 1, (200, 2))
    truth = rng.random((200, 2)) < np.array([0.02, 0.4])
    model = LabelModel.fit(odds, truth, np.ones_like(odds))
    assert model.intercepts[0] < model.intercepts[1]
    assert (np.diff(model(np.sort(odds, axis=0)), axis=0) >= 0).all()
    value = model(odds[:1])[0, 0]
    assert model.inverse(float(value))[0] == pytest.approx(odds[0, 0])
