"""What the SDK's errors mean: whether to retry, how long to wait, what to tell a reader."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence, Set
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from classifier.models import FailureReason
from classifier.scorers.openai.limits import OverBudgetError
from classifier.scorers.openai.requests import (
    BREAKPOINT,
    COMPLETION_TOKENS,
    MAX_ITEMS,
    TOKENS,
    Features,
)
from classifier.scorers.openai.responses import CallFailure, one_line

if TYPE_CHECKING:
    from openai import APIStatusError

_NO_CREDIT: Final = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
)
_FORMAT: Final = re.compile(r"response_?format|json_(?:schema|object)|\bschema\b|grammar")


def from_response(
    url: str, status: int, text: str, *, headers: Sequence[tuple[str, str]] = ()
) -> APIStatusError:
    """Make the error that the SDK would raise for a response."""
    from httpx2 import Request, Response
    from openai import APIStatusError

    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = text.strip()
    if isinstance(body, dict):
        body = body.get("error", body)
    response = Response(status, headers=headers, request=Request("POST", url))
    return APIStatusError(f"Error code: {status}", response=response, body=body)


# --- retries -------------------------------------------------------------------------------------


def is_transient(error: BaseException) -> bool:
    """Whether the same request may succeed later."""
    from openai import APIConnectionError, APIStatusError

    if isinstance(error, APIStatusError):
        if out_of_credit(error):
            return False
        return error.status_code in (408, 409, 429) or error.status_code >= 500
    return isinstance(error, APIConnectionError | TimeoutError)


def is_free(error: Exception) -> bool:
    """Whether a call that failed has certainly cost nothing.

    A rejected request is not charged, nor one that was never sent. A server or a connection that
    breaks may do so after the answer was made.
    """
    from aiohttp import ClientConnectorError
    from openai import APIStatusError

    if isinstance(error, APIStatusError):
        return error.status_code < 500 and error.status_code != 408
    return isinstance(error.__cause__, ClientConnectorError)


def no_capacity(error: BaseException) -> bool:
    """Tell a 429 of a cheaper tier without capacity from one that asks to slow down."""
    return getattr(error, "status_code", None) == 429 and "resource_unavailable" in _codes(error)


def out_of_credit(error: BaseException) -> bool:
    """Tell a 429 that no waiting cures from one that asks to slow down."""
    return bool(_codes(error) & _NO_CREDIT)


def _codes(error: BaseException) -> set[str]:
    codes = (getattr(error, "code", None), getattr(error, "type", None))
    return {code for code in codes if isinstance(code, str)}


def retry_after(error: BaseException | None) -> float | None:
    """Return the seconds a server asks to wait: Retry-After as a number or date, or in ms."""
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


# --- what the server does not support ------------------------------------------------------------


def refused_feature(error: APIStatusError, sent: Features) -> str | None:
    """Return the feature an error names, if it is one that was sent."""
    if error.status_code not in (400, 404, 415, 422, 500, 501):
        return None
    text = server_message(error).lower()
    for name in sent.parameters:
        if re.search(rf"\b{name}\b", text):
            return name
    limits = {COMPLETION_TOKENS, TOKENS} & set(sent.parameters)
    # "4096 tokens, you requested 3000 in the messages, 2000 in the completion"
    if limits and "context" in text and "completion" in text:
        return limits.pop()
    for name, was_sent in ((BREAKPOINT, sent.marked), (MAX_ITEMS, sent.bounded)):
        if was_sent and name in text:
            return name
    return sent.mode if sent.mode and _FORMAT.search(text) else None


def suspected_feature(error: APIStatusError, sent: Features, proven: Set[str]) -> str | None:
    """Return what may be behind an error that names nothing.

    Some servers answer a `response_format` they do not know with a bare 404, 422 or 500. Worth an
    attempt without, as long as the mode has never worked in this process.
    """
    if error.status_code in (404, 422, 500, 501) and sent.mode and sent.mode not in proven:
        return sent.mode
    return None


# --- messages ------------------------------------------------------------------------------------


def explain(error: Exception, *, secret: str) -> CallFailure:
    """Return the reason and one line. `secret` is masked, should the server have repeated it."""
    from openai import APIStatusError

    if isinstance(error, APIStatusError):
        reason, message = _explain_status(error)
        return CallFailure(reason, message.replace(secret, "***") if secret else message)
    if isinstance(error, OverBudgetError):
        return CallFailure(FailureReason.OVER_BUDGET, str(error))
    # The SDK's own APITimeoutError is no TimeoutError: its limits are off, and over aiohttp it
    # stands for a connection that broke before the answer.
    if isinstance(error, TimeoutError):
        message = "no answer within the time limit; raise --timeout or lower --concurrency"
    else:
        message = "the connection failed; check --base-url and that the server is running"
    return CallFailure(FailureReason.UNAVAILABLE, message)


def _explain_status(error: APIStatusError) -> CallFailure:
    status, text = error.status_code, server_message(error)
    answer = f"HTTP {status}" + (f": {text}" if text else "")
    if status == 401:
        message = "the server did not accept the API key; check OPENAI_API_KEY"
        return CallFailure(FailureReason.REJECTED, message)
    if out_of_credit(error):
        return CallFailure(FailureReason.REJECTED, f"the account has no credit left ({answer})")
    if status == 429:
        wait = retry_after(error)
        asks = f"; the server asks to wait {wait:.0f} s" if wait else ""
        return CallFailure(FailureReason.RATE_LIMITED, f"still rate limited{asks} ({answer})")
    if status >= 500 or status in (408, 409):
        return CallFailure(FailureReason.UNAVAILABLE, f"the server failed ({answer})")
    return CallFailure(FailureReason.REJECTED, f"the server rejected the request ({answer})")


def server_message(error: APIStatusError) -> str:
    """Return the message of a response, in any of the shapes that servers give it."""
    body = error.body
    if isinstance(body, Mapping):
        body = body.get("message") or body.get("detail") or body.get("error") or ""
        body = body.get("message", "") if isinstance(body, Mapping) else body
    if isinstance(body, str):
        text = "" if body.lstrip().startswith("<") else body  # a proxy's page explains nothing
    else:
        text = "; ".join(_detail(part) for part in body) if isinstance(body, Sequence) else ""
    param = error.param if isinstance(error.param, str) and error.param not in text else ""
    return one_line(f"{text} ({param})" if param else text)


def _detail(part: object) -> str:
    """Return one of FastAPI's validation errors, without the input it repeats."""
    if not isinstance(part, Mapping):
        return ""
    place = ".".join(str(p) for p in part.get("loc", ()))
    return f"{place}: {part.get('msg', '')}"
