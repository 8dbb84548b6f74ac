from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.site_profile import FEWEST_ARTICLES, FEWEST_CATEGORIES
from classifier.training import profiling

NAMES = [f"{n:02}" for n in range(30)]


def table(seed: int = 0, articles: int = 80, categories: int = 30) -> np.ndarray:
    """Return scores of a site: most pairs far off, a few near; some articles score high."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(-4, 1, (articles, categories)) + rng.normal(0, 0.5, (articles, 1))
    near = rng.random((articles, categories)) < 2 / categories
    return np.round(1 / (1 + np.exp(-np.where(near, odds + 4, odds))), 4)


def labels(scores: np.ndarray, profile: profiling.KindProfile) -> list[int]:
    found = []
    for row in scores.tolist():
        minimums = profile.minimums(dict(zip(profile.levels, row, strict=True))).values()
        found.append(sum(c >= m for c, m in zip(row, minimums, strict=True)))
    return found


@given(st.randoms(use_true_random=False))
def test_the_order_of_articles_does_not_matter(random: object) -> None:
    rows = table().tolist()
    random.shuffle(rows)  # type: ignore[attr-defined]
    assert profiling.fit(np.array(rows), NAMES) == profiling.fit(table(), NAMES)


@given(st.integers(0, 50), st.integers(5, 30), st.floats(-2, 1))
def test_the_threshold_is_that_of_a_sorted_copy(seed: int, categories: int, rate: float) -> None:
    scores = table(seed, categories=categories)
    given = scores.copy()
    made = profiling.fit(scores, NAMES[:categories], (rate, 0, 0))
    assert made is not None
    assert (scores == given).all()
    totals = scores.sum(axis=1)
    fitting = scores[totals >= profiling.FIT_NOTHING * np.median(totals)]
    shifts = np.array([made.shift(total) for total in fitting.sum(axis=1).tolist()])
    centred = profiling.table_log_odds(fitting) - np.array([*made.levels.values()])
    best = -np.sort(-(centred - shifts[:, None]), axis=1)[:, : profiling.AT_MOST]
    place = min(max(round(made.labels * len(fitting)), 1), best.size)
    expected = round(float(np.sort(best.ravel())[::-1][place - 1]), 6)
    caution = categories / (categories + profiling.CAUTION) if expected < 0 else 1
    assert made.threshold == pytest.approx(expected * caution, abs=1e-9)


@pytest.mark.parametrize(
    ("articles", "categories"), [(FEWEST_ARTICLES - 1, 30), (80, FEWEST_CATEGORIES - 1), (0, 30)]
)
def test_a_tiny_folder_or_vocabulary_has_no_profile(articles: int, categories: int) -> None:
    scores = table(articles=articles, categories=categories)
    assert profiling.fit(scores, NAMES[:categories]) is None


def test_scores_that_are_all_zero_make_no_profile() -> None:
    assert profiling.fit(np.zeros((20, 30)), NAMES) is None


def test_the_threshold_gives_about_the_labels_it_was_chosen_for() -> None:
    for rate in (0.5, 1.0, 2.0):
        made = profiling.fit(table(), NAMES, (np.log(rate), 0, 0))
        assert made is not None
        assert made.labels == pytest.approx(rate)
        assert np.mean(labels(table(), made)) == pytest.approx(rate, rel=0.25)


def test_more_labels_need_less_confidence() -> None:
    made = [profiling.fit(table(), NAMES, (np.log(rate), 0, 0)) for rate in (0.5, 1, 2, 4)]
    thresholds = [profile.threshold for profile in made if profile]
    assert len(thresholds) == 4
    assert thresholds == sorted(thresholds, reverse=True)


def test_articles_that_fit_nothing_get_no_label_and_leave_the_others_theirs() -> None:
    own, foreign = table(), np.round(table(1, 20) * 0.02, 4)
    alone, mixed = profiling.fit(own, NAMES), profiling.fit(np.vstack([own, foreign]), NAMES)
    assert alone is not None
    assert mixed is not None
    assert sum(labels(foreign, mixed)) == 0
    assert sum(labels(own, mixed)) == pytest.approx(sum(labels(own, alone)), rel=0.2)


def test_a_vocabulary_of_few_categories_levels_them_and_one_of_many_does_not() -> None:
    few = profiling.fit(table(categories=10), NAMES[:10])
    many = profiling.fit(table(categories=120), [str(n) for n in range(120)])
    assert few is not None
    assert many is not None
    assert any(few.levels.values())
    assert not any(many.levels.values())


def test_a_level_counts_less_where_there_are_few_articles() -> None:
    spread = []
    for articles in (10, 1000):
        scores = table(articles=articles, categories=10)
        scores[:, 0] = 0.9
        made = profiling.fit(scores, NAMES[:10])
        assert made is not None
        spread.append(made.levels["00"])
    assert 0 < spread[0] < spread[1]


def test_more_categories_and_higher_sums_promise_more_labels() -> None:
    assert profiling.expected_labels(20, 1) < profiling.expected_labels(80, 1)
    assert profiling.expected_labels(50, 1) < profiling.expected_labels(50, 8)


def test_centring_ranks_an_article_whose_scores_are_all_high_no_higher() -> None:
    scores = np.full((20, 10), 0.1)
    scores[:, 0] = 0.6
    scores[0] = 0.55  # close to everything
    made = profiling.fit(scores, NAMES[:10])
    assert made is not None
    centred = profiling.centred(scores, made)
    assert scores[0, 1] > scores[1, 1]
    assert centred[0, 1] < centred[1, 0]
