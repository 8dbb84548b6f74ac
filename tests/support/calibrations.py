"""Calibrations of any shape, for property tests."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import strategies as st

from classifier.calibration import (
    CategoryMinimum,
    CategoryOffset,
    Curve,
    KindCurve,
    Minimum,
    ScorerCalibration,
)

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
        target=draw(st.sampled_from(["precision", "recall", "f1"])),
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
