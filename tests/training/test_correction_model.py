from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from classifier.training.correction_model import Examples, fit
from classifier.training.cross_validate import (
    average_precision,
    cross_validate,
    log_loss,
    mean_precision_in_folds,
)


def examples(
    articles: int = 60, categories: int = 4, *, signal: float = 6.0, seed: int = 0
) -> Examples:
    """Articles whose vectors and first words say what belongs; the log-odds know half of it."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(articles, 16))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    directions = rng.normal(size=(16, categories))
    logits = rng.normal(size=(articles, categories)) - 1
    truth = logits + signal * vectors @ directions + rng.normal(size=logits.shape) > 0
    words = rng.random((articles, 30)) * (rng.random((articles, 30)) < 0.3)
    words[:, :categories] = truth * 0.3
    return Examples(
        truth=truth,
        known=np.ones_like(truth),
        logits=logits,
        features=rng.normal(size=(articles, categories, 3)).astype(np.float32),
        vectors=vectors.astype(np.float32),
        words=words.astype(np.float32),
    )


def after(given: Examples, taught: Examples) -> np.ndarray:
    (found,) = fit(taught)
    return found.recalibrated(given) + found.added(given)


def test_what_was_learned_ranks_other_articles_better() -> None:
    every = examples(160)
    rest = every.of_rows(np.arange(80, 160))
    ours = after(rest, every.of_rows(np.arange(80)))
    before = average_precision(rest.logits, rest.truth, rest.known)
    assert average_precision(ours, rest.truth, rest.known) > before + 0.05


def test_what_is_said_of_one_category_says_little_of_another() -> None:
    """All they share are the weights of features, and how log-odds are to be read."""
    one = examples(categories=3)
    other = replace(one, truth=np.column_stack([one.truth[:, :1], ~one.truth[:, 1:]]))
    found = [fit(it)[0].by_vector for it in (one, other)]
    alike = [np.corrcoef(found[0][:, i], found[1][:, i])[0, 1] for i in range(3)]
    assert alike[0] > 0.9
    assert max(alike[1:]) < -0.5


def test_nothing_known_changes_nothing() -> None:
    silent = replace(examples(), known=np.zeros((60, 4), dtype=bool))
    assert after(silent, silent) == pytest.approx(silent.logits, abs=1e-3)


def test_a_few_rejections_do_not_reject_everything() -> None:
    """People correct mistakes. Ten of them, all rejections, say little of all other pairs."""
    given = examples(100, 10)
    wrong = np.argwhere(~given.truth & (given.logits > 0))[:10]
    known = np.zeros_like(given.truth)
    known[tuple(wrong.T)] = True
    given = replace(given, known=known)
    moved = (after(given, given) - given.logits)[~known]
    assert abs(moved.mean()) < 0.3
    assert np.mean((after(given, given) > 0) == (given.logits > 0)) > 0.9


def test_a_category_that_was_only_rejected_now_and_then_stays_as_it_is() -> None:
    given = examples(40, 5)
    known = np.zeros_like(given.truth)
    known[:20] = ~given.truth[:20]
    known[:, 0] |= given.truth[:, 0]
    known[:, 4] = False
    lesson = cross_validate(replace(given, known=known))
    assert np.array_equal(lesson.after[:, 1:], given.logits[:, 1:])


def test_single_corrections_do_not_change_how_confidences_are_read() -> None:
    given = examples(40, 5)
    known = np.random.default_rng(1).random(given.truth.shape) < 0.5
    (found,) = fit(replace(given, known=known & (np.arange(5) > 0)))
    assert (found.slope, found.constant) == (1.0, 0.0)
    assert not found.weights.any()


def test_a_weaker_prior_moves_more() -> None:
    given = examples()
    weak, strong = fit(given, strengths=(4.0, 0.25))
    assert np.abs(weak.added(given)).mean() > np.abs(strong.added(given)).mean()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("articles", [2, 10, 40])
def test_no_category_gets_worse_in_its_own_cross_validation(articles: int, seed: int) -> None:
    given = examples(articles, 6, signal=0.5, seed=seed)
    lesson = cross_validate(given)
    for i in range(6):
        its = given.of_category(i)
        before, now = (
            mean_precision_in_folds(side[:, i], its, lesson.fold)
            for side in (lesson.before, lesson.after)
        )
        assert not now < before - 1e-9
        losses = [log_loss(side, given.truth)[:, i].sum() for side in (lesson.before, lesson.after)]
        assert losses[1] <= losses[0] + 1e-6


def test_learning_is_worth_it_where_there_is_something_to_learn() -> None:
    given = examples(80)
    lesson = cross_validate(given)
    assert lesson.shrinkage.mean() > 0.5
    micro = [
        average_precision(side, given.truth, given.known) for side in (lesson.before, lesson.after)
    ]
    assert micro[1] > micro[0]


def test_the_same_examples_teach_the_same() -> None:
    one, other = cross_validate(examples()), cross_validate(examples())
    assert np.array_equal(one.after, other.after)
    assert np.array_equal(one.fit.by_word, other.fit.by_word)
