"""One server over HTTP: bodies out, bodies in, and the errors of the official client."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from classifier.errors import UsageError
from classifier.scorers.openai import api_errors, servers
from classifier.scorers.openai.api_errors import UnusableResponseError

if TYPE_CHECKING:
    from aiohttp import ClientSession, StreamReader

_KEEP_ALIVE: Final = 4.0
"""Seconds an idle connection is kept: less than the 5 after which common local servers close it."""
MAX_BODY: Final = 4_000_000
"""Bytes of a response, unpacked; that of the longest answer asked for is a tenth."""
_CHUNK: Final = 65_536
_HEADERS: Final = {"openai-organization": "OPENAI_ORG_ID", "openai-project": "OPENAI_PROJECT_ID"}
"""Environment variables, by the header that they go into."""
_SHORTEST_KEY: Final = 8
"""Characters: what is shorter may well be a word."""
_MAX_HEADER: Final = 65_536
"""Bytes of one header: gateways send long policies."""


class Response(NamedTuple):
    text: str
    headers: Mapping[str, str]
    """Names in any letter case."""


class Port(Protocol):
    """What sends requests to a server; a `Connection` is one."""

    @property
    def key(self) -> str: ...

    @property
    def url(self) -> str: ...

    async def post(self, content: bytes) -> Response: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Connection:
    """Sends over aiohttp what the official client would send. For one event loop.

    The client says what a request carries (key, organisation, its own headers) and where it goes,
    and its errors are raised. Its `post` is not used: with what lies below it, it takes about four
    times the processor time of the sending.
    """

    key: str = field(repr=False)
    url: str
    _session: ClientSession = field(repr=False)
    _time_limit: float
    _proxy: str | None = field(default=None, repr=False)

    @classmethod
    async def open(
        cls, base_url: str, key: str, *, max_connections: int, time_limit: float
    ) -> Connection:
        """Make one; nothing is sent. `time_limit`: seconds for one request.

        Raises:
            UsageError: the address, a header, the proxy or the certificates cannot be used.
        """
        import aiohttp
        import httpx2
        from openai import AsyncOpenAI

        servers.check_host(base_url)
        url = servers.endpoint(base_url, "/chat/completions")
        proxy = servers.proxy(base_url)
        verify = servers.tls_context() if "https" in (url[:5], (proxy or "")[:5]) else False
        # Nothing is sent by it: it has no use for proxies and certificates.
        unused = httpx2.AsyncClient(verify=False, trust_env=False)
        async with AsyncOpenAI(api_key=key, base_url=base_url, http_client=unused) as sdk:
            headers = _sendable({**sdk.default_headers, **sdk.auth_headers})
        session = aiohttp.ClientSession(
            headers=headers,
            connector=aiohttp.TCPConnector(
                limit=max_connections, ssl=verify, keepalive_timeout=_KEEP_ALIVE
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(),
            max_line_size=_MAX_HEADER,
            max_field_size=_MAX_HEADER,
        )
        return cls(key, url, session, time_limit, proxy)

    async def post(self, content: bytes) -> Response:
        """Send a request and return the whole response, unparsed. Redirects are not followed.

        Raises:
            TimeoutError: the response was not complete in time.
            APIError: the SDK's error for the response or the connection.
            UnusableResponseError: the response is too long.
        """
        from aiohttp import ClientError
        from httpx2 import Request
        from openai import APIConnectionError

        try:
            async with (
                asyncio.timeout(self._time_limit),
                self._session.post(
                    self.url, data=content, proxy=self._proxy, allow_redirects=False
                ) as response,
            ):
                data, whole = await _read(response.content)
        except ClientError as error:
            raise APIConnectionError(request=Request("POST", self.url)) from error
        # UTF-8 is what JSON must be, whatever the header says.
        text = masked(data.decode("utf-8", "replace"), self.key)
        if not response.ok or response.status >= 300:
            # The body was decoded on the way: its encoding is no longer true.
            headers = [
                (name, value)
                for name, value in response.headers.items()
                if name.lower() != "content-encoding"
            ]
            raise api_errors.from_response(self.url, response.status, text, headers=headers)
        if not whole:
            raise UnusableResponseError(
                f"the server's response is longer than {MAX_BODY:,} bytes; check `base_url`, or "
                "try another model"
            )
        return Response(text, response.headers)

    async def close(self) -> None:
        await self._session.close()


def _sendable(headers: Mapping[str, object]) -> dict[str, str]:
    """Return the headers that are texts. The client takes some from the environment."""
    texts = {name: value.strip() for name, value in headers.items() if isinstance(value, str)}
    for name, value in texts.items():
        if not value.isprintable():
            variable = _HEADERS.get(name.lower(), f"the header {name}")
            raise UsageError(f"{variable} has characters that no header may have; set it again")
    return texts


def masked(text: str, key: str) -> str:
    """Return a server's words without the key that was sent, should it have repeated that."""
    if key == servers.NO_KEY or len(key) < _SHORTEST_KEY:
        return text
    return text.replace(key, "***")


async def _read(stream: StreamReader) -> tuple[bytes, bool]:
    """Return the first bytes of a response, unpacked, and whether these are all."""
    data = bytearray()
    async for chunk in stream.iter_chunked(_CHUNK):
        data += chunk
        if len(data) > MAX_BODY:
            return bytes(data[:MAX_BODY]), False
    return bytes(data), True
