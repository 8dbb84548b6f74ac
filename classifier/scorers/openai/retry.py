"""Trying again: what is worth it, how long to wait, when to give up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")

_NO_CREDIT = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    tries: int = 6
    total: float = 300.0
    """Seconds since the first try after which no new one starts."""
    first: float = 0.5
    """Seconds before the second try, about; doubled before each further one."""
    longest: float = 60.0
    """Seconds; a server that names a longer wait is believed."""


async def persist(
    attempt: Callable[[], Awaitable[T]],
    patience: Patience,
    *,
    queued: Callable[[], float] = lambda: 0.0,
) -> T:
    """Await `attempt()` until it succeeds, fails for good or patience ends; then its last error.

    `queued` tells the seconds that attempts have waited for their turn so far. They try nobody's
    patience: a call at the end of a long queue has as much as the first.
    """
    start = time.monotonic()
    try:
        return await attempt()
    except Exception as error:
        if not is_transient(error):
            raise
        failed = [error]

    async def again() -> T:
        # The try above is tenacity's first: nearly all calls succeed at once, and its machinery
        # would take a tenth of what a call costs in all.
        if failed:
            raise failed.pop()
        return await attempt()

    from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt
    from tenacity.wait import wait_random_exponential

    backoff = wait_random_exponential(
        multiplier=patience.first, max=patience.longest, min=patience.first / 2
    )

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        return max(backoff(state), named_wait(error) or 0.0)

    attempts = stop_after_attempt(patience.tries)

    def spent(state: RetryCallState) -> bool:
        # With the wait to come: a named one that is longer than what is left ends it at once.
        passed = time.monotonic() - start - queued()
        return attempts(state) or passed + state.upcoming_sleep >= patience.total

    retrying = AsyncRetrying(
        retry=retry_if_exception(is_transient),
        wait=wait,
        stop=spent,
        sleep=asyncio.sleep,
        reraise=True,
    )
    return await retrying(again)


def is_transient(error: BaseException) -> bool:
    """Whether the same request may succeed later."""
    from openai import APIConnectionError, APIStatusError

    if isinstance(error, APIStatusError):
        if out_of_credit(error):
            return False
        return error.status_code in (408, 409, 429) or error.status_code >= 500
    return isinstance(error, APIConnectionError | TimeoutError)


def no_room(error: BaseException) -> bool:
    """Tell a 429 of a cheaper tier that is full from one that asks this caller to slow down."""
    return getattr(error, "status_code", None) == 429 and "resource_unavailable" in _said(error)


def out_of_credit(error: BaseException) -> bool:
    """Tell a 429 that no waiting cures from one that asks to slow down."""
    return bool(_said(error) & _NO_CREDIT)


def _said(error: BaseException) -> set[str]:
    """Return the words a server has for an error; it may say anything there."""
    given = (getattr(error, "code", None), getattr(error, "type", None))
    return {word for word in given if isinstance(word, str)}


def named_wait(error: BaseException | None) -> float | None:
    """Return the seconds a server asks to wait, by Retry-After (seconds, date) or its ms form."""
    response = getattr(error, "response", None)
    if response is None:
        return None
    milliseconds = _number(response.headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = response.headers.get("retry-after")
    seconds = _number(value)
    return seconds if seconds is not None or value is None else _until(value)


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def _until(date: str) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
