from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.evaluation.bootstrap import estimate, resample_weights
from classifier.evaluation.metrics import (
    Floats,
    Ranking,
    Scored,
    Statistics,
    by_category,
    hierarchical_f1,
    reliability,
    unit_weights,
)

NAMES = (
    "micro_ap",
    "macro_ap",
    "f1",
    "precision",
    "recall",
    "best_f1",
    "recall_at_precision",
    "coverage_at_precision",
    "top_1",
    "recall_at_5",
    "ece",
    "brier",
)


def scored(confidence: object, truth: object, minimum: float = 0.5) -> Scored:
    """Nothing is unknown; labels are what reaches `minimum`."""
    values = np.array(confidence, dtype=np.float64)
    return Scored(
        values, np.array(truth, dtype=bool), np.ones(values.shape, dtype=bool), values >= minimum
    )


def measure(it: Scored, weights: np.ndarray | None = None) -> dict[str, Floats]:
    weights = (
        unit_weights(len(it.truth)) if weights is None else np.asarray(weights, dtype=np.int32)
    )
    return Statistics(it).measure(weights, by_category(it, weights)["ap"])


def value(it: Scored, name: str) -> float:
    return float(measure(it)[name][0])


@st.composite
def tables(draw: st.DrawFn) -> Scored:
    """Few different confidences, so that ties are common; some pairs are not judged."""
    articles, categories = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    size = articles * categories

    def cells(values: st.SearchStrategy[object]) -> np.ndarray:
        drawn = draw(st.lists(values, min_size=size, max_size=size))
        return np.array(drawn).reshape(articles, categories)

    confidence = cells(st.integers(0, 8)) / 8
    judged = cells(st.booleans()) | cells(st.booleans())
    truth = cells(st.booleans()) & judged
    confidence = np.where(judged, confidence, np.nan)
    return Scored(confidence, truth, judged, judged & (confidence >= 0.5))


# --- slow, plain definitions ---------------------------------------------------------------------


def pairs_of(it: Scored) -> list[tuple[float, bool]]:
    return list(zip(it.confidence[it.judged].tolist(), it.truth[it.judged].tolist(), strict=True))


def plain_average_precision(pairs: list[tuple[float, bool]]) -> float:
    """The sum over all thresholds of precision x the recall that the threshold adds."""
    total = sum(truth for _, truth in pairs)
    result = before = 0.0
    for threshold in sorted({confidence for confidence, _ in pairs}, reverse=True):
        given = [truth for confidence, truth in pairs if confidence >= threshold]
        recall = sum(given) / total
        result += sum(given) / len(given) * (recall - before)
        before = recall
    return result


def plain_recall_at(pairs: list[tuple[float, bool]], precision: float) -> float:
    total = sum(truth for _, truth in pairs)
    reached = [0.0]
    for threshold in {confidence for confidence, _ in pairs}:
        given = [truth for confidence, truth in pairs if confidence >= threshold]
        if sum(given) >= precision * len(given) - 1e-9:
            reached.append(sum(given) / total)
    return max(reached)


def plain_first(confidence: list[float], truth: list[bool], places: int) -> float:
    """The mean share of the true ones among the first places, over all orders of what is tied."""
    orders = [
        order
        for order in permutations(range(len(confidence)))
        if all(confidence[a] >= confidence[b] for a, b in pairwise(order))
    ]
    found = [sum(truth[n] for n in order[:places]) for order in orders]
    return sum(found) / len(found) / sum(truth)


# --- by hand -------------------------------------------------------------------------------------


def test_average_precision_is_the_area_in_steps() -> None:
    # True pairs are the first and the third: 1/2 * 1/1 + 1/2 * 2/3.
    assert value(scored([[0.9, 0.8, 0.7, 0.6]], [[1, 0, 1, 0]]), "micro_ap") == pytest.approx(5 / 6)


def test_tied_confidences_reach_a_threshold_together() -> None:
    assert value(scored([[0.5, 0.5, 0.5, 0.5]], [[1, 0, 0, 0]]), "micro_ap") == 0.25


def test_macro_average_precision_is_the_mean_of_categories_with_a_true_article() -> None:
    it = scored([[0.9, 0.1, 0.3], [0.2, 0.8, 0.4]], [[1, 1, 0], [0, 0, 0]])
    assert value(it, "macro_ap") == pytest.approx((1 + 0.5) / 2)


