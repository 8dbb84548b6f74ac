from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.gold import made_up

from classifier.evaluation.gold_pairs import GoldPairs
from classifier.training.quality import (
    f1_difference,
    f1_estimate,
    is_better,
    is_worse,
    measure_quality,
)

PAIRS = made_up(articles=40, categories=4)
LABELS = PAIRS.confidence >= 0.5


def test_f1_is_that_of_all_pairs_with_an_interval_around_it() -> None:
    found = f1_estimate(LABELS, PAIRS)
    assert found is not None
    right = (LABELS & PAIRS.truth).sum()
    assert found.value == pytest.approx(2 * right / (LABELS.sum() + PAIRS.truth.sum()))
    assert found.low < found.value < found.high


def test_quality_is_that_of_the_labels() -> None:
    found = measure_quality(PAIRS.confidence, LABELS, PAIRS)
    right = (LABELS & PAIRS.truth).sum()
    assert found.precision == pytest.approx(right / LABELS.sum())
    assert found.recall == pytest.approx(right / PAIRS.truth.sum())
    whole = measure_quality(PAIRS.truth.astype(float), PAIRS.truth, PAIRS)
    assert (whole.precision, whole.recall, whole.macro_f1) == (1, 1, 1)
    assert whole.average_precision == pytest.approx(1)
    assert whole.calibration_error == pytest.approx(0)


def test_what_people_did_not_judge_counts_for_nothing() -> None:
    known = np.ones_like(PAIRS.truth)
    known[:, 0] = False
    some = replace(PAIRS, known=known)
    changed = LABELS.copy()
    changed[:, 0] = ~changed[:, 0]
    assert f1_estimate(changed, some) == f1_estimate(LABELS, some)
    assert not is_worse(changed, LABELS, some)


def test_labels_are_compared_by_all_and_by_each_category() -> None:
    assert is_worse(LABELS, PAIRS.truth, PAIRS)
    assert not is_worse(LABELS, LABELS, PAIRS)
    assert is_better(PAIRS.truth, LABELS, PAIRS, errors=1.0)
    assert not is_better(LABELS, LABELS, PAIRS, errors=0.0)
    gain = f1_difference(LABELS, PAIRS.truth, PAIRS)
    assert gain is not None
    many = 2 * 1.96 * gain.value / (gain.high - gain.low)
    assert is_better(PAIRS.truth, LABELS, PAIRS, errors=many * 0.99)
    assert not is_better(PAIRS.truth, LABELS, PAIRS, errors=many * 1.01)


def common_and_rare() -> GoldPairs:
    """Return pairs of 40 articles: half are in the first category, one is in the second."""
    truth = np.zeros((40, 2), bool)
    truth[:20, 0] = True
    truth[0, 1] = True
    return replace(made_up(articles=40, categories=2), truth=truth, known=np.ones_like(truth))


def test_one_category_made_worse_is_worse_though_all_labels_are_better() -> None:
    """A category with one label loses it; many are gained where there are many."""
    pairs = common_and_rare()
    truth = pairs.truth
    before = truth.copy()
    before[:4, 0] = False
    after = truth.copy()
    after[0, 1] = False
    difference = f1_difference(before, after, pairs)
    assert difference is not None
    assert difference.value > 0
    assert is_worse(after, before, pairs)
    assert is_worse(after, before, pairs, on_average=True)


def test_on_average_a_category_made_a_little_worse_counts_as_little() -> None:
    """Two false labels of one category, for ten that another one lacked."""
    pairs = common_and_rare()
    truth = pairs.truth
    before = truth.copy()
    before[:10, 0] = False
    after = truth.copy()
    after[1:3, 1] = True
    assert is_worse(after, before, pairs)
    assert not is_worse(after, before, pairs, on_average=True)
    assert not is_better(after, before, pairs, errors=0.0)
    assert is_better(after, before, pairs, errors=0.0, on_average=True)


def test_without_a_true_pair_there_is_no_f1() -> None:
    empty = replace(PAIRS, truth=np.zeros_like(PAIRS.truth))
    assert f1_estimate(np.zeros_like(LABELS), empty) is None
