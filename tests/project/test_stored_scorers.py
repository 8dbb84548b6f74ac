from __future__ import annotations

import pytest

from classifier.errors import UsageError
from classifier.project.stored_scorers import choose

KNOWN = ["openai:m1:aaaa", "openai:m1:aaaa:batch", "embedded:mini:bbbb"]


@pytest.mark.parametrize(
    ("part", "identity"), [("mini", KNOWN[2]), ("openai:m1:aaaa", KNOWN[0]), ("batch", KNOWN[1])]
)
def test_a_part_that_only_one_has_is_enough_and_the_whole_wins(part: str, identity: str) -> None:
    assert choose(part, KNOWN) == identity


def test_a_part_of_several_or_of_none_is_refused_with_what_there_is() -> None:
    with pytest.raises(UsageError, match=r"'openai' matches several scorers: .*aaaa.*batch"):
        choose("openai", KNOWN)
    with pytest.raises(UsageError, match=r"is not stored; stored scorers: .*mini"):
        choose("other", KNOWN)
    with pytest.raises(UsageError, match="stored scorers: none"):
        choose("other", [])
