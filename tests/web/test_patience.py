"""Clients that do not send, or do not read."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from classifier.web.guard import Message, Receive, Send
from classifier.web.patience import Patience, SlowClientError

SCOPE = {"type": "http", "method": "POST", "path": "/"}


async def never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


async def read_all(scope: Message, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


def run(app: Any, receive: Receive, send: Send | None = None) -> list[Message]:
    sent: list[Message] = []

    async def keep(message: Message) -> None:
        sent.append(message)

    asyncio.run(Patience(app, 0.05)(dict(SCOPE), receive, send or keep))
    return sent


def test_a_request_that_arrives_is_answered() -> None:
    parts = iter([{"body": b"a", "more_body": True}, {"body": b"b", "more_body": False}])

    async def receive() -> Message:
        return {"type": "http.request", **next(parts)}

    assert [message.get("status") for message in run(read_all, receive)] == [200, None]


def test_a_request_that_does_not_arrive_is_given_up() -> None:
    start, body = run(read_all, never)
    assert start["status"] == 408
    assert json.loads(body["body"])["detail"] == "the request did not arrive within 0.05 s"


def test_a_client_that_sends_now_and_then_has_no_more_time() -> None:
    async def receive() -> Message:
        await asyncio.sleep(0.005)
        return {"type": "http.request", "body": b"x", "more_body": True}

    assert run(read_all, receive)[0]["status"] == 408


def test_a_client_that_does_not_read_is_given_up() -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def stuck(_: Message) -> None:
        await asyncio.Event().wait()

    with pytest.raises(SlowClientError):
        run(read_all, receive, stuck)


def test_a_client_that_goes_away_is_not_answered() -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    assert run(read_all, receive) == []


def test_an_answer_may_take_longer_than_a_request() -> None:
    async def slow(scope: Message, receive: Receive, send: Send) -> None:
        await receive()
        gone = asyncio.create_task(receive())  # watches for the client to go away
        await asyncio.sleep(0.1)
        gone.cancel()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    waiting = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        found = next(waiting, None)
        return found if found is not None else await never()

    assert run(slow, receive)[0]["status"] == 200
