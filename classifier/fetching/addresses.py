"""Addresses of pages: what may be fetched, which computers are private, names of files."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote, urljoin, urlsplit

_LONGEST: Final = 2_000
"""Characters of a URL."""
_SAFE: Final = "%/:=&?~+!$,;'@()*[]"
_GAPS: Final = re.compile(r"[^a-z0-9]+")
_ENDING: Final = re.compile(r"\.(?:html?|xhtml|php|aspx?|md|markdown|txt|pdf)$")
_NAME: Final = 60
"""Characters of a file's name, before the digest."""
_EMBEDDED: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv6 addresses that stand for the IPv4 address in their last 32 bits (RFC 6052)."""


class AddressError(ValueError):
    """A URL cannot be fetched. What is wrong with it, as a predicate in one line."""


@dataclass(frozen=True, slots=True)
class PageAddress:
    """A URL of HTTP or HTTPS, without a fragment, in ASCII."""

    scheme: str
    host: str
    """Lower case; an IPv6 address without brackets."""
    port: int | None
    target: str
    """Path and query, as they are asked for."""

    @classmethod
    def parse(cls, url: str) -> PageAddress:
        """Read a URL. Raises AddressError."""
        url = url.strip()
        if len(url) > _LONGEST or not url.isprintable() or " " in url:
            raise AddressError(f"is no URL: unprintable, with blanks, or over {_LONGEST:,} long")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
            host = host if host.isascii() else host.encode("idna").decode()
        except ValueError:
            raise AddressError("is no URL") from None
        if parts.scheme not in ("http", "https") or not host or port == 0:
            raise AddressError("is no URL that begins with http:// or https://")
        if "@" in parts.netloc:
            raise AddressError("has a user or a password in it; pages are fetched without")
        path = quote(parts.path or "/", safe=_SAFE)
        query = f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
        return cls(parts.scheme, host.lower(), port, path + query)

    def __str__(self) -> str:
        """Return the URL."""
        return self.site + self.target

    @property
    def site(self) -> str:
        """Scheme, host and port: what has one `robots.txt`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (f":{self.port}" if self.port else "")

    def joined(self, location: str) -> PageAddress:
        """Return where a redirect leads. Raises AddressError."""
        try:
            url = urljoin(str(self), location.strip())
        except ValueError:
            raise AddressError("is no URL") from None
        return PageAddress.parse(url)

    @property
    def file(self) -> str:
        """A path for the page that no other URL has: `example.org/blog-my-post-0123abcd.md`."""
        words = _ENDING.sub("", unquote(self.target.partition("?")[0]).lower())
        name = _GAPS.sub("-", words).strip("-")[:_NAME].strip("-") or "index"
        folder = re.sub(r"[^a-z0-9.-]", "-", self.host).strip(".-") or "host"
        digest = hashlib.sha256(str(self).encode()).hexdigest()[:8]
        return f"{folder}/{name}-{digest}.md"


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the Internet: not private, local or reserved."""
    try:
        it = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(it, ipaddress.IPv6Address):
        inner = it.ipv4_mapped or it.sixtofour
        if it in _EMBEDDED:
            inner = ipaddress.IPv4Address(int(it) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if it.teredo is not None or it.is_site_local:
            return False
    return it.is_global and not it.is_multicast
