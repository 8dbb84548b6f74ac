from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.gold import made_up, some

from classifier.evaluation.gold_pairs import GoldPairs
from classifier.training.curves import (
    CurveFit,
    applied,
    fit,
    log_loss,
    missing_gold,
    unchanged,
    usable_pairs,
)


def fitted(pairs: GoldPairs) -> CurveFit:
    found = fit(pairs)
    assert found is not None
    return found


def test_what_is_fitted_is_right_about_articles_it_has_not_seen() -> None:
    pairs, later = made_up(), made_up(articles=1000, seed=1)
    found = fitted(pairs)
    confidence = applied(found.kind, found.categories, later)
    assert log_loss(confidence, later).mean() < 0.9 * log_loss(later.confidence, later).mean()
    assert abs(confidence.mean() - later.truth.mean()) < 0.03
    sure = confidence > 0.7
    assert abs(confidence[sure].mean() - later.truth[sure].mean()) < 0.06


def test_categories_that_are_more_frequent_than_their_scores_say_are_raised() -> None:
    offsets = [own.offset for own in fitted(made_up()).categories.values()]
    assert min(offsets[:3]) > max(offsets[3:])


def test_the_less_gold_a_category_has_the_nearer_it_is_to_its_kind() -> None:
    pairs = made_up()
    known = pairs.known.copy()
    known[12:, 0] = False
    less = fitted(replace(pairs, known=known)).categories["tags/0"]
    assert less.pairs == 12
    assert 0 < less.offset < fitted(pairs).categories["tags/0"].offset


def test_a_category_without_gold_has_the_curve_of_its_kind() -> None:
    pairs = made_up()
    known = pairs.known.copy()
    known[:, 2] = False
    found = fitted(replace(pairs, known=known))
    assert "tags/2" not in found.categories
    curve = found.kind.curve
    assert found.confidence[7, 2] == pytest.approx(curve(float(pairs.confidence[7, 2])))


def test_offsets_that_do_not_help_are_left_out() -> None:
    pairs = made_up(articles=400, categories=2)
    alike = replace(pairs, truth=pairs.truth[:, :1].repeat(2, 1))
    alike = replace(alike, confidence=pairs.confidence[:, :1].repeat(2, 1))
    assert fitted(alike).categories == {}


def test_a_scorer_that_is_right_already_is_left_alone() -> None:
    rng = np.random.default_rng(3)
    pairs = made_up(articles=60, categories=3)
    confidence = rng.uniform(0.05, 0.95, pairs.truth.shape)
    truth = rng.random(confidence.shape) < confidence
    pairs = replace(pairs, confidence=confidence, truth=truth)
    assert fit(pairs) is None
    left = unchanged(pairs)
    np.testing.assert_allclose(left.held_out, confidence, atol=1e-3)
    assert (left.kind.articles, left.kind.pairs, left.kind.positive) == (60, 180, truth.sum())
    curve = left.kind.curve
    np.testing.assert_allclose([curve(c) for c in confidence[:, 0]], left.held_out[:, 0], atol=1e-6)


@settings(max_examples=10)
@given(st.permutations(range(60)))
def test_the_order_of_the_articles_changes_nothing(order: list[int]) -> None:
    pairs = made_up(articles=60, categories=3)
    this, other = fitted(pairs), fitted(some(pairs, order))
    assert (this.kind, this.categories) == (other.kind, other.categories)
    np.testing.assert_array_equal(this.held_out[order], other.held_out)


@settings(max_examples=10)
@given(st.integers(0, 10**6))
def test_within_a_category_the_ranking_stays(seed: int) -> None:
    pairs = made_up(articles=40, categories=3, seed=seed)
    if (found := fit(pairs)) is None:
        return
    for before, after in zip(pairs.confidence.T, found.confidence.T, strict=True):
        np.testing.assert_array_equal(np.argsort(before), np.argsort(after))
    assert np.all((found.confidence > 0) & (found.confidence < 1))


def test_a_scorer_that_is_always_right_has_a_curve_that_floats_can_hold() -> None:
    pairs = made_up(articles=300)
    pairs = replace(pairs, truth=pairs.confidence > 0.5)
    found = fitted(pairs)
    assert found.held_out[pairs.truth].mean() > 0.9
    assert found.held_out[~pairs.truth].mean() < 0.1


@pytest.mark.parametrize("says", [0.0, 1.0, 0.7])
def test_a_scorer_that_says_one_thing_only_is_told_the_base_rates(says: float) -> None:
    pairs = made_up()
    pairs = replace(pairs, confidence=np.full_like(pairs.confidence, says))
    found = fitted(pairs)
    assert found.confidence.mean() == pytest.approx(pairs.truth.mean(), abs=0.02)


def test_a_scorer_that_ranks_backwards_is_flattened_and_not_turned_over() -> None:
    pairs = made_up()
    pairs = replace(pairs, confidence=1 - pairs.confidence)
    found = fitted(pairs)
    heights = [height for _, height in found.kind.curve.points]
    assert heights == sorted(heights)
    assert heights[-1] - heights[0] < 2


def test_pairs_that_are_excluded_unknown_or_not_judged_do_not_count() -> None:
    pairs = made_up()
    spoilt = np.zeros_like(pairs.known)
    spoilt[::7] = True
    kept = fitted(some(pairs, [n for n in range(120) if n % 7]))
    for changed in (
        replace(pairs, known=~spoilt),
        replace(pairs, excluded=spoilt),
        replace(pairs, confidence=np.where(spoilt, np.nan, pairs.confidence)),
    ):
        assert usable_pairs(changed).sum() == 102 * 6
        assert fitted(changed).kind.pairs == kept.kind.pairs


def test_too_little_gold_is_said_with_what_is_needed() -> None:
    pairs = made_up(articles=9)
    assert missing_gold(pairs) == "articles: 9 of the 10 needed"
    with pytest.raises(ValueError, match="articles: 9"):
        fit(pairs)
    nothing = replace(pairs, truth=np.zeros_like(pairs.truth))
    assert "pairs that belong: 0 of the 10 needed" in str(missing_gold(nothing))
    assert missing_gold(made_up(articles=60)) is None