def test_labels_by_the_rules_have_precision_recall_and_f1() -> None:
    it = scored([[0.9, 0.8, 0.1], [0.7, 0.2, 0.1]], [[1, 0, 1], [1, 0, 0]])
    assert value(it, "precision") == pytest.approx(2 / 3)
    assert value(it, "recall") == pytest.approx(2 / 3)
    assert value(it, "f1") == pytest.approx(2 / 3)


def test_the_best_threshold_is_the_one_with_the_highest_f1() -> None:
    it = scored([[0.9, 0.3, 0.2, 0.1]], [[1, 1, 0, 0]])
    assert Statistics(it).best_threshold == 0.3
    assert value(it, "best_f1") == 1
    assert value(it, "f1") == pytest.approx(2 / 3)


def test_recall_and_coverage_where_nine_of_ten_labels_are_right() -> None:
    confidence = np.linspace(0.99, 0.60, 20).reshape(20, 1)
    truth = np.ones((20, 1), dtype=bool)
    truth[[4, 12, 13]] = False
    it = scored(confidence, truth)
    # 11 of the first 12 are right; with the next three it would be 12 of 15.
    assert value(it, "recall_at_precision") == pytest.approx(11 / 17)
    assert value(it, "coverage_at_precision") == pytest.approx(12 / 20)


def test_where_the_precision_is_never_reached_nothing_is_covered() -> None:
    it = scored([[0.9, 0.8], [0.9, 0.1]], [[0, 1], [0, 0]])
    assert value(it, "recall_at_precision") == 0
    assert value(it, "coverage_at_precision") == 0


def test_the_first_place_is_shared_by_those_that_tie_for_it() -> None:
    assert value(scored([[0.6, 0.6, 0.6, 0.2]], [[1, 0, 1, 0]]), "top_1") == pytest.approx(2 / 3)


def test_recall_at_five_counts_only_articles_with_a_true_category() -> None:
    it = scored([np.linspace(0.9, 0.1, 8), [0.5] * 8], [[1, 0, 0, 0, 0, 1, 0, 0], [0] * 8])
    assert value(it, "recall_at_5") == 0.5


def test_calibration_error_is_the_mean_distance_of_promise_and_share() -> None:
    it = scored([[0.9, 0.9, 0.9, 0.9, 0.1, 0.1]], [[1, 1, 1, 0, 0, 0]])
    assert value(it, "ece") == pytest.approx((4 * 0.15 + 2 * 0.1) / 6)
    assert value(it, "brier") == pytest.approx((3 * 0.01 + 0.81 + 2 * 0.01) / 6)


def test_bins_hold_what_is_above_their_lower_end() -> None:
    bins = reliability(scored([[0.0, 1 / 15, 0.07, 1.0]], [[0, 0, 1, 1]]))
    assert [(b.pairs, round(b.low * 15), round(b.high * 15)) for b in bins] == [
        (2, 0, 1),
        (1, 1, 2),
        (1, 14, 15),
    ]


def test_without_a_true_pair_ranking_is_not_defined() -> None:
    it = scored([[0.9, 0.2]], [[0, 0]])
    defined = {name for name in NAMES if not np.isnan(value(it, name))}
    assert defined == {"precision", "coverage_at_precision", "ece", "brier"}


def test_nothing_at_all_measures_nothing() -> None:
    it = scored(np.empty((0, 3)), np.empty((0, 3)))
    assert all(np.isnan(value(it, name)) for name in NAMES)


# --- for all tables ------------------------------------------------------------------------------


@settings(deadline=None)
@given(tables())
def test_ranking_metrics_are_those_of_the_plain_definitions(it: Scored) -> None:
    pairs = pairs_of(it)
    if not any(truth for _, truth in pairs):
        assert np.isnan(value(it, "micro_ap"))
        return
    assert value(it, "micro_ap") == pytest.approx(plain_average_precision(pairs))
    assert value(it, "recall_at_precision") == pytest.approx(plain_recall_at(pairs, 0.9))


@settings(deadline=None)
@given(tables())
def test_first_places_are_those_of_all_orders_of_what_is_tied(it: Scored) -> None:
    firsts, fives = [], []
    for row in np.flatnonzero((it.truth & it.judged).any(axis=1)):
        judged = it.judged[row]
        row_of = it.confidence[row, judged].tolist(), it.truth[row, judged].tolist()
        firsts.append(plain_first(*row_of, 1) * sum(row_of[1]))
        fives.append(plain_first(*row_of, 5))
    if firsts:
        assert value(it, "top_1") == pytest.approx(np.mean(firsts))
        assert value(it, "recall_at_5") == pytest.approx(np.mean(fives))


