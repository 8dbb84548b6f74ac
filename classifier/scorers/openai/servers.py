"""Where a model is and what is known of it by name: provider, address, key, the way there, family.

A model's name may begin with a provider, such as `anthropic/` or `gemini/`. It means one only where
no `base_url` is set: servers such as OpenRouter have models that are called so, too.
"""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from classifier.errors import UsageError

if TYPE_CHECKING:
    import ssl

OFFICIAL: Final = "https://api.openai.com/v1"
NO_KEY: Final = "no-key-needed"
"""Sent where there is no key: the SDK insists on one."""

_OPENAI_HOST: Final = "api.openai.com"
_EXAMPLE: Final = "http://localhost:8080/v1"
_ENDPOINTS: Final = ("/chat/completions", "/completions", "/models")


# --- providers ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Provider:
    """A server that is known by name."""

    name: str
    address: str
    """Where it is, as `base_url` has it; `{region}` stands for the one that the user has set."""
    protocol: Literal["openai", "anthropic", "google"]
    key_variable: str = ""
    """Environment variable with its key; empty: it takes none."""


PROVIDERS: Final[dict[str, Provider]] = {
    provider.name: provider
    for provider in (
        Provider("anthropic", "https://api.anthropic.com", "anthropic", "ANTHROPIC_API_KEY"),
        Provider("gemini", "https://generativelanguage.googleapis.com", "google", "GEMINI_API_KEY"),
        Provider("ollama", "http://127.0.0.1:11434/v1", "openai"),
        Provider(
            "bedrock",
            "https://bedrock-runtime.{region}.amazonaws.com/openai/v1",
            "openai",
            "AWS_BEARER_TOKEN_BEDROCK",
        ),
        Provider(
            "bedrock/anthropic",
            "https://bedrock-runtime.{region}.amazonaws.com/anthropic",
            "anthropic",
            "AWS_BEARER_TOKEN_BEDROCK",
        ),
    )
}
"""`bedrock/anthropic` is what Bedrock's models of Anthropic are asked by, whose names have no such
prefix."""

_REGIONS: Final = ("AWS_REGION", "AWS_DEFAULT_REGION")
_REGION: Final = "[a-z]{2}(?:-[a-z0-9]{1,12}){1,4}"


class NamedModel(NamedTuple):
    """A model as its server calls it, and where that is."""

    model: str
    base_url: str | None
    """None: the official API of OpenAI."""


def resolve(model: str, base_url: str | None) -> NamedModel:
    """Return the model's own name and the address of the provider that `model` begins with.

    Raises:
        UsageError: the provider has an address for each region, and none is set.
    """
    found = named_provider(model, base_url)
    if found is None:
        return NamedModel(model, base_url)
    address = found.address
    if "{region}" in address:
        address = address.replace("{region}", _region(found))
    return NamedModel(model.partition("/")[2], address)


def _region(provider: Provider) -> str:
    name = next((name for name in _REGIONS if os.environ.get(name)), "")
    region = os.environ.get(name, "").strip()
    if not name:
        raise UsageError(f"models of {provider.name} are in a region: set {_REGIONS[0]}")
    if not re.fullmatch(_REGION, region):  # it becomes a part of the address that gets the key
        raise UsageError(f"{name}: {region[:40]!r} is not a region such as us-east-1")
    return region


def named_provider(model: str, base_url: str | None) -> Provider | None:
    """Return the provider that a model's name begins with; None where it names none."""
    name, slash, own = model.partition("/")
    if base_url is not None or not slash or not own:
        return None
    if name == "bedrock" and "anthropic." in own:
        name = "bedrock/anthropic"
    return PROVIDERS.get(name)


def provider_at(base_url: str) -> Provider | None:
    """Return the provider whose address this is, with that address."""
    for provider in PROVIDERS.values():
        pattern = re.escape(provider.address).replace(re.escape("{region}"), _REGION)
        if re.fullmatch(pattern, base_url):
            return replace(provider, address=base_url)
    return None


# --- addresses and keys ---------------------------------------------------------------------------


