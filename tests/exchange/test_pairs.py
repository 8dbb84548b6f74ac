from __future__ import annotations

import pytest
from support.exchanged import pair

from classifier.exchange.pairs import CHOICES, KEYS


def test_a_key_travels_under_names_of_its_own() -> None:
    data = pair().key.as_data()
    assert list(data) == [f"classify_{name}" for name in KEYS]


@pytest.mark.parametrize("label", [True, False])
def test_what_is_suggested_is_what_is_decided_now(label: bool) -> None:
    assert CHOICES[pair(label=label).suggestion] is label
