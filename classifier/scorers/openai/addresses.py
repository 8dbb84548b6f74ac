"""How a server is reached: its address, the proxy in between, the certificates trusted."""

from __future__ import annotations

import ipaddress
import os
import urllib.request
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from classifier.errors import UsageError

if TYPE_CHECKING:
    import ssl

_EXAMPLE: Final = "http://localhost:8080/v1"
_ENDPOINTS: Final = ("/chat/completions", "/completions", "/models")


def normalize(url: str) -> str:
    """Return an address as it is used: no blanks, no slash at its end, no endpoint.

    Raises:
        UsageError: it is not an HTTP URL, or has a user and a password in it.
    """
    url = url.strip()
    parts = urlsplit("")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if "@" in url:  # before the address is shown
        raise UsageError(
            "base_url: an address with a user and a password is not supported; leave them out, "
            "and set OPENAI_API_KEY if the server takes a key"
        )
    if not usable or any(c.isspace() or not c.isprintable() for c in url) or parts.fragment:
        raise UsageError(f"base_url: {url[:200]!r} is not a URL such as {_EXAMPLE}")
    path = parts.path.rstrip("/")
    for endpoint in _ENDPOINTS:
        path = path.removesuffix(endpoint).rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def endpoint(base_url: str, path: str) -> str:
    """Return the address of an endpoint; a query (Azure's `api-version`) stays at the end."""
    parts = urlsplit(base_url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + path))


def proxy(base_url: str) -> str | None:
    """Return the proxy that the environment names for an address, maybe with user and password.

    A loopback address is never asked through a proxy: the proxy's own loopback would answer.

    Raises:
        UsageError: the proxy cannot be used.
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    proxies = urllib.request.getproxies()
    name = parts.scheme if proxies.get(parts.scheme) else "all"
    url = proxies.get(name)
    if not url or is_loopback(host) or _is_excepted(host, parts.port, proxies.get("no", "")):
        return None
    variable = f"{name}_proxy".upper()
    url = url if "://" in url else f"http://{url}"
    try:
        named = urlsplit(url)
        scheme, usable = named.scheme.lower(), bool(named.hostname) and named.port != 0
    except ValueError:
        scheme, usable = "http", False
    if scheme not in ("http", "https"):
        raise UsageError(
            f"{variable}: {scheme} proxies are not supported; name an HTTP proxy, or the server's "
            f"host in NO_PROXY: {host}"
        )
    if not usable:
        raise UsageError(
            f"{variable} is not an address such as http://proxy.example:3128; correct it, or name "
            f"the server's host in NO_PROXY: {host}"
        )
    return url


def tls_context() -> ssl.SSLContext:
    """Return the certificates the official client trusts.

    Raises:
        UsageError: SSL_CERT_FILE or SSL_CERT_DIR cannot be read.
    """
    import httpx2

    try:
        return httpx2.create_ssl_context()
    except OSError as error:
        names = [n for n in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(n)]
        why = error.strerror or "no certificate in it"
        raise UsageError(
            f"{' or '.join(names) or 'the system certificates'}: cannot be read ({why}); name a "
            "file of certificates in PEM format, or unset it"
        ) from None


def is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_excepted(host: str, port: int | None, no_proxy: str) -> bool:
    """Whether NO_PROXY names the host: by name, domain, host and port, or network."""
    for entry in (part.strip().lower() for part in no_proxy.split(",")):
        if entry in ("*", f"{host}:{port}"):
            return True
        domain = entry.lstrip("*").lstrip(".")
        if domain and (host == domain or host.endswith(f".{domain}")):
            return True
        try:
            if "/" in entry and ipaddress.ip_address(host) in ipaddress.ip_network(entry, False):
                return True
        except ValueError:
            continue
    return False
