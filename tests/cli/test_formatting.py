from __future__ import annotations

import pytest

from classifier.cli import formatting
from classifier.models import Usage
from classifier.scorers.openai.costs import UsageEstimate
from classifier.store import values


@pytest.mark.parametrize(
    ("dollars", "shown"), [(None, "unknown price"), (0.00012, "$0.0001"), (1234.5, "$1,234.50")]
)
def test_small_amounts_are_exact_and_large_ones_to_the_cent(dollars, shown: str) -> None:
    assert formatting.money(dollars) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.04, "0.0s"), (9.94, "9.9s"), (59.4, "59s"), (59.6, "1m 00s"), (3599.6, "1h 00m")],
)
def test_a_time_has_two_units_at_most(seconds: float, shown: str) -> None:
    assert formatting.span(seconds) == shown


@pytest.mark.parametrize(
    ("confidence", "shown"), [(0.4996, "0.49"), (0.5, "0.50"), (0.29, "0.29"), (1.0, "1.00")]
)
def test_a_confidence_is_rounded_down(confidence: float, shown: str) -> None:
    assert formatting.two_digits(confidence) == shown


def test_what_was_spent_says_so_when_it_was_nothing() -> None:
    assert formatting.spent(Usage()) == "offline, free"
    used = Usage(calls=1, input_tokens=1000, cached_tokens=600, output_tokens=20, cost=0.5)
    assert formatting.spent(used) == "1 call, 1,000 tokens in (600 cached), 20 out, $0.5000"


def test_an_expected_cost_has_a_range_or_is_unknown() -> None:
    assert formatting.between(UsageEstimate(low=1, expected=2, high=3)) == (
        "$2.0000 ($1.0000 to $3.0000)"
    )
    assert formatting.between(UsageEstimate(expected=None)) == "unknown price"


def test_kinds_with_and_without_a_calibration_are_named() -> None:
    kinds = ["tags", "concepts"]
    assert formatting.calibrated(kinds, []) == "confidences: not calibrated"
    assert formatting.calibrated(kinds, [], "similarity") == (
        "confidences: similarity, not calibrated"
    )
    assert formatting.calibrated(kinds, kinds) == "confidences: calibrated"
    assert formatting.calibrated(kinds, ["tags"]) == (
        "confidences: calibrated for tags, not for concepts"
    )


def test_a_short_identity_keeps_name_and_model() -> None:
    assert formatting.identity("openai:m:7b:0123456789ab") == "openai:m:7b:01234567"


@pytest.mark.parametrize("seconds", [values.FIRST_MOMENT, -1.0, 0.0, values.LAST_MOMENT - 86_400])
def test_every_time_that_a_store_may_hold_has_a_date(seconds: float) -> None:
    assert ":" in formatting.date(seconds)
    assert "T" in formatting.iso(seconds)
