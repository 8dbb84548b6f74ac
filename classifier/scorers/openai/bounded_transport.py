"""An HTTP transport for clients of others that gives up on a long response."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2

from classifier.scorers.openai import addresses
from classifier.scorers.openai.connection import MAX_BODY
from classifier.scorers.openai.connection_errors import UnusableResponseError


def client(url: str, *, max_connections: int, time_limit: float) -> httpx2.AsyncClient:
    """Return a client for one server that follows no redirect. `time_limit`: seconds."""
    inner = httpx2.AsyncHTTPTransport(
        verify=addresses.tls_context() if url.startswith("https") else False,
        proxy=addresses.proxy(url),
        limits=httpx2.Limits(max_connections=max_connections),
    )
    return httpx2.AsyncClient(
        transport=BoundedTransport(inner),
        trust_env=False,
        follow_redirects=False,
        timeout=time_limit,
    )


class BoundedTransport(httpx2.AsyncBaseTransport):
    """Passes on responses of up to `MAX_BODY` bytes that are not packed.

    Packed, a short response may be a long one.

    Raises:
        UnusableResponseError: A response is longer, or packed.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.headers["accept-encoding"] = "identity"
        response = await self._inner.handle_async_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise UnusableResponseError("the server packs its response, though asked not to")
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _BoundedStream(response.stream)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._inner:
            size += len(chunk)
            if size > MAX_BODY:
                raise UnusableResponseError(
                    f"the server's response is longer than {MAX_BODY:,} bytes; try another model"
                )
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()
