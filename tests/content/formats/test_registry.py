"""Which files are read, by whom, and what is said where that is not possible."""

from __future__ import annotations

import pytest

from classifier.content.formats.extract import Extract, UnreadableError
from classifier.content.formats.registry import FORMATS, Format, extract, format_of


def test_endings_name_formats_whatever_their_case() -> None:
    for one in FORMATS:
        for suffix in one.suffixes:
            assert format_of(f"a/b{suffix}") is one
            assert format_of(f"a/b{suffix.upper()}") is one
    assert format_of("a/b.md") is None
    assert format_of("README") is None


def test_a_missing_extra_is_named() -> None:
    def read(data: bytes) -> Extract:
        raise ModuleNotFoundError

    with pytest.raises(UnreadableError, match=r"pip install 'category-classifier\[cake\]'"):
        extract(Format("Cake", (".cake",), read, extra="cake"), b"")


def test_whatever_a_library_raises_is_one_line() -> None:
    def read(data: bytes) -> Extract:
        raise KeyError("a\nb" * 1000)

    with pytest.raises(UnreadableError) as error:
        extract(Format("Cake", (".cake",), read, extra="cake"), b"")
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 300
