from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from classifier.evaluation.gold_pairs import GoldPairs
from classifier.models import Category
from classifier.training.frontier import RECALLS, Way, ways


def half(of: GoldPairs) -> np.ndarray:
    return (of.confidence >= 0.5) & ~of.excluded


def says(truth: np.ndarray) -> GoldPairs:
    return pairs(truth.astype(float), truth)


def pairs(confidence: np.ndarray, truth: np.ndarray) -> GoldPairs:
    articles = tuple(str(n) for n in range(len(truth)))
    return GoldPairs(
        articles=articles,
        digests=articles,
        categories=tuple(
            Category(id=f"tags/{n}", kind="tags", title=str(n)) for n in range(truth.shape[1])
        ),
        truth=truth,
        known=np.ones_like(truth),
        confidence=confidence,
        excluded=np.zeros_like(truth),
    )


def both(of: GoldPairs, assigned: np.ndarray) -> Iterator[Way]:
    """Articles are settled by the confidences that pairs are cut by."""
    return ways(of, says(of.truth), assigned=assigned, settling=of, decide=half)


def test_each_way_asks_less_and_finds_what_it_aims_at() -> None:
    chance = np.random.default_rng(0)
    truth = chance.random((2000, 5)) < 0.2
    confidence = np.clip(chance.normal(np.where(truth, 0.35, 0.1), 0.08), 0, 1)
    found = list(both(pairs(confidence, truth), confidence > 0.3))
    assert [way.aim for way in found] == [1.0, *RECALLS, *RECALLS, None]
    by_pairs = [way for way in found if way.settles == "pairs"]
    shares = [way.asked.mean() for way in (found[0], *by_pairs, found[-1])]
    assert shares == sorted(shares, reverse=True)
    assert (shares[0], shares[-1]) == (1.0, 0.0)
    for way in by_pairs:
        assert way.aim is not None
        assert abs(way.recall - way.aim) < 0.02
        assert way.precision == 1.0
    assert 0.5 < found[-1].recall < 1.0


def test_a_pair_that_may_be_a_label_is_always_asked() -> None:
    truth = np.ones((10, 1), np.bool_)
    found = list(both(pairs(np.full((10, 1), 0.95), truth), truth))
    assert all(way.asked.all() for way in found[:-1] if way.settles == "pairs")
    # The student is right about all of them, so nothing has to be asked.
    assert not any(way.asked.any() for way in found if way.settles == "articles")


def test_without_a_label_everything_is_asked() -> None:
    truth = np.zeros((10, 2), np.bool_)
    found = list(both(pairs(np.full((10, 2), 0.1), truth), truth))
    assert all(way.asked.all() for way in found[:-1])
    assert math.isnan(found[0].recall)


def test_articles_of_which_the_student_is_sure_are_left_out_whole() -> None:
    chance = np.random.default_rng(1)
    truth = chance.random((3000, 4)) < 0.3
    sure = chance.random(3000) < 0.5
    right = np.where(truth, 0.98, 0.02)
    guess = chance.random(truth.shape)
    confidence = np.where(sure[:, None], right, guess)
    found = [
        way
        for way in both(pairs(confidence, truth), confidence >= 0.5)
        if way.settles == "articles"
    ]
    for way in found:
        assert way.aim is not None
        whole = way.asked.any(axis=1)
        assert (way.asked.all(axis=1) == whole).all()
        assert min(way.recall, way.precision) > way.aim - 0.03
        assert not whole[sure].any()
    shares = [way.asked.mean() for way in found]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] < 0.4 < 0.45 < shares[0] < 0.52


def test_whole_articles_are_settled_by_confidences_of_their_own() -> None:
    truth = np.random.default_rng(2).random((200, 4)) < 0.3
    right = pairs(np.where(truth, 0.99, 0.01), truth)
    unsure = pairs(np.full(truth.shape, 0.5), truth)
    every = ways(unsure, says(truth), assigned=truth, settling=right, decide=half)
    found = {way.settles: way for way in every if way.aim == 0.8}
    assert found["pairs"].asked.all()
    assert not found["articles"].asked.any()


def test_labels_are_decided_by_the_same_rule_for_all() -> None:
    """Where an article has one label, the teacher's second best is none that can be missed."""

    def best(of: GoldPairs) -> np.ndarray:
        one = np.zeros_like(of.truth)
        one[np.arange(len(one)), of.confidence.argmax(axis=1)] = True
        return one

    chance = np.random.default_rng(3)
    teacher = pairs(0.6 + 0.4 * chance.random((100, 4)), np.ones((100, 4), np.bool_))
    found = list(ways(teacher, teacher, assigned=best(teacher), settling=teacher, decide=best))
    assert [(way.recall, way.precision) for way in (found[0], found[-1])] == [(1.0, 1.0)] * 2
