from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator

import httpx2
import pytest

from classifier.scorers.openai.api_errors import UnusableResponseError
from classifier.scorers.openai.connection import MAX_BODY
from classifier.scorers.openai.provider_connection import BoundedTransport


def got(content: bytes, **headers: str) -> bytes:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 65_536):
            yield content[start : start + 65_536]

    def answer(request: httpx2.Request) -> httpx2.Response:
        assert request.headers["accept-encoding"] == "identity"
        return httpx2.Response(200, content=chunks(), headers=headers)

    async def ask() -> bytes:
        transport = BoundedTransport(httpx2.MockTransport(answer))
        async with httpx2.AsyncClient(transport=transport) as client:
            return (await client.get("http://127.0.0.1/")).content

    return asyncio.run(ask())


def test_a_response_may_have_so_many_bytes_and_no_more() -> None:
    assert len(got(b"x" * MAX_BODY)) == MAX_BODY
    with pytest.raises(UnusableResponseError, match="longer than 4,000,000 bytes"):
        got(b"x" * (MAX_BODY + 1))


def test_a_packed_response_is_not_unpacked() -> None:
    with pytest.raises(UnusableResponseError, match="packs"):
        got(gzip.compress(b"x"), **{"content-encoding": "gzip"})
