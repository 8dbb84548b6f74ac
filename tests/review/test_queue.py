from __future__ import annotations

import numpy as np
from support.pair_tables import given, table

from classifier.models import Rule
from classifier.review.queue import SHARE, is_sampled, order, questions, uncertainty

SAMPLED, NOT = f"{0:08x}", f"{1:08x}"


def rows(*confidences: list[float], digests: list[str] | None = None) -> list[int]:
    made = table(confidences, digests=digests or [NOT] * len(confidences))
    return [ask.row for ask in order(made)]


def test_a_pair_at_the_minimum_is_as_doubtful_as_can_be() -> None:
    doubt = uncertainty(table([[0.5, 0.99, None]], excluded=[]))
    assert doubt[0, 0] == 1
    assert doubt[0, 1] < 0.05
    assert doubt[0, 2] == 0
    assert uncertainty(table([[0.5, 0.5, 0.5]], excluded=[(0, 1)]))[0].tolist() == [1, 0, 1]


def test_labels_near_misses_and_doubts_are_asked_about_and_clear_pairs_are_not() -> None:
    made = table([[0.45, 0.97, 0.001]])
    assert questions(made).tolist() == [[True, True, False]]
    made.give(0, given({"cheese": False, "bread": True}))
    assert questions(made).tolist() == [[True, True, False]]  # nothing moves under the reviewer


def test_of_an_article_without_labels_the_best_pairs_are_asked_about() -> None:
    names = [f"c{n}" for n in range(9)]
    made = table([[0.09 - n / 100 for n in range(9)]], names=names, excluded=[(0, 0)])
    assert questions(made)[0].tolist() == [False, *[True] * 5, False, False, False]


def test_an_article_has_only_so_many_questions_but_all_its_labels() -> None:
    categories = [f"c{n:02}" for n in range(30)]
    near = table([[0.45 - n / 1000 for n in range(30)]], names=categories)
    assert questions(near).sum() == 12
    assert questions(near)[0, :12].all()
    labels = table([[0.9] * 30], names=categories, rule=Rule(at_most=None))
    assert questions(labels).all()


def test_doubtful_articles_come_before_clear_ones() -> None:
    assert rows([0.99, 0.001, 0.001], [0.5, 0.001, 0.001], [0.9, 0.001, 0.001]) == [1, 2, 0]


def test_another_scorer_that_disagrees_makes_a_pair_more_instructive() -> None:
    made = table([[0.6, 0.001, 0.001], [0.001, 0.75, 0.001]], digests=[NOT, NOT])
    assert [ask.row for ask in order(made)] == [0, 1]
    differs = np.array([[0, 0, 0], [0, 1, 0]])
    assert [ask.row for ask in order(made, disagreement=differs)] == [1, 0]


def test_one_category_does_not_take_all() -> None:
    bread = [[0.5, 0.001, 0.001]] * 4
    wine = [[0.001, 0.001, 0.9]]
    assert rows(*bread, *wine).index(4) == 1


def test_what_is_decided_is_not_asked_again() -> None:
    made = table([[0.6, 0.001, 0.001], [0.7, 0.001, 0.001]], verdicts={0: {"bread": True}})
    assert [ask.row for ask in order(made)] == [1]


def test_a_random_share_is_mixed_in_and_stays_the_same() -> None:
    digests = [SAMPLED if n < 10 else NOT for n in range(60)]
    confidences = [[0.9, 0.001, 0.001] if n < 10 else [0.5, 0.001, 0.001] for n in range(60)]
    made = table(confidences, digests=digests)
    asks = list(order(made))
    assert len(asks) == len({ask.row for ask in asks}) == 60
    assert [n for n, ask in enumerate(asks) if ask.sampled][:4] == [
        SHARE * n + SHARE - 1 for n in range(4)
    ]
    assert all(ask.sampled == (ask.row < 10) for ask in asks)
    assert sum(is_sampled(f"{n:08x}") for n in range(1000)) == 1000 // SHARE


def test_without_anything_doubtful_nothing_is_asked() -> None:
    assert rows([0.001, 0.001, 0.001]) == []
    assert rows() == []
