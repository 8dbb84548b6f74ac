"""What went wrong with a call: whether to retry, how long to wait, what to tell a reader.

Errors are those of the SDK; of a connection, with aiohttp's as their cause.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence, Set
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from classifier.models import FailureReason
from classifier.scorers.openai.completions import CallFailure, error_codes, error_message, one_line
from classifier.scorers.openai.limits import OverBudgetError
from classifier.scorers.openai.requests import (
    BREAKPOINT,
    COMPLETION_TOKENS,
    JSON_OBJECT,
    JSON_SCHEMA,
    MAX_ITEMS,
    TOKENS,
    Features,
)

if TYPE_CHECKING:
    from openai import APIStatusError

_NO_CREDIT: Final = frozenset(
    {
        "insufficient_quota",
        "insufficient_credits",
        "insufficient_balance",
        "billing_hard_limit_reached",
        "billing_not_active",
    }
)
_FILTERED: Final = frozenset(
    {
        "content_filter",
        "content_policy_violation",
        "responsibleaipolicyviolation",
        "data_inspection_failed",
        "moderation_blocked",
        "content_moderation",
        "prompt_blocked",
        "safety",
    }
)
_FORMAT: Final = re.compile(
    r"response[_ -]?format|json[_ -]?(?:schema|object|mode)|\bschema\b|grammar|gbnf"
    r"|structured[_ -]?output|guided[_ -]?(?:json|decoding)|constrained[_ -]decoding"
)
_OTHER_CAUSE: Final = re.compile(
    r"context (?:length|size|window)|too (?:long|large)|tokens|quota|credit|billing|api key"
    r"|model\b.{0,80}(?:not exist|not found|unknown)|(?:unknown|no such|invalid) model|policy"
)
"""An error with these words is not about the form of the answer."""
_CHECK: Final = "check `base_url` and that the server is running"


class UnusableResponseError(Exception):
    """A response that no answer can be read from, and none of the same server would."""


def from_response(
    url: str, status: int, text: str, *, headers: Sequence[tuple[str, str]] = ()
) -> APIStatusError:
    """Make the error that the SDK would raise for a response."""
    try:
        body = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        body = text.strip()
    return from_body(url, status, body, headers=headers)


def from_body(
    url: str, status: int, body: object, *, headers: Sequence[tuple[str, str]] = ()
) -> APIStatusError:
    """Do the same for a body that is decoded already."""
    from httpx2 import Request, Response
    from openai import APIStatusError

    if isinstance(body, list) and len(body) == 1:
        body = body[0]
    if isinstance(body, dict) and isinstance(body.get("error"), dict | list):
        body = body["error"]
    response = Response(status, headers=headers, request=Request("POST", url))
    return APIStatusError(f"Error code: {status}", response=response, body=body)


# --- retries -------------------------------------------------------------------------------------


def is_transient(error: BaseException) -> bool:
    """Whether the same request may succeed later."""
    from openai import APIConnectionError, APIStatusError

    if isinstance(error, APIStatusError):
        if out_of_credit(error) or filtered(error):
            return False
        return error.status_code in (408, 409, 429) or error.status_code >= 500
    if isinstance(error, APIConnectionError):
        return _connection_may_recover(error)
    return isinstance(error, TimeoutError)


def is_free(error: Exception) -> bool:
    """Whether a call that failed has certainly cost nothing.

    A rejected request is not charged, nor one that was never sent. A server or a connection that
    breaks may do so after the answer was made.
    """
    from openai import APIStatusError

    if isinstance(error, APIStatusError):
        return error.status_code < 500 and error.status_code != 408
    return _never_sent(error)


def no_capacity(error: BaseException) -> bool:
    """Tell a 429 of a cheaper tier without capacity from one that asks to slow down."""
    return getattr(error, "status_code", None) == 429 and "resource_unavailable" in _codes(error)


def out_of_credit(error: BaseException) -> bool:
    """Tell a 429 that no waiting cures from one that asks to slow down."""
    return getattr(error, "status_code", None) == 402 or bool(_codes(error) & _NO_CREDIT)


def filtered(error: BaseException) -> bool:
    """Whether the provider's filter blocked the article, whatever the status."""
    body = getattr(error, "body", None)
    metadata = body.get("metadata") if isinstance(body, Mapping) else None
    flagged = isinstance(metadata, Mapping) and "flagged_input" in metadata  # OpenRouter
    return flagged or bool(_codes(error) & _FILTERED)


def _codes(error: BaseException) -> frozenset[str]:
    return error_codes(getattr(error, "body", None))


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
    if error.status_code not in (200, 400, 404, 415, 422, 500, 501) or filtered(error):
        return None
    text = _all_words(error).lower()
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


def suspected_features(error: APIStatusError, sent: Features, proven: Set[str]) -> frozenset[str]:
    """Return what may be behind an error that names nothing.

    Some servers answer a `response_format` they do not know with a bare 400, 404, 422 or 500.
    Worth an attempt without, as long as the mode has never worked in this process. A 400 has many
    causes: there, one attempt without any mode is all.
    """
    if not sent.mode or sent.mode in proven or filtered(error):
        return frozenset()
    if error.status_code in (200, 400) and not _OTHER_CAUSE.search(_all_words(error).lower()):
        return frozenset({JSON_SCHEMA, JSON_OBJECT})
    return frozenset({sent.mode} if error.status_code in (404, 422, 500, 501) else ())


# --- messages ------------------------------------------------------------------------------------


