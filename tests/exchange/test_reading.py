from __future__ import annotations

import pytest
from support.exchanged import KEY

from classifier.exchange.reading import UnreadableRecordError, key_of, text_of


def test_a_key_is_found_among_other_columns() -> None:
    assert key_of({**KEY.as_data(), "path": "/etc/passwd", "category": "Wine"}) == KEY


@pytest.mark.parametrize("missing", ["", None, 3, ["a"]])
def test_a_key_has_all_its_parts(missing: object) -> None:
    with pytest.raises(UnreadableRecordError, match="is not from `classify verdicts export`"):
        key_of({**KEY.as_data(), "classify_article": missing})


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (" a ", "a"), (["a"], "a"), (["a", "b"], "a\nb"), ([], "")]
)
def test_a_text_may_be_in_a_list(value: object, text: str) -> None:
    assert text_of(value) == text
