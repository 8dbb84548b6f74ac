"""The way to the server: the official client over aiohttp; its time limit and retries are ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from httpx2 import Response
    from openai import AsyncOpenAI

_KEPT_OPEN: Final = 4.0
"""Seconds an idle connection is kept: less than the 5 after which common local servers close it."""


async def connect(base_url: str, key: str, *, connections: int) -> AsyncOpenAI:
    from httpx2 import Limits
    from openai import AsyncOpenAI, DefaultAioHttpClient

    limits = Limits(max_connections=connections, keepalive_expiry=_KEPT_OPEN)
    # aiohttp takes half the processor time of the default transport. Retries and the time limit
    # are ours (chat.py): the SDK's would come on top.
    return AsyncOpenAI(
        api_key=key,
        base_url=base_url,
        max_retries=0,
        timeout=None,
        http_client=DefaultAioHttpClient(limits=limits, timeout=None),
    )


async def post(client: AsyncOpenAI, content: bytes) -> Response:
    """Send a request and return the whole answer, unparsed. Raises the SDK's errors."""
    import httpx2

    return await client.post(
        "/chat/completions",
        cast_to=httpx2.Response,
        content=content,
    )


def text(response: Response) -> str:
    return response.content.decode("utf-8", "replace")  # what JSON must be, whatever the header


def never_sent(error: BaseException) -> bool:
    """Whether there was no connection, and so nothing to pay for."""
    from aiohttp import ClientConnectorError

    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ClientConnectorError):
        cause = cause.__cause__
    return cause is not None
