from __future__ import annotations

import asyncio

import pytest
from support.chat_server import ChatServer

from classifier.scorers.openai import transport

# Of the connection and of the client's own retries and time limits, which are ours.
OF_THE_SENDER = {
    *("host", "connection", "content-length", "accept-encoding", "x-stainless-retry-count"),
    *("x-stainless-read-timeout", "x-stainless-raw-response"),
}


async def ours(url: str, content: bytes) -> None:
    line = await transport.connect(url, "sk-test", connections=1)
    await line.post(content)
    await line.close()


async def theirs(url: str, content: bytes) -> None:
    from openai import AsyncOpenAI

    async with AsyncOpenAI(api_key="sk-test", base_url=url) as client:
        await client.post("/chat/completions", cast_to=object, content=content)


@pytest.mark.parametrize("end", ["", "/"])
def test_a_request_is_what_the_official_client_would_send(end: str) -> None:
    content = b'{"model": "m", "messages": [{"role": "user", "content": "hello"}]}'
    with ChatServer() as server:
        asyncio.run(ours(server.url + end, content))
        asyncio.run(theirs(server.url + end, content))
    mine, official = server.requests
    assert (mine.path, mine.raw) == (official.path, official.raw)
    different = {
        name
        for name in {*mine.headers, *official.headers} - OF_THE_SENDER
        if mine.headers.get(name) != official.headers.get(name)
    }
    assert not different
