from __future__ import annotations

from support.pair_tables import given, table

from classifier.models import Rule


def test_labels_are_decided_with_and_without_people() -> None:
    made = table([[0.9, 0.4, 0.6], [0.2, None, 0.1]], verdicts={0: {"cheese": True, "wine": False}})
    assert made.suggested.tolist() == [[True, False, True], [False, False, False]]
    assert made.label.tolist() == [[True, True, False], [False, False, False]]
    assert made.verdict.tolist() == [[0, 1, -1], [0, 0, 0]]
    assert made.with_verdicts() == [0]


def test_a_verdict_may_be_taken_back_or_be_on_what_nothing_has_judged() -> None:
    made = table([[0.9, None, 0.6]])
    made.give(0, given({"cheese": True, "bread": False}))
    assert made.label[0].tolist() == [False, True, True]
    made.give(0, {})
    assert made.label[0].tolist() == [True, False, True]
    made.give(0, given({"beer": True}))  # of another taxonomy
    assert made.label[0].tolist() == [True, False, True]


def test_a_label_that_a_person_gave_takes_a_place() -> None:
    made = table([[0.9, 0.1, 0.6]], rule=Rule(at_most=2))
    made.give(0, given({"cheese": True}))
    assert made.label[0].tolist() == [True, True, False]


def test_near_misses_lack_little_and_are_not_excluded() -> None:
    made = table([[0.45, 0.41, 0.39], [0.6, None, 0.48]], excluded=[(0, 1)])
    assert made.near().tolist() == [[True, False, False], [False, False, True]]
    assert made.near(0).tolist() == [True, False, False]
    assert made.suggested[1].tolist() == [True, False, False]
