"""The gate in front of every application we serve: who may ask, how much, and what goes with it.

Plain ASGI, so that it costs nothing per request and streams pass through it untouched.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

PROBLEM: Final = "application/problem+json"
TOKEN: Final = "token"  # noqa: S105 - a name
"""The parameter of an address that holds the token, for pages that a browser opens."""
SAFE_HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""Sent with every response that does not set them itself."""
_READS: Final = ("GET", "HEAD")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may ask, and how much.

    A page of a stranger can make a browser send requests here, and by rebinding its own name to
    127.0.0.1 read the answers: hence the check of both names, beside the token.
    """

    hosts: Collection[str]
    """Values of the Host header that are answered, with their port; empty: any."""
    origins: Collection[str] = ()
    """Origins of pages that may ask, such as `http://127.0.0.1:8000`; empty: none."""
    token: str | None = None
    """What every request must bring: as `Authorization: Bearer`, or to read as `?token=`."""
    open_paths: Collection[str] = ()
    """Paths that are answered without a token, such as `/health`."""
    max_body: int = 1 << 20
    """Bytes of a request."""
    max_bodies: Mapping[str, int] = field(default_factory=dict)
    """The same for some paths."""

    @classmethod
    def local(cls, port: int, *, token: str, max_body: int = 1 << 20) -> Access:
        """Return what a page of this machine's own browser needs."""
        hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        origins = tuple(f"http://{host}" for host in hosts)
        return cls(hosts=hosts, origins=origins, token=token, max_body=max_body)


def new_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(24)


class Guard:
    """Refuses what `Access` does not allow, bounds bodies, and adds `SAFE_HEADERS`."""

    def __init__(self, app: Application, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return  # a web socket is closed by the server
        guarded = _with_headers(send)
        problem = self._problem(scope)
        if problem is not None:
            await refuse(guarded, *problem)
            return
        most = self._max_body(scope)
        body = _Bounded(receive, guarded, most)
        try:
            await self._app(scope, body.receive, body.send)
        except _TooLargeError:
            if not body.started:
                await refuse(guarded, 413, _too_large(most))

    def _max_body(self, scope: Message) -> int:
        return self._access.max_bodies.get(scope["path"], self._access.max_body)

    def _problem(self, scope: Message) -> tuple[int, str] | None:
        """Return the status and the reason of a refusal."""
        headers = _Headers(scope["headers"])
        access = self._access
        host = headers.only("host")
        if access.hosts and host not in access.hosts:
            return 421, "this server does not answer to that host"
        origin = headers.only("origin")
        foreign = origin is not None and origin not in access.origins
        if foreign or (origin is None and headers.only("sec-fetch-site") == "cross-site"):
            return 403, "pages of other origins are not answered"
        if not self._has_token(scope, headers):
            return 401, "the token is missing or wrong: use the address that was printed"
        length = headers.only("content-length") or "0"
        if not length.isdecimal() or not length.isascii():
            return 400, "content-length is no number"
        most = self._max_body(scope)
        if len(length) > 18 or int(length) > most:
            return 413, _too_large(most)
        return None

    def _has_token(self, scope: Message, headers: _Headers) -> bool:
        token = self._access.token
        if token is None or scope["path"] in self._access.open_paths:
            return True
        kind, _, brought = (headers.only("authorization") or "").partition(" ")
        if kind.lower() != "bearer":
            if scope["method"] not in _READS:
                return False
            values = parse_qs(scope["query_string"].decode("latin-1")).get(TOKEN, [])
            brought = values[0] if len(values) == 1 else ""
        return secrets.compare_digest(brought.strip().encode(), token.encode())


async def refuse(send: Send, status: int, detail: str) -> None:
    """Answer with a problem (RFC 9457) in place of the application."""
    from http import HTTPStatus

    problem = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    body = json.dumps(problem).encode()
    headers = [(b"content-type", PROBLEM.encode()), (b"content-length", b"%d" % len(body))]
    if status == HTTPStatus.UNAUTHORIZED:
        headers.append((b"www-authenticate", b"Bearer"))
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class _TooLargeError(Exception):
    """A body went on beyond its bound; raised through the application."""


def _too_large(most: int) -> str:
    return f"the request is larger than {most:,} bytes"


class _Headers:
    """The headers of a request. One that is there twice is taken for wrong, not for either."""

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in raw:
            self._values.setdefault(name.decode("latin-1").lower(), []).append(
                value.decode("latin-1")
            )

    def only(self, name: str) -> str | None:
        values = self._values.get(name)
        if values is None:
            return None
        return values[0] if len(values) == 1 else ""


class _Bounded:
    """Counts what comes in, for bodies that do not say their length."""

    def __init__(self, receive: Receive, send: Send, most: int) -> None:
        self._receive, self._send = receive, send
        self._left = most
        self.started = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise _TooLargeError
        return message

    async def send(self, message: Message) -> None:
        self.started = True
        await self._send(message)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            known = {name.lower() for name, _ in headers}
            headers += (
                (name.encode(), value.encode())
                for name, value in SAFE_HEADERS.items()
                if name.encode() not in known
            )
            message = {**message, "headers": headers}
        await send(message)

    return sending
