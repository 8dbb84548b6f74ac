from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.sidecars.scales import (
    CONFIDENCE,
    aspect_key,
    aspect_of,
    from_iso,
    from_percent,
    to_iso,
    to_percent,
)


@given(st.integers(0, 10**12).map(lambda n: n / 10**12))
def test_a_share_comes_back_exactly(share: float) -> None:
    assert from_percent(to_percent(share)) == share


@given(st.floats(1, 3e10))
def test_a_time_comes_back_exactly(seconds: float) -> None:
    assert from_iso(to_iso(seconds)) == seconds


@given(st.text(max_size=12) | st.sampled_from(["confidence", "confidence_", "confidence__"]))
def test_an_aspect_comes_back_and_is_never_taken_for_the_confidence(aspect: str) -> None:
    key = aspect_key(aspect)
    assert key != CONFIDENCE
    assert aspect_of(key) == aspect


@pytest.mark.parametrize("text", ["", "yesterday", "2024-05-06", "1969-01-01T00:00:00Z", "now\n"])
def test_what_is_no_time_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="not a time"):
        from_iso(text)
