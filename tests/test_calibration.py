from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.calibration import (
    Calibration,
    CategoryMinimum,
    CategoryOffset,
    Curve,
    KindCurve,
    Minimum,
    ScorerCalibration,
    calibrated,
    dump,
    load,
)
from classifier.errors import SettingsError
from classifier.models import Category, ConfidenceKind, Judgement

WINE = Category(id="tags/wine", kind="tags", title="Wine")
BREAD = Category(id="tags/bread", kind="tags", title="Bread")
CRAFT = Category(id="concepts/craft", kind="concepts", title="Craft")

_confidences = st.floats(0, 1)
_definitions = st.text("0123456789abcdef", min_size=4, max_size=4)


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    inner = draw(st.lists(st.integers(1, 99), unique=True, max_size=6))
    raws = [0.0, *(n / 100 for n in sorted(inner)), 1.0]
    rises = [draw(st.floats(0.01, 2)) for _ in raws]
    heights = accumulate(rises, initial=draw(st.floats(-15, 0)))
    return Curve(points=tuple(zip(raws, heights, strict=False)))


@st.composite
def minimums(draw: st.DrawFn) -> Minimum:
    low, reached, high = sorted(draw(st.tuples(_confidences, _confidences, _confidences)))
    return Minimum(
        minimum=draw(_confidences),
        target=draw(st.sampled_from(["precision", "recall"])),
        value=draw(_confidences),
        reached=reached,
        interval=(low, high),
        pairs=draw(st.integers(0, 10**6)),
    )


@st.composite
def fits(draw: st.DrawFn) -> ScorerCalibration:
    names = st.text(max_size=8)
    counts = st.integers(0, 10**6)
    kinds = st.builds(KindCurve, articles=counts, pairs=counts, positive=counts, curve=curves())
    categories = st.builds(
        CategoryOffset,
        definition=_definitions,
        pairs=counts,
        positive=counts,
        offset=st.floats(-50, 50),
    )
    own = st.builds(
        lambda it, definition: CategoryMinimum(definition=definition, **it.model_dump()),
        minimums(),
        _definitions,
    )
    return ScorerCalibration(
        fitted="2026-11-22",
        gold=draw(names),
        kinds=draw(st.dictionaries(names, kinds, max_size=2)),
        categories=draw(st.dictionaries(names, categories, max_size=2)),
        minimum_of_kinds=draw(st.dictionaries(names, minimums(), max_size=2)),
        minimum_of_categories=draw(st.dictionaries(names, own, max_size=2)),
    )


@given(curves(), st.lists(_confidences, min_size=2, unique_by=lambda raw: round(raw, 6)))
def test_a_curve_rises_and_stays_within_0_and_1(curve: Curve, raws: list[float]) -> None:
    # So far apart that floats can tell them apart after the exponential.
    heights = [curve(raw) for raw in sorted(round(raw, 6) for raw in raws)]
    assert all(0 <= height <= 1 for height in heights)
    assert heights == sorted(heights)
    assert len(set(heights)) == len(heights)


@given(curves(), st.floats(-50, 50), _confidences)
def test_an_offset_raises_all_of_a_curve_or_lowers_it(curve: Curve, by: float, raw: float) -> None:
    moved = curve.shifted(by)(raw)
    assert 0 <= moved <= 1
    assert moved >= curve(raw) if by >= 0 else moved <= curve(raw)


@given(st.dictionaries(st.text(max_size=8), fits(), max_size=2))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, scorers: dict[str, ScorerCalibration]
) -> None:
    file = tmp_path_factory.mktemp("site") / "calibration.json"
    calibration = Calibration(scorers=scorers)
    file.write_text(dump(calibration), encoding="utf-8")
    assert load(file) == calibration
    assert dump(load(file)) == dump(calibration)


def test_a_point_is_on_one_line_and_a_name_that_looks_like_one_stays() -> None:
    fitted = ScorerCalibration(fitted="2026-11-22", gold="[ 1, 2 ]", kinds={"tags": of_kind()})
    text = dump(Calibration(scorers={"me": fitted}))
    assert '"[ 1, 2 ]"' in text
    assert "[0.0, -3.0]" in text


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


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe",
        b"[" * 10_000,
        b'{"version": 2, "scorers": {}}',
        b'{"scorers": {"me": {"fitted": "", "gold": ""}}, "more": 1}',
        b'{"scorers": {"me": {"fitted": "", "gold": "", "kinds": {"tags": {"articles": 1, '
        b'"pairs": 1, "positive": 1, "curve": {"points": [[0, 1], [1, 0]]}}}}}}',
        b'{"scorers": {"me": {"fitted": "", "gold": "", "kinds": {"tags": {"articles": 1, '
        b'"pairs": 1, "positive": 1, "curve": {"points": [[0.1, 0], [1, 1]]}}}}}}',
    ],
)
def test_a_file_that_is_no_calibration_is_told_in_one_line_with_the_way_out(
    tmp_path: Path, text: bytes
) -> None:
    file = tmp_path / "calibration.json"
    file.write_bytes(text)
    with pytest.raises(
        SettingsError, match=r"is not a calibration file .*--calibration off"
    ) as raised:
        load(file)
    assert "\n" not in str(raised.value)
    assert repr(str(file)) in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot read .*calibration\.json"):
        load(tmp_path / "calibration.json")
