"""Bounds in time: for a client that sends slowly, and for one that does not read."""

from __future__ import annotations

import asyncio

from classifier.web.guard import Application, Message, Receive, Send, refuse


class SlowClientError(Exception):
    """A client did not read the answer; raised through the application to end the connection."""


class Patience:
    """Gives up a request that does not arrive, and an answer that is not read, within a time.

    The application gets the whole body at once: put it behind a `Guard`, which bounds it.
    """

    def __init__(self, app: Application, seconds: float) -> None:
        """`seconds`: for a whole request, and for each part of an answer."""
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._seconds):
                whole = await _whole(receive)
        except TimeoutError:
            await refuse(send, 408, f"the request did not arrive within {self._seconds:g} s")
            return
        if whole is None:
            return  # the client has gone
        arrived = [whole]

        async def receiving() -> Message:
            return arrived.pop() if arrived else await receive()

        async def sending(message: Message) -> None:
            try:
                async with asyncio.timeout(self._seconds):
                    await send(message)
            except TimeoutError:
                raise SlowClientError from None

        await self._app(scope, receiving, sending)


async def _whole(receive: Receive) -> Message | None:
    """Return the body in one message; None where the client goes away before its end."""
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return {"type": "http.request", "body": b"".join(parts), "more_body": False}