@settings(deadline=None)
@given(tables())
def test_average_precision_is_the_same_after_any_rising_map(it: Scored) -> None:
    mapped = Scored(it.confidence**3 / 2 + 0.1, it.truth, it.judged, it.assigned)
    for name in ("micro_ap", "macro_ap", "recall_at_precision", "top_1", "recall_at_5", "best_f1"):
        np.testing.assert_allclose(measure(mapped)[name], measure(it)[name])


@settings(deadline=None)
@given(tables(), st.data())
def test_a_resample_measures_what_a_table_of_its_articles_does(
    it: Scored, data: st.DataObject
) -> None:
    n = len(it.truth)
    drawn = data.draw(st.lists(st.integers(0, n - 1), min_size=n, max_size=n))
    again = Scored(*(a[drawn] for a in (it.confidence, it.truth, it.judged, it.assigned)))
    weights = [np.bincount(drawn, minlength=n)]
    found, expected = measure(it, weights), measure(again)
    for name in NAMES:
        # The threshold of best_f1 is chosen once, on the gold as it is.
        if name != "best_f1":
            np.testing.assert_allclose(found[name], expected[name], err_msg=name)


@settings(deadline=None)
@given(tables())
def test_metrics_are_between_nothing_and_all(it: Scored) -> None:
    for name, values in measure(it).items():
        assert np.isnan(values[0]) or -1e-12 <= values[0] <= 1 + 1e-12, name


@settings(deadline=None)
@given(tables())
def test_no_threshold_beats_the_best_one(it: Scored) -> None:
    best = value(it, "best_f1")
    for minimum in np.arange(9) / 8:
        given = it.judged & (it.confidence >= minimum)
        other = value(Scored(it.confidence, it.truth, it.judged, given), "f1")
        assert np.isnan(other) or other <= best + 1e-12


@settings(deadline=None)
@given(tables())
def test_the_bins_hold_the_calibration_error(it: Scored) -> None:
    bins = reliability(it)
    pairs = sum(b.pairs for b in bins)
    assert pairs == it.judged.sum()
    if pairs:
        error = sum(b.pairs * abs(b.confidence - b.share) for b in bins) / pairs
        assert value(it, "ece") == pytest.approx(error)


@settings(deadline=None)
@given(tables())
def test_the_curve_ends_with_all_that_is_true(it: Scored) -> None:
    recall, precision = Ranking(it).curve()
    assert (np.diff(recall) > 0).all()
    assert recall.size == 0 or recall[-1] == 1
    assert ((precision > 0) & (precision <= 1)).all()


# --- intervals -----------------------------------------------------------------------------------


def test_resamples_draw_as_many_articles_and_always_the_same() -> None:
    weights = resample_weights(30, 50)
    assert weights.shape == (50, 30)
    assert (weights.sum(axis=1) == 30).all()
    assert (weights == resample_weights(30, 50)).all()


def test_an_interval_of_the_mean_is_as_wide_as_theory_says() -> None:
    truth = np.arange(400)[:, None] % 4 == 0
    it = scored(np.full((400, 1), 0.5), truth)
    found = estimate(0.25, measure(it, resample_weights(400, 2000))["precision"])
    assert found is not None
    half = 1.96 * np.sqrt(0.25 * 0.75 / 400)
    assert found.low == pytest.approx(0.25 - half, abs=0.005)
    assert found.high == pytest.approx(0.25 + half, abs=0.005)


def test_what_is_not_defined_has_no_estimate() -> None:
    assert estimate(float("nan"), np.ones(3)) is None
    assert estimate(0.5, np.full(3, np.nan)) is None


def test_hierarchical_f1_counts_what_labels_have_above_them() -> None:
    """Food above bread and cake; cars. The third of Kiritchenko et al.'s cases: a sibling."""
    above = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1]], dtype=np.bool_)
    sibling = scored([[0.1, 0.9, 0.1, 0.1]], [[0, 0, 1, 0]])
    parent = scored([[0.9, 0.1, 0.1, 0.1]], [[0, 0, 1, 0]])
    stranger = scored([[0.1, 0.1, 0.1, 0.9]], [[0, 0, 1, 0]])
    values = [hierarchical_f1(s, above, unit_weights(1))[0] for s in (sibling, parent, stranger)]
    assert values == pytest.approx([1 / 2, 2 / 3, 0])
    assert hierarchical_f1(scored([[0, 0, 1, 0]], [[0, 0, 1, 0]]), above, unit_weights(1))[0] == 1
