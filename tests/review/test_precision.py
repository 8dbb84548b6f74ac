from __future__ import annotations

import pytest
from support.pair_tables import given, table

from classifier.review.precision import precisions

SAMPLED, NOT = f"{0:08x}", f"{1:08x}"


def test_precision_counts_suggested_labels_that_people_saw() -> None:
    made = table(
        [[0.9, 0.6, 0.1], [0.9, 0.6, 0.1], [0.9, 0.6, 0.1]],
        verdicts={
            0: {"bread": True, "cheese": False, "wine": True},  # wine was no suggestion
            1: {"bread": False},
        },
        digests=[SAMPLED, NOT, NOT],
    )
    whole, bread, cheese = precisions(made)
    assert (whole.category, whole.accepted, whole.rejected, whole.seen) == ("", 1, 2, 3)
    assert (bread.category, bread.accepted, bread.rejected) == ("tags/bread", 1, 1)
    assert (cheese.category, cheese.accepted, cheese.rejected) == ("tags/cheese", 0, 1)
    assert whole.sampled is not None
    assert whole.sampled.value == pytest.approx(0.5)
    assert bread.sampled is not None
    assert bread.sampled.pairs == 1


def test_what_was_trained_on_does_not_count() -> None:
    made = table([[0.9, 0.1, 0.1], [0.9, 0.1, 0.1]], verdicts={0: {"bread": True}})
    made.give(1, given({"bread": False}, at=30.0))
    assert [(it.accepted, it.rejected) for it in precisions(made, since=20.0)] == [(0, 1)] * 2


def test_without_verdicts_there_is_nothing_to_say() -> None:
    (whole,) = precisions(table([[0.9, 0.1, 0.1]], digests=[SAMPLED]))
    assert (whole.seen, whole.sampled) == (0, None)
