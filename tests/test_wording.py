from __future__ import annotations

import pytest

from classifier.wording import count


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0 pairs"), (1, "1 pair"), (1234, "1,234 pairs")]
)
def test_one_of_a_thing_is_not_several(number: int, shown: str) -> None:
    assert count(number, "pair") == shown
