from __future__ import annotations

import pytest

from classifier.content.formats import extract
from classifier.content.formats.extract import UnreadableError, bounded, named, plain
from classifier.content.markdown import prose


def test_runs_of_empty_lines_shrink() -> None:
    assert bounded("a\n\n\n \n\nb\n\nc\nd") == "a\n\nb\n\nc\nd"


def test_too_much_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "LARGEST", 3)
    with pytest.raises(UnreadableError):
        bounded("1234")


def test_values_are_text_on_one_line() -> None:
    assert named(title=" a\n b ", description="", lang=None, other=3) == {"title": "a b"}


def test_plain_text_keeps_what_looks_like_markup() -> None:
    text = "# no heading\n- no item\n  * a_b_c* `x` <p> & [y](z)\nline\n===\n1 + 1 = 2"
    assert prose(plain(text)).text.split() == text.split()
