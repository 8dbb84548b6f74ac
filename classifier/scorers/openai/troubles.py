"""From an exception of the SDK to a reason and one line that can be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from classifier.models import FailureReason
from classifier.scorers.openai.retry import named_wait, out_of_credit
from classifier.scorers.openai.spending import OverBudgetError
from classifier.scorers.openai.wire import Trouble, clean

if TYPE_CHECKING:
    from openai import APIStatusError


def explain(error: Exception, *, secret: str) -> Trouble:
    """`secret` is kept out of the message, should the server have repeated it."""
    from openai import APIStatusError

    if isinstance(error, APIStatusError):
        reason, message = _status(error)
        return reason, message.replace(secret, "***") if secret else message
    if isinstance(error, OverBudgetError):
        return FailureReason.OVER_BUDGET, str(error)
    # The SDK's own APITimeoutError is none: its limits are off, and over aiohttp it stands for a
    # connection that broke before the answer.
    if isinstance(error, TimeoutError):
        message = "no answer in time; raise --timeout, or lower --concurrency"
        return FailureReason.UNAVAILABLE, message
    return (
        FailureReason.UNAVAILABLE,
        "the connection failed or broke off; is --base-url right, is the server up?",
    )


def words(error: APIStatusError) -> str:
    """Return what the server said, in the many shapes servers say it."""
    said = error.body
    if isinstance(said, Mapping):
        said = said.get("message") or said.get("detail") or said.get("error") or ""
        said = said.get("message", "") if isinstance(said, Mapping) else said
    if isinstance(said, str):
        text = "" if said.lstrip().startswith("<") else said  # a proxy's page explains nothing
    else:
        text = "; ".join(_detail(part) for part in said) if isinstance(said, Sequence) else ""
    param = error.param if isinstance(error.param, str) and error.param not in text else ""
    return clean(f"{text} ({param})" if param else text)


def _detail(part: object) -> str:
    """Return one of FastAPI's validation errors, without the input it repeats."""
    if not isinstance(part, Mapping):
        return ""
    place = ".".join(str(p) for p in part.get("loc", ()))
    return f"{place}: {part.get('msg', '')}"


def _status(error: APIStatusError) -> Trouble:
    status, said = error.status_code, words(error)
    answer = f"HTTP {status}" + (f": {said}" if said else "")
    if status == 401:
        return FailureReason.REJECTED, "the server did not accept the key; check OPENAI_API_KEY"
    if out_of_credit(error):
        return FailureReason.REJECTED, f"the account has no credit left ({answer})"
    if status == 429:
        wait = named_wait(error)
        asks = f"; the server asks to wait {wait:.0f} s" if wait else ""
        return FailureReason.RATE_LIMITED, f"still rate limited{asks} ({answer})"
    if status >= 500 or status in (408, 409):
        return FailureReason.UNAVAILABLE, f"the server has trouble ({answer})"
    return FailureReason.REJECTED, f"the server rejected the request ({answer})"