def explain(error: Exception, *, secret: str) -> CallFailure:
    """Return the reason and one line. `secret` is masked, should the server have repeated it."""
    from openai import APIStatusError

    secret = secret or "\0"  # which no line has
    if isinstance(error, APIStatusError):
        reason, message = _explain_status(error)
        return CallFailure(reason, message.replace(secret, "***"))
    if isinstance(error, OverBudgetError):
        return CallFailure(FailureReason.OVER_BUDGET, str(error))
    if isinstance(error, UnusableResponseError):
        return CallFailure(FailureReason.MALFORMED, str(error))
    # The SDK's own APITimeoutError is no TimeoutError: its limits are off, and over aiohttp it
    # stands for a connection that broke before the answer.
    if isinstance(error, TimeoutError):
        message = "no answer within the time limit; raise `timeout` or lower `concurrency`"
    else:
        message = _explain_connection(error)
    return CallFailure(FailureReason.UNAVAILABLE, message.replace(secret, "***"))


def _explain_status(error: APIStatusError) -> CallFailure:
    status, text = error.status_code, server_message(error)
    answer = f"HTTP {status}" + (f": {text}" if text else "")
    if filtered(error):
        message = f"the provider's content filter blocked the article ({answer})"
        return CallFailure(FailureReason.CONTENT_FILTER, message)
    if status == 200:  # and an error without a status inside
        return CallFailure(FailureReason.MALFORMED, f"the server returned an error: {text}")
    if status == 429 and not out_of_credit(error):
        wait = retry_after(error)
        asks = f"; the server asks to wait {wait:.0f} s" if wait else ""
        return CallFailure(FailureReason.RATE_LIMITED, f"still rate limited{asks} ({answer})")
    if (status >= 500 or status in (408, 409)) and not out_of_credit(error):
        return CallFailure(FailureReason.UNAVAILABLE, f"the server failed ({answer})")
    return CallFailure(FailureReason.REJECTED, _rejected(error, answer, text))


def _rejected(error: APIStatusError, answer: str, text: str) -> str:
    status = error.status_code
    if status == 401:
        return "the server did not accept the API key; check OPENAI_API_KEY"
    if out_of_credit(error):
        return f"the account has no credit left ({answer})"
    if status < 400:
        place = one_line(error.response.headers.get("location") or "another address", 100)
        return f"the server redirects to {place}, which is not followed; check `base_url`"
    if status in (404, 405) and not re.search(r"\bmodel\b", text.lower()):
        answer += "; check that `base_url` ends in the API path, such as /v1"
    return f"the server rejected the request ({answer})"


def server_message(error: APIStatusError) -> str:
    """Return the words of an error as one line."""
    return one_line(_all_words(error))


def _all_words(error: APIStatusError) -> str:
    text = error_message(error.body)
    param = error.param if isinstance(error.param, str) and error.param not in text else ""
    return f"{text} ({param})" if param else text


# --- the connection ------------------------------------------------------------------------------


def _connection_may_recover(error: BaseException) -> bool:
    """Whether the same request may succeed later. `error`: the SDK's, with aiohttp's as cause."""
    import aiohttp

    cause = error.__cause__
    final = (
        aiohttp.ClientConnectorCertificateError,
        aiohttp.ClientSSLError,
        aiohttp.InvalidURL,
        aiohttp.NonHttpUrlClientError,
    )
    if isinstance(cause, aiohttp.ClientHttpProxyError):
        return cause.status >= 500 or cause.status in (408, 429)
    return not isinstance(cause, final) and not _is_garbled(cause)


def _never_sent(error: BaseException) -> bool:
    """Whether no server got the request."""
    import aiohttp

    return isinstance(error.__cause__, aiohttp.ClientConnectorError | aiohttp.ClientHttpProxyError)


def _explain_connection(error: BaseException) -> str:
    """Return one line that names the cause."""
    import aiohttp

    cause = error.__cause__
    if isinstance(cause, aiohttp.ClientProxyConnectionError):
        return (
            f"the proxy {cause.host}:{cause.port} cannot be reached; check HTTP_PROXY, HTTPS_PROXY "
            "and ALL_PROXY, or name the server's host in NO_PROXY"
        )
    if isinstance(cause, aiohttp.ClientHttpProxyError):
        return f"the proxy refused the connection (HTTP {cause.status}); check HTTPS_PROXY"
    if isinstance(cause, aiohttp.ClientConnectorDNSError):
        return f"no address is known for {one_line(cause.host, 100)}; check `base_url`"
    if isinstance(cause, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        return _explain_tls(cause)
    if _is_garbled(cause):
        why = one_line(str(getattr(cause, "message", "")) or type(cause).__name__, 80)
        return f"the server's response is no valid HTTP ({why}); {_CHECK}"
    reason = f" ({_reason(cause)})" if isinstance(cause, aiohttp.ClientConnectorError) else ""
    return f"the connection failed{reason}; {_CHECK}"


def _explain_tls(cause: Exception) -> str:
    why = getattr(cause, "certificate_error", None)
    if why is None:
        return (
            "the TLS connection failed; if the server has no TLS, use http:// instead of https:// "
            "in `base_url`"
        )
    words = one_line(str(getattr(why, "verify_message", "") or why), 100)
    return (
        f"the server's certificate is not trusted ({words}); set SSL_CERT_FILE to the certificate "
        "of the authority that signed it"
    )


def _reason(cause: OSError) -> str:
    inner = getattr(cause, "os_error", cause)
    return one_line(str(inner.strerror or inner), 80).lower()


def _is_garbled(cause: BaseException | None) -> bool:
    """Whether a response is not HTTP, has headers too long to read, or an encoding it has not."""
    import aiohttp
    from aiohttp.http_exceptions import ContentEncodingError

    if isinstance(cause, aiohttp.ClientPayloadError):
        return isinstance(cause.__cause__, ContentEncodingError)
    return isinstance(cause, aiohttp.ClientResponseError) and not isinstance(
        cause, aiohttp.ClientHttpProxyError
    )
