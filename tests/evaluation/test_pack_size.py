from __future__ import annotations

import numpy as np
import pytest

from classifier.evaluation.pack_size import PackScores, compare_pack_sizes, recommended_size

CHANCE = np.random.default_rng(3)
SHAPE = (120, 12)
TRUTH = CHANCE.random(SHAPE) < 0.2
KNOWN = np.ones(SHAPE, dtype=bool)
MINIMUMS = np.full(SHAPE[1], 0.5)
BASE = np.where(TRUTH, 0.8, 0.1) + CHANCE.normal(0, 0.05, SHAPE)
PLACE = np.tile(np.linspace(0, 1, SHAPE[1]), (SHAPE[0], 1))


def sized(pack, confidence):
    return PackScores(pack=pack, confidence=confidence, place=PLACE)


def rows(*sides, known=KNOWN):
    return compare_pack_sizes(sides, truth=TRUTH, known=known, minimums=MINIMUMS)


def forgetful(share):
    """Some true pairs are missed."""
    return np.where(CHANCE.random(SHAPE) < share, 0.1, BASE)


def test_the_same_confidences_agree_in_all_and_change_nothing():
    one, other = rows(sized(1, BASE), sized(10, BASE.copy()))
    assert (other.agreement, other.rank) == (1.0, pytest.approx(1.0))
    assert (other.change.low, other.change.high) == (0, 0)
    assert one.f1 == other.f1
    assert other.places == (0, 0, 0)


def test_the_largest_size_is_recommended_up_to_which_all_are_safe():
    bad = forgetful(0.3)
    found = rows(sized(1, BASE), sized(5, BASE), sized(10, BASE), sized(20, bad))
    assert [row.safe for row in found] == [True, True, True, False]
    assert recommended_size(found) == 10
    assert recommended_size(rows(sized(1, BASE), sized(5, bad), sized(20, BASE))) is None


def test_a_few_articles_show_nothing():
    noisy = forgetful(0.05)
    few = np.zeros(SHAPE, dtype=bool)
    few[:6] = True
    assert recommended_size(rows(sized(1, BASE), sized(10, noisy), known=few)) is None


def test_only_pairs_that_all_have_judged_count():
    partly = BASE.copy()
    partly[:, :4] = np.nan
    assert [row.pairs for row in rows(sized(1, BASE), sized(10, partly))] == [960, 960]


def test_what_depends_on_the_place_in_the_call_shows():
    tired = BASE - 0.1 * (PLACE > 0.7)
    first, middle, last = rows(sized(1, BASE), sized(12, tired))[1].places
    assert (first, middle) == (0, 0)
    assert last == pytest.approx(-0.1)


def test_without_gold_there_is_agreement_but_no_quality():
    none = np.zeros(SHAPE, dtype=bool)
    _, other = rows(sized(1, BASE), sized(10, BASE), known=none)
    assert other.agreement == 1.0
    assert other.f1 is None
    assert not other.safe
