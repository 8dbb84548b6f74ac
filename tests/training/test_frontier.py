from __future__ import annotations

import math

import numpy as np

from classifier.evaluation.gold_pairs import GoldPairs
from classifier.models import Category
from classifier.training.frontier import RECALLS, ways

HALF = np.array([0.5])


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


def test_each_way_asks_less_and_finds_what_it_aims_at() -> None:
    chance = np.random.default_rng(0)
    truth = chance.random((2000, 5)) < 0.2
    confidence = np.clip(chance.normal(np.where(truth, 0.35, 0.1), 0.08), 0, 1)
    found = list(ways(pairs(confidence, truth), confidence > 0.3, HALF))
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
    found = list(ways(pairs(np.full((10, 1), 0.95), truth), truth, HALF))
    assert all(way.asked.all() for way in found[:-1] if way.settles == "pairs")
    # The student is right about all of them, so nothing has to be asked.
    assert not any(way.asked.any() for way in found if way.settles == "articles")


def test_without_a_label_everything_is_asked() -> None:
    truth = np.zeros((10, 2), np.bool_)
    found = list(ways(pairs(np.full((10, 2), 0.1), truth), truth, HALF))
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
        for way in ways(pairs(confidence, truth), confidence >= 0.5, HALF)
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
