from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from classifier.calibration import UNCHANGED, Curve
from classifier.models import Category
from classifier.scorers.cascade.common_scale import CommonScale

BREAD = Category(id="tags/bread", kind="tags", title="Bread")
WINE = Category(id="tags/wine", kind="tags", title="Wine")
PLACE = Category(id="places/inn", kind="places", title="Inn")
SCALE = CommonScale(
    curves={"tags": Curve(points=((0.0, -6.0), (0.3, -1.0), (1.0, 5.0)))},
    offsets={BREAD.digest: 1.0},
)


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_order_of_articles_stays(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= SCALE(BREAD, low) <= SCALE(BREAD, high) <= 1


def test_a_category_is_known_by_its_definition_and_moved_by_its_offset() -> None:
    assert SCALE(BREAD, 0.3) == 0.5
    assert SCALE(WINE, 0.3) < 0.3
    moved = Category(id="tags/loaves", kind="tags", title="Bread")
    assert SCALE(moved, 0.3) == 0.5


def test_a_kind_without_a_curve_keeps_its_confidences() -> None:
    assert SCALE(PLACE, 0.37) == 0.37
    assert CommonScale()(BREAD, 0.37) == 0.37


@given(st.floats(0, 1))
def test_the_curve_of_what_is_not_calibrated_changes_next_to_nothing(confidence: float) -> None:
    assert abs(UNCHANGED(confidence) - confidence) < 0.001


def test_it_is_read_as_it_was_written() -> None:
    SCALE(BREAD, 0.3)  # what it remembers is not written
    assert CommonScale.model_validate_json(SCALE.model_dump_json()) == CommonScale(
        curves=SCALE.curves, offsets=SCALE.offsets
    )
