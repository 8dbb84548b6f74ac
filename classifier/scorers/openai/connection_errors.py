"""What went wrong between here and a server, and whether waiting may cure it."""

from __future__ import annotations

from typing import Final

from classifier.scorers.openai.failures import one_line

_CHECK: Final = "check `base_url` and that the server is running"


class UnusableResponseError(Exception):
    """A response that no answer can be read from, and none of the same server would."""


def is_transient(error: BaseException) -> bool:
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


def never_sent(error: BaseException) -> bool:
    """Whether no server got the request."""
    import aiohttp

    return isinstance(error.__cause__, aiohttp.ClientConnectorError | aiohttp.ClientHttpProxyError)


def explain(error: BaseException) -> str:
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
