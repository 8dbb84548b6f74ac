from __future__ import annotations

import pytest

from classifier.content.decoding import DecodingError, decode


def test_utf8_keeps_its_mark() -> None:
    assert decode("\ufeffé".encode()) == "\ufeffé"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("a".encode("utf-16"), "UTF-16"),
        ("a".encode("utf-32"), "UTF-32"),
        (b"caf\xe9", "byte 0xe9 at offset 3"),
        (b"ab\0", "zero byte at offset 2"),
    ],
)
def test_what_else_it_is_is_told(data: bytes, problem: str) -> None:
    with pytest.raises(DecodingError, match=problem):
        decode(data)
