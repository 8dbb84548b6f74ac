"""What went wrong with a call: whether to retry, how long to wait, what to tell a reader.

Errors are those of the SDK; of a connection, with aiohttp's as their cause.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING, Final

from classifier.models import FailureReason
from classifier.scorers.openai import retry_hints
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
from classifier.scorers.openai.servers import NO_KEY

if TYPE_CHECKING:
    from httpx2 import Request
    from openai import APIStatusError

_NO_CREDIT: Final = frozenset(
    {
        "insufficient_quota",
        "insufficient_credits",
        "insufficient_balance",
        "exceeded_current_quota_error",  # Moonshot
        "arrearage",  # Alibaba
        "billing_hard_limit_reached",
        "billing_not_active",
    }
)
_NO_CREDIT_WORDS: Final = re.compile(
    r"(?:insufficient|not enough|out of|no) (?:account )?(?:balance|credits?|funds)"
    r"|credit balance is too low|have any credits|余额不足"
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
        "invalid_prompt",  # OpenAI
        "datainspectionfailed",
    }
)
# Those who have no code for it, or another's: DeepSeek, Anthropic, xAI, Zhipu, MiniMax, Cloudflare.
_FILTERED_WORDS: Final = re.compile(
    r"content exists risk|content[ -](?:filter(?:ing|s)?|management|moderation|safety) polic"
    r"|content violates|(?:input|prompt|request|content) (?:was|has been|is) (?:flagged|blocked)"
    r"|prompt blocked|inappropriate content|不安全或敏感|new_sensitive"
)
_TOO_LARGE: Final = re.compile(r"request too large|must be reduced in order to run")
_FORMAT: Final = re.compile(
    r"response[_ -]?format|json[_ -]?(?:schema|object|mode)|\bschema\b|grammar|gbnf"
    r"|structured[_ -]?output|guided[_ -]?(?:json|decoding)|constrained[_ -]decoding"
)
_LIMIT: Final = re.compile(
    r"\bmax(?:imum)?_(?:new_|output_|completion_)?tokens\b|maximum tokens you requested"
)
"""The limit of the answer, as servers call it that are asked by another name."""
_OTHER_CAUSE: Final = re.compile(
    r"context (?:length|size|window)|too (?:long|large)|tokens|quota|credit|billing|api key"
    r"|model\b.{0,80}(?:not exist|not found|unknown)|(?:unknown|no such|invalid) model|policy"
)
"""An error with these words is not about the form of the answer."""
_BUSY: Final = frozenset({408, 409, 425, 429, 498})
"""Statuses below 500 that pass; 498 is Groq's word for no capacity."""
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
        if error.status_code == 429 and _TOO_LARGE.search(_all_words(error).lower()):
            return False  # larger than the limit of a minute
        return error.status_code in _BUSY or error.status_code >= 500
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
    status = getattr(error, "status_code", None)
    if status == 402 or _codes(error) & _NO_CREDIT:
        return True
    return status in (400, 403, 429) and bool(_NO_CREDIT_WORDS.search(_said(error)))


def filtered(error: BaseException) -> bool:
    """Whether the provider's filter blocked the article, whatever the status."""
    body = getattr(error, "body", None)
    metadata = body.get("metadata") if isinstance(body, Mapping) else None
    flagged = isinstance(metadata, Mapping) and "flagged_input" in metadata  # OpenRouter
    if flagged or _codes(error) & _FILTERED:
        return True
    blocks = getattr(error, "status_code", None) in (200, 400, 403, 422, 424)
    return blocks and bool(_FILTERED_WORDS.search(_said(error)))


def _said(error: BaseException) -> str:
    return error_message(getattr(error, "body", None)).lower()


def _codes(error: BaseException) -> frozenset[str]:
    return error_codes(getattr(error, "body", None))


def retry_after(error: BaseException | None) -> float | None:
    """Return the seconds a server asks to wait before the same request may succeed."""
    response = getattr(error, "response", None)
    if error is None or response is None or not is_transient(error):
        return None
    return retry_hints.seconds_to_wait(response.headers, getattr(error, "body", None))


# --- what the server does not support ------------------------------------------------------------


def refused_feature(error: APIStatusError, sent: Features) -> str | None:
    """Return the feature an error names, if it is one that was sent."""
    if error.status_code not in (200, 400, 404, 415, 422, 500, 501) or filtered(error):
        return None
    text = _in_both_cases(_all_words(error))
    for name in sent.parameters:
        if re.search(rf"\b{name}\b", text):
            return name
    limits = {COMPLETION_TOKENS, TOKENS} & set(sent.parameters)
    # "4096 tokens, you requested 3000 in the messages, 2000 in the completion"
    if limits and (("context" in text and "completion" in text) or _LIMIT.search(text)):
        return limits.pop()
    for name, was_sent in ((BREAKPOINT, sent.marked), (MAX_ITEMS, sent.bounded)):
        if was_sent and name in text:
            return name
    return sent.mode if sent.mode and _FORMAT.search(text) else None


