"""Bytes of a file into text."""

from __future__ import annotations

import codecs
from typing import Final

# UTF-32 before UTF-16: the little-endian mark of the one begins with that of the other.
_FOREIGN_MARKS: Final = (
    ("UTF-32", (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)),
    ("UTF-16", (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)),
)


class DecodingError(ValueError):
    """The bytes are not UTF-8, or no text. A predicate of the file, in one line."""


def decode(data: bytes) -> str:
    """Decode UTF-8; a byte order mark stays the first character.

    Raises:
        DecodingError: It is something else.
    """
    for encoding, marks in _FOREIGN_MARKS:
        if data.startswith(marks):
            raise DecodingError(f"is {encoding}, not UTF-8")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8: byte {data[error.start]:#04x} at offset {error.start}"
        raise DecodingError(problem) from None
    nul = data.find(0)
    if nul >= 0:
        raise DecodingError(f"is not text: a zero byte at offset {nul}")
    return text
