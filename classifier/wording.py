"""Words that messages are put together from."""

from __future__ import annotations


def count(number: int, noun: str) -> str:
    """Return `1 article` or `1,200 articles`."""
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"