def _in_both_cases(text: str) -> str:
    """Return a text in lower case, and once more with `max_tokens` for `maxTokens`, as in Java."""
    return f"{text} {re.sub(r'(?<=[a-z])(?=[A-Z])', '_', text)}".lower()


def suspected_features(error: APIStatusError, sent: Features, proven: Set[str]) -> frozenset[str]:
    """Return what may be behind an error that names nothing.

    Some servers answer a `response_format` they do not know with a bare 400, 404, 422 or 500.
    Worth an attempt without, as long as the mode has never worked in this process. A 400 has many
    causes: there, one attempt without any mode is all.
    """
    if not sent.mode or filtered(error) or out_of_credit(error):
        return frozenset()
    if "json_validate_failed" in _codes(error):  # Groq: the model could not keep to it this time
        return frozenset({JSON_SCHEMA, JSON_OBJECT})
    words = _all_words(error).lower()
    if sent.mode in proven or (error.status_code == 200 and not words):
        return frozenset()
    if error.status_code in (200, 400) and not _OTHER_CAUSE.search(words):
        return frozenset({JSON_SCHEMA, JSON_OBJECT})
    if error.status_code == 404 and _OTHER_CAUSE.search(words):
        return frozenset()
    return frozenset({sent.mode} if error.status_code in (404, 415, 422, 500, 501) else ())


# --- messages ------------------------------------------------------------------------------------


def explain(error: Exception, *, secret: str, key_variable: str = "OPENAI_API_KEY") -> CallFailure:
    """Return the reason and one line.

    Args:
        error: What a call has raised.
        secret: The key that was sent; masked, should the server have repeated it.
        key_variable: Environment variable that it comes from.
    """
    from openai import APIStatusError

    secret = secret or "\0"  # which no line has
    if isinstance(error, APIStatusError):
        reason, message = _explain_status(error, secret, key_variable)
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


def _explain_status(error: APIStatusError, secret: str, key_variable: str) -> CallFailure:
    # Masked before it is cut: a part of a key is one, too.
    status, text = error.status_code, one_line(_all_words(error).replace(secret, "***"))
    answer = f"HTTP {status}" + (f": {text}" if text else "")
    if filtered(error):
        message = f"the provider's content filter blocked the article ({answer})"
        return CallFailure(FailureReason.CONTENT_FILTER, message)
    if status == 200:  # and an error without a status inside
        return CallFailure(FailureReason.MALFORMED, f"the server returned an error: {text}")
    if status == 429 and is_transient(error):
        wait = retry_after(error)
        asks = f"; the server asks to wait {wait:.0f} s" if wait else ""
        return CallFailure(FailureReason.RATE_LIMITED, f"still rate limited{asks} ({answer})")
    if is_transient(error):
        return CallFailure(FailureReason.UNAVAILABLE, f"the server failed ({answer})")
    if status == 401:
        return CallFailure(FailureReason.REJECTED, _unauthorized(text, secret, key_variable))
    return CallFailure(FailureReason.REJECTED, _rejected(error, answer, text, secret))


def _unauthorized(text: str, secret: str, key_variable: str) -> str:
    words = f" ({text})" if text else ""
    if secret == NO_KEY:
        return f"the server did not accept the API key: none was sent; set {key_variable}{words}"
    return f"the server did not accept the API key; check {key_variable}{words}"


def _rejected(error: APIStatusError, answer: str, text: str, secret: str) -> str:
    status = error.status_code
    if out_of_credit(error):
        return f"the account has no credit left ({answer})"
    if status < 400:
        place = (error.response.headers.get("location") or "another address").replace(secret, "***")
        place = one_line(place, 100)
        return f"the server redirects to {place}, which is not followed; check `base_url`"
    if status == 407:
        return f"the proxy asks for a user and a password ({answer}); name them in HTTP_PROXY"
    if status in (404, 405) and not re.search(r"\bmodel\b", text.lower()):
        answer += "; check that `base_url` ends in the API path, such as /v1"
    return f"the server rejected the request ({answer})"


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
        return _explain_host(cause.host, getattr(error, "request", None))
    if isinstance(cause, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        return _explain_tls(cause)
    if _is_garbled(cause):
        why = one_line(str(getattr(cause, "message", "")) or type(cause).__name__, 80)
        return f"the server's response is no valid HTTP ({why}); {_CHECK}"
    reason = f" ({_reason(cause)})" if isinstance(cause, aiohttp.ClientConnectorError) else ""
    return f"the connection failed{reason}; {_CHECK}"


def _explain_host(host: str, asked: Request | None) -> str:
    name = one_line(host, 100)
    if asked is not None and asked.url.host != host:
        return f"no address is known for the proxy {name}; check HTTP_PROXY"
    return f"no address is known for {name}; check `base_url`"


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
