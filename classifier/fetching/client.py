"""One GET request over HTTP, bounded in time and size, to computers of the Internet only."""

from __future__ import annotations

import base64
import http.client
import socket
import threading
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import unquote, urlsplit

from classifier.fetching.addresses import PageAddress, is_public
from classifier.scorers.openai import servers

if TYPE_CHECKING:
    import ssl

AGENT: Final = "category-classifier"
"""What `robots.txt` may call us."""
_CHUNK: Final = 65_536
_SILENCE: Final = 15
"""Seconds without a byte."""
_Opener: TypeAlias = Callable[[str, int], socket.socket]
"""Connects to a host and port."""


class FetchError(Exception):
    """A page cannot be fetched. Why, as a predicate of the page in one line."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Message
    body: bytes
    """Unpacked."""

    @property
    def media_type(self) -> str:
        return self.headers.get_content_type() if self.headers.get("content-type") else ""

    @property
    def phrase(self) -> str:
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return str(self.status)


@dataclass(kw_only=True)
class Client:
    seconds: float = 30
    """Of a request as a whole."""
    most_bytes: int = 16_000_000
    """Of an answer, unpacked."""
    private_hosts: Collection[str] = field(default_factory=frozenset)
    """Hosts that may be in a private network or on this computer."""

    def get(self, address: PageAddress) -> Answer:
        """Ask for a page. Raises FetchError. A redirect is an answer like others."""
        headers = {
            "User-Agent": f"{AGENT}/1.0",
            "Accept": "text/html,application/xhtml+xml,text/markdown,text/plain,application/pdf",
            "Accept-Encoding": "gzip",
        }
        connection, target, more = self._connection(address)
        try:
            with _deadline(connection, self.seconds) as held:
                connection.connect()
                held.append(connection.sock)  # an answer may take it from the connection
                connection.request("GET", target, headers=headers | more)
                response = connection.getresponse()
                packed = self._body(response)
        except _TooLateError:
            raise FetchError(f"took longer than {self.seconds:g} seconds") from None
        except http.client.HTTPException as error:
            raise FetchError(f"has a damaged answer ({type(error).__name__})") from None
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise FetchError(f"cannot be reached: {' '.join(why.split())[:200]}") from None
        finally:
            connection.close()
        body = self._unpacked(packed, response.headers.get("content-encoding", ""))
        return Answer(response.status, response.headers, body)

    def _connection(
        self, address: PageAddress
    ) -> tuple[http.client.HTTPConnection, str, dict[str, str]]:
        """Return a connection, what to ask for on it, and headers for a proxy."""
        proxy = servers.proxy(address.site)
        if proxy is not None:
            return self._through(proxy, address)
        open_ = self._open
        if address.scheme == "http":
            return _Plain(address.host, address.port, open_), address.target, {}
        return _Secure(address.host, address.port, open_, self._tls), address.target, {}

    def _through(
        self, proxy: str, address: PageAddress
    ) -> tuple[http.client.HTTPConnection, str, dict[str, str]]:
        """Connect through a proxy. It looks names up: only addresses can be checked here."""
        if _is_literal(address.host) and not self._allowed(address.host, address.host):
            raise _private(address.host)
        at = urlsplit(proxy)
        login = f"{unquote(at.username or '')}:{unquote(at.password or '')}".encode()
        extra = (
            {"Proxy-Authorization": f"Basic {base64.b64encode(login).decode()}"}
            if at.username
            else {}
        )
        host, port = at.hostname or "", at.port or 80
        if address.scheme == "http":
            plain = http.client.HTTPConnection(host, port, timeout=_SILENCE)
            return plain, str(address), extra
        secure = http.client.HTTPSConnection(host, port, timeout=_SILENCE, context=self._tls)
        secure.set_tunnel(address.host, address.port or 443, headers=extra)
        return secure, address.target, {}

    def _open(self, host: str, port: int) -> socket.socket:
        """Connect to the first address of a host that answers; each is checked on the way."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        allowed = [it for it in found if self._allowed(host, str(it[4][0]))]
        if not allowed:
            raise _private(host)
        problem: OSError | None = None
        for family, type_, protocol, _, place in allowed[:4]:
            sock = socket.socket(family, type_, protocol)
            try:
                sock.settimeout(_SILENCE)
                sock.connect(place)
            except OSError as error:
                sock.close()
                problem = error
            else:
                return sock
        assert problem is not None
        raise problem

    def _allowed(self, host: str, ip: str) -> bool:
        return is_public(ip) or host in self.private_hosts

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return servers.tls_context()

    def _body(self, response: http.client.HTTPResponse) -> bytes:
        parts: list[bytes] = []
        size = 0
        while part := response.read1(_CHUNK):
            size += len(part)
            if size > self.most_bytes:
                raise self._too_large()
            parts.append(part)
        if response.length:
            raise FetchError("ended early")
        return b"".join(parts)

    def _unpacked(self, data: bytes, encoding: str) -> bytes:
        encoding = encoding.strip().lower()
        if encoding in ("", "identity"):
            return data
        if encoding not in ("gzip", "x-gzip"):
            raise FetchError(f"is packed as {encoding[:20]!r}, which was not asked for")
        try:
            unpacking = zlib.decompressobj(wbits=31)
            text = unpacking.decompress(data, self.most_bytes + 1)
        except zlib.error:
            raise FetchError("has a damaged answer (gzip)") from None
        if len(text) > self.most_bytes:
            raise self._too_large()
        return text

    def _too_large(self) -> FetchError:
        return FetchError(f"is larger than {self.most_bytes / 1e6:g} MB")


def _private(host: str) -> FetchError:
    return FetchError(
        f"is at a private address ({host}): name it in `private_hosts` if it is yours"
    )


def _is_literal(host: str) -> bool:
    try:
        socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except OSError:
        return host == "localhost" or host.endswith(".localhost")
    return True


class _Plain(http.client.HTTPConnection):
    def __init__(self, host: str, port: int | None, open_: _Opener) -> None:
        super().__init__(host, port or 80)
        self._opener = open_

    def connect(self) -> None:
        self.sock = self._opener(self.host, self.port)


class _Secure(http.client.HTTPSConnection):
    def __init__(
        self, host: str, port: int | None, open_: _Opener, context: ssl.SSLContext
    ) -> None:
        super().__init__(host, port or 443, context=context)
        self._opener = open_
        self._with = context

    def connect(self) -> None:
        sock = self._opener(self.host, self.port)
        secure = self._with.wrap_socket(
            sock, server_hostname=self.host, do_handshake_on_connect=False
        )
        self.sock = secure  # before the handshake, so that the deadline can end it
        secure.do_handshake()


class _TooLateError(Exception):
    pass


@contextmanager
def _deadline(
    connection: http.client.HTTPConnection, seconds: float
) -> Iterator[list[socket.socket]]:
    """End whatever a connection waits for when the time is over: a server may send on for ever.

    Yields a list for the socket that is to be ended.
    """
    late = threading.Event()
    held: list[socket.socket] = []

    def end() -> None:
        late.set()
        for sock in (*held, connection.sock):
            with suppress(OSError, AttributeError):  # it has just ended, or not begun
                sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield held
    except (OSError, ValueError, http.client.HTTPException, FetchError) as error:
        if late.is_set():
            raise _TooLateError from error
        raise
    finally:
        timer.cancel()
    if late.is_set():
        raise _TooLateError