def normalize_url(base_url: str | None) -> str:
    """Return an address as it is used: no blanks, no slash at its end, no endpoint.

    That of the official API where it is None.

    Raises:
        UsageError: it is not an HTTP URL, or has a user and a password in it.
    """
    url = (base_url or OFFICIAL).strip()
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


def check_host(base_url: str) -> None:
    """Check what only the clients' own parsers can tell: that the host can be looked up.

    Raises:
        UsageError: no client can ask it.
    """
    import httpx2  # slow, and needed for a connection only

    try:
        host = httpx2.URL(base_url).host
        host.encode("idna")
    except (httpx2.InvalidURL, UnicodeError):
        raise UsageError(
            f"base_url: the host of {base_url[:200]!r} is no name or address; use one such as "
            f"{_EXAMPLE}"
        ) from None


def is_openai(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    return host == _OPENAI_HOST or host.endswith(f".{_OPENAI_HOST}")


def key_variable(base_url: str) -> str:
    """Return the environment variable that a server's key comes from."""
    provider = provider_at(base_url)
    return (provider and provider.key_variable) or "OPENAI_API_KEY"


def api_key(base_url: str, *, send: bool = True) -> str:
    """Return the key for a server, or a placeholder for one that may need no key.

    It is the value of OPENAI_API_KEY, or of a provider's own variable: no provider gets another's.

    Args:
        base_url: Where it is sent.
        send: Whether that server may have the key; if not, it gets the placeholder.

    Raises:
        UsageError: the key is missing and `base_url` needs one, or it cannot be sent.
    """
    provider = provider_at(base_url)
    if not send or (provider and not provider.key_variable):
        return NO_KEY
    variable = key_variable(base_url)
    key = os.environ.get(variable, "").strip()
    if provider and not key:
        raise UsageError(f"{variable} is not set: models of {provider.name} need it")
    if base_url == OFFICIAL and not key:
        raise UsageError(
            "OPENAI_API_KEY is not set; set it, or use `base_url` for a server that needs no key"
        )
    if not (key.isascii() and key.isprintable()) or re.search(r"[\s\"']", key):
        raise UsageError(f"{variable} has characters that no API key has; copy it again")
    return key or NO_KEY


# --- the way there --------------------------------------------------------------------------------


def proxy(base_url: str) -> str | None:
    """Return the proxy that the environment names for an address, maybe with user and password.

    A loopback address is never asked through a proxy: the proxy's own loopback would answer.

    Raises:
        UsageError: the proxy cannot be used.
    """
    import urllib.request  # slow, and needed for a connection only

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


# --- models ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ModelFamily:
    accepts_temperature: bool = True
    reasoning_budget: int = 0
    """Output tokens to allow for reasoning, which comes before the answer."""
    needs_breakpoints: bool = False
    """Whether only a marked prefix is cached. Unmarked, the whole prompt would be written to the
    cache, at a higher price, and never be found again: it ends in an article."""


# First match wins; matched against the name after a provider's prefix ("openai/gpt-5" and
# "us.openai.gpt-5" -> "gpt-5").
_FAMILIES: Final = (
    (re.compile(r"gpt-5[\w.]*-chat"), ModelFamily()),
    (
        re.compile(r"gpt-5[.-][6-9]|gpt-(?:[6-9]|[1-9]\d)"),
        ModelFamily(accepts_temperature=False, reasoning_budget=16_000, needs_breakpoints=True),
    ),
    (re.compile(r"o\d|gpt-5"), ModelFamily(accepts_temperature=False, reasoning_budget=16_000)),
    (
        re.compile(r"deepseek-r|qwq|magistral|.*(?:thinking|reasoner)"),
        ModelFamily(reasoning_budget=16_000),
    ),
    (re.compile(r"gpt-oss"), ModelFamily(reasoning_budget=8_000)),
)


@lru_cache(maxsize=64)
def model_family(model: str) -> ModelFamily:
    name = model.lower().rpartition("/")[2].rpartition("openai.")[2]
    return next((family for pattern, family in _FAMILIES if pattern.match(name)), ModelFamily())
