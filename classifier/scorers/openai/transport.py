"""The way to the server: requests as the official client makes them, sent by aiohttp itself.

The client says what a request carries (key, organisation, its own headers) and where it goes, and
its errors are raised. Its `post` is not used: with what lies below it, it takes about four times
the processor time of the sending. Retries and the time limit are ours (chat.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from openai import APIStatusError

_ENCODING: Final = "content-encoding"
_KEPT_OPEN: Final = 4.0
"""Seconds an idle connection is kept: less than the 5 after which common local servers close it."""


class Answer(NamedTuple):
    text: str
    headers: Mapping[str, str]
    """Names in any letter case."""


@dataclass(frozen=True, slots=True)
class Line:
    """Kept connections to one server; belongs to one event loop."""

    key: str = field(repr=False)
    _url: str
    _session: ClientSession = field(repr=False)

    async def post(self, content: bytes) -> Answer:
        """Send a request and return the whole answer, unparsed. Raises the SDK's errors."""
        from aiohttp import ClientError
        from httpx2 import Request
        from openai import APIConnectionError

        try:
            async with self._session.post(self._url, data=content) as response:
                data = await response.read()
        except ClientError as error:
            raise APIConnectionError(request=Request("POST", self._url)) from error
        text = data.decode("utf-8", "replace")  # what JSON must be, whatever the header says
        if not response.ok or response.status >= 300:
            # What encodes the body is gone: it was read.
            headers = [(k, v) for k, v in response.headers.items() if k.lower() != _ENCODING]
            raise status_error(self._url, response.status, text, headers=headers)
        return Answer(text, response.headers)

    async def close(self) -> None:
        await self._session.close()


async def connect(base_url: str, key: str, *, connections: int) -> Line:
    import aiohttp
    import httpx2
    from openai import AsyncOpenAI

    verify = httpx2.create_ssl_context()  # the SDK's choice of certificates
    async with AsyncOpenAI(
        api_key=key, base_url=base_url, http_client=httpx2.AsyncClient(verify=verify)
    ) as client:
        given = {**client.default_headers, **client.auth_headers}
        url = str(client.base_url).rstrip("/") + "/chat/completions"
    session = aiohttp.ClientSession(
        headers={name: value for name, value in given.items() if isinstance(value, str)},
        connector=aiohttp.TCPConnector(limit=connections, ssl=verify, keepalive_timeout=_KEPT_OPEN),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(),
        trust_env=True,  # proxies
    )
    return Line(key, url, session)


def never_sent(error: BaseException) -> bool:
    """Whether there was no connection, and so nothing to pay for."""
    from aiohttp import ClientConnectorError

    return isinstance(error.__cause__, ClientConnectorError)


def status_error(
    url: str, status: int, text: str, *, headers: Sequence[tuple[str, str]] = ()
) -> APIStatusError:
    """Make the SDK's error of an answer that says no, as the SDK does."""
    from httpx2 import Request, Response
    from openai import APIStatusError

    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = text.strip()
    if isinstance(body, dict):
        body = body.get("error", body)
    answer = Response(status, headers=headers, request=Request("POST", url))
    return APIStatusError(f"Error code: {status}", response=answer, body=body)
