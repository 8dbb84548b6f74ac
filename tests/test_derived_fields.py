from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.definitions import category, taxonomy

from classifier.derived_fields import LinearField, compute, linear_fields
from classifier.errors import SettingsError
from classifier.settings import Settings

BREAD, WINE = category("Bread"), category("Red wine")
TAXONOMY = taxonomy(BREAD, WINE, category("Bread", name="concepts/bread"))
WEIGHT = {"categories": ["Red wine", "tags/bread"], "at_zero": 1000, "at_one": 0}


def weight(**confidences: float | None) -> float | None:
    found = linear_fields(Settings(derived={"weight": WEIGHT}), TAXONOMY)
    ids = {"bread": BREAD.id, "wine": WINE.id}
    judged = {ids[name]: it for name, it in confidences.items() if it is not None}
    return compute(judged, found).get("weight")


@pytest.mark.parametrize(
    ("bread", "wine", "expected"),
    [(0.81, 0.81, 190), (1, 1, 0), (0, 0, 1000), (0.8105, 0.8105, 190), (0.5, 0.8, 350)],
)
def test_the_number_is_linear_in_the_mean_of_the_confidences(
    bread: float, wine: float, expected: int
) -> None:
    assert weight(bread=bread, wine=wine) == expected


@pytest.mark.parametrize(
    ("confidences", "expected"),
    [((0.81, 0.75), 220), ((0.81, 0.004), 1000), ((0.81, 0.006), 592), ((0, 1), 1000)],
)
def test_a_confidence_of_zero_may_decide_alone(
    confidences: tuple[float, ...], expected: int
) -> None:
    field = LinearField(name="weight", categories=(), at_zero=1000, at_one=0, at_any_zero=1000)
    assert field(*confidences) == expected


@pytest.mark.parametrize(("confidence", "shown"), [(1, "0.7"), (0.24, "0.5"), (0.76, "0.7")])
def test_a_priority_keeps_one_decimal(confidence: float, shown: str) -> None:
    field = LinearField(name="priority", categories=(), at_zero=0.5, at_one=0.7, decimals=1)
    assert repr(field(confidence)) == shown


def test_a_category_that_was_not_judged_leaves_no_number() -> None:
    assert weight(bread=0.9, wine=None) is None


@given(st.floats(0, 1), st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_the_number_stays_between_its_ends(confidence: float, zero: float, one: float) -> None:
    value = LinearField(name="n", categories=(), at_zero=zero, at_one=one)(confidence)
    assert min(zero, one) - 0.51 <= value <= max(zero, one) + 0.51


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"categories": ["Bread"]}, "'Bread' is ambiguous: write tags/bread or concepts/bread"),
        ({"categories": ["Red wines"]}, "no category 'Red wines'.* did you mean 'red-wine'"),
    ],
)
def test_a_name_that_is_not_one_category_is_told(change: dict[str, object], told: str) -> None:
    found = Settings(derived={"weight": WEIGHT | change})
    with pytest.raises(SettingsError, match=told) as error:
        linear_fields(found, TAXONOMY)
    assert str(error.value).startswith("derived.weight.categories: ")


def test_a_key_that_holds_labels_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"derived\.tags: .* holds the labels of kind 'tags'"):
        linear_fields(Settings(derived={"tags": WEIGHT}), TAXONOMY)
