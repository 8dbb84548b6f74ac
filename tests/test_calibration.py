from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.calibrations import curves

from classifier.calibration import (
    CategoryMinimum,
    CategoryOffset,
    Curve,
    KindCurve,
    Minimum,
    ScorerCalibration,
    calibrated,
)
from classifier.models import Category, ConfidenceKind, Judgement

WINE = Category(id="tags/wine", kind="tags", title="Wine")
BREAD = Category(id="tags/bread", kind="tags", title="Bread")
CRAFT = Category(id="concepts/craft", kind="concepts", title="Craft")


@given(curves(), st.lists(st.floats(0, 1), min_size=2, unique_by=lambda raw: round(raw, 6)))
def test_a_curve_rises_and_stays_within_0_and_1(curve: Curve, raws: list[float]) -> None:
    # So far apart that floats can tell them apart after the exponential.
    heights = [curve(raw) for raw in sorted(round(raw, 6) for raw in raws)]
    assert all(0 <= height <= 1 for height in heights)
    assert heights == sorted(heights)
    assert len(set(heights)) == len(heights)


@given(curves(), st.floats(-50, 50), st.floats(0, 1))
def test_an_offset_raises_all_of_a_curve_or_lowers_it(curve: Curve, by: float, raw: float) -> None:
    moved = curve.shifted(by)(raw)
    assert 0 <= moved <= 1
    assert moved >= curve(raw) if by >= 0 else moved <= curve(raw)


def of_kind() -> KindCurve:
    curve = Curve(points=((0, -3), (0.5, -1), (1, 3)))
    return KindCurve(articles=20, pairs=40, positive=12, curve=curve)


@pytest.fixture
def fitted() -> ScorerCalibration:
    """Of tags alone; wine has an offset and a minimum."""
    common = {"target": "precision", "value": 0.9, "reached": 0.95, "interval": (0.9, 0.99)}
    return ScorerCalibration(
        fitted="2026-11-22",
        gold="gold.csv",
        kinds={"tags": of_kind()},
        categories={
            WINE.id: CategoryOffset(definition=WINE.digest, pairs=20, positive=6, offset=1.0)
        },
        minimum_of_kinds={"tags": Minimum(minimum=0.7, pairs=80, **common)},
        minimum_of_categories={
            WINE.id: CategoryMinimum(minimum=0.6, pairs=60, definition=WINE.digest, **common)
        },
    )


def test_a_category_with_an_offset_has_a_curve_of_its_own(fitted: ScorerCalibration) -> None:
    wine, bread = fitted.curve(WINE), fitted.curve(BREAD)
    assert wine is not None
    assert bread == fitted.kinds["tags"].curve
    assert wine(0.5) == pytest.approx(0.5)  # log-odds of -1, and 1 more
    assert bread(0.5) == pytest.approx(0.2689, abs=1e-4)


def test_a_definition_that_was_changed_falls_back_to_its_kind(fitted: ScorerCalibration) -> None:
    changed = replace(WINE, description="Red, white and orange.")
    assert fitted.curve(changed) == fitted.kinds["tags"].curve
    found = fitted.minimum_of(changed)
    assert found is not None
    assert found.minimum == 0.7
    unchanged = fitted.minimum_of(WINE)
    assert unchanged is not None
    assert unchanged.minimum == 0.6


def test_a_kind_without_gold_keeps_its_confidences(fitted: ScorerCalibration) -> None:
    assert fitted.curve(CRAFT) is None
    assert fitted.minimum_of(CRAFT) is None
    judgements = [
        Judgement(category=it.id, confidence=0.5, kind=ConfidenceKind.STATED, scorer="me")
        for it in (WINE, CRAFT)
    ]
    wine, craft = calibrated(judgements, {WINE.id: fitted.kinds["tags"].curve})
    assert (wine.kind, wine.raw) == (ConfidenceKind.CALIBRATED, 0.5)
    assert craft == judgements[1]
