from __future__ import annotations

import pytest
from support.pair_tables import given, table

from classifier.models import Rule
from classifier.review.threshold import threshold_change


def test_a_lower_minimum_adds_and_a_higher_one_removes() -> None:
    made = table([[0.9, 0.1, 0.1], [0.6, 0.1, 0.1], [0.4, 0.1, 0.1], [None, 0.1, 0.1]])
    lower = threshold_change(made, 0, 0.3, {})
    assert (lower.added, lower.removed, lower.labels, lower.changes) == (("2.md",), (), 3, 1)
    higher = threshold_change(made, 0, 0.7, {})
    assert (higher.added, higher.removed, higher.labels) == ((), ("1.md",), 1)
    assert threshold_change(made, 0, 0.5, {}).changes == 0


def test_a_label_that_comes_may_cost_another_its_place() -> None:
    made = table([[0.45, 0.1, 0.9], [0.48, 0.6, 0.9]], rule=Rule(at_most=2))
    change = threshold_change(made, 0, 0.4, {})
    assert change.added == ("0.md",)  # in 1.md two are better
    assert change.others == 0
    change = threshold_change(table([[0.95, 0.1, 0.9]], rule=Rule(at_most=1)), 0, 0.97, {})
    assert (change.removed, change.others, change.changes) == (("0.md",), 1, 2)


@pytest.mark.parametrize("accepted", [True, False])
def test_verdicts_and_exclusions_hold_whatever_the_minimum(accepted: bool) -> None:
    verdicts = {0: given({"bread": accepted})}
    made = table(
        [[0.6, 0.1, 0.1], [0.6, 0.1, 0.1]],
        verdicts={0: {"bread": accepted}},
        excluded=[(1, 0)],
    )
    assert threshold_change(made, 0, 0.9, verdicts).changes == 0
    assert threshold_change(made, 0, 0.1, verdicts).changes == 0
