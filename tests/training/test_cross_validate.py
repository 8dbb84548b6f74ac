from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.examples import after, examples

from classifier.training.cross_validate import (
    average_precision,
    cross_validate,
    log_loss,
    mean_precision_in_folds,
)


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


def test_what_is_accepted_nowhere_is_rescaled_as_its_kind_and_keeps_its_order() -> None:
    given = examples(60, 5)
    truth = given.truth.copy()
    truth[:, 3] = False
    lesson = cross_validate(replace(given, truth=truth))
    assert lesson.shrinkage[3] == 0
    before, now = lesson.before[:, 3], lesson.after[:, 3]
    for number in range(int(lesson.fold.max()) + 1):
        rows = lesson.fold == number
        assert np.array_equal(np.argsort(before[rows]), np.argsort(now[rows]))


def test_the_only_accepted_article_of_a_category_is_judged_as_if_none_were() -> None:
    given = examples(20, 5)
    truth = given.truth.copy()
    truth[:, 3] = False
    none = cross_validate(replace(given, truth=truth))
    truth[7, 3] = True
    one = cross_validate(replace(given, truth=truth))
    assert none.shrinkage[3] == 0
    # Its own fold has not seen it: nothing but slope and constant moves the articles there.
    rows = np.flatnonzero(one.fold == one.fold[7])
    moved = one.after[rows, 3] - one.before[rows, 3]
    line = np.polyfit(one.before[rows, 3], moved, 1)
    assert np.allclose(np.polyval(line, one.before[rows, 3]), moved)
