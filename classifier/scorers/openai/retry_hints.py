"""How long a server asks to wait: in its headers, in its error, or in the words of that."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

from classifier.scorers.openai.completions import error_message

_UNIT: Final = r"milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d"
_PART: Final = re.compile(
    rf"(\d{{1,9}}(?:\.\d{{1,9}})?)\s?({_UNIT})(?![a-z])(?:,|\sand)?\s?", re.IGNORECASE
)
_WORDS: Final = re.compile(
    rf"\b(?:try|retry)(?:ing)?(?:\sagain)?\s(?:in|after)\s((?:\d[\d.]{{0,17}}\s?(?:{_UNIT})(?![a-z])"
    r"(?:,|\sand)?\s?){1,5})",
    re.IGNORECASE,
)
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_FIELDS: Final = ("retrydelay", "retry_after", "retryafter", "retry_after_seconds")
_EPOCH: Final = 1e9
"""A larger number is no time to wait but a point in time."""
_DEPTH: Final = 5


def seconds_to_wait(headers: Mapping[str, str], body: object) -> float | None:
    """Return the seconds that a server asks to wait; None where it says nothing that can be read.

    Args:
        headers: Names in any letter case. Retry-After is a number, a duration or a date;
            `retry-after-ms` is more exact.
        body: That of the error, decoded. Some servers say it only there: in a field, as Gemini's
            `retryDelay`, or in words, as Azure, Groq and OpenAI.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    header = headers.get("retry-after")
    found = None if header is None else _parsed(header)
    if found is None:
        found = next(filter(lambda it: it is not None, _fields(body, _DEPTH)), None)
    if found is None and (words := _WORDS.search(error_message(body))):
        found = _duration(words[1])
    return found


def _parsed(value: str) -> float | None:
    value = value.strip().strip('"')
    if (number := _number(value)) is not None:
        return number if number < _EPOCH else _from_now(number)
    if (span := _duration(value)) is not None or (date := _date(value)) is None:
        # Two proxies may each have added theirs.
        first, comma, _ = value.partition(",")
        return span if span is not None or not comma else _parsed(first)
    return _from_now(date)


def _number(value: object) -> float | None:
    try:
        number = float(value if isinstance(value, str | int | float) else "")
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < float("inf") and not isinstance(value, bool) else None


def _duration(value: str) -> float | None:
    """Return the seconds of `2.5s`, `6m0s` or `1 minute and 3 seconds`."""
    value = value.strip()
    parts = list(_PART.finditer(value))
    if not parts or sum(len(part[0]) for part in parts) != len(value):
        return None
    return sum(float(part[1]) * _SECONDS[_unit(part[2].lower())] for part in parts)


def _unit(name: str) -> str:
    return "ms" if name.startswith(("ms", "milli")) else name[0]


def _date(value: str) -> float | None:
    """Return the Unix time of a date as HTTP or ISO 8601 writes it."""
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            return parse(value).timestamp()
        except (ValueError, OverflowError, OSError):
            continue
    return None


def _from_now(date: float) -> float:
    """`date` is in seconds, or milliseconds where that would be in the far future."""
    return max(0.0, (date if date < 1e11 else date / 1000) - time.time())


def _fields(body: object, depth: int) -> Iterator[float | None]:
    if not depth:
        return
    if isinstance(body, list):
        for part in body[:10]:
            yield from _fields(part, depth - 1)
    elif isinstance(body, Mapping):
        for name, value in list(body.items())[:50]:
            if str(name).lower() in _FIELDS and isinstance(value, str | int | float):
                yield _parsed(str(value)[:40])
            elif isinstance(value, Mapping | list):
                yield from _fields(value, depth - 1)
