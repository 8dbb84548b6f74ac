"""A server in a thread: it answers on a free port, and ends when it is told to."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading

import pytest

from classifier.errors import UsageError
from classifier.web.guard import Access, Guard, Message, Receive, Send
from classifier.web.server import LOCAL, Server, listen


async def hello(scope: Message, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def test_a_server_answers_on_a_free_port_until_it_is_stopped() -> None:
    listening = listen()
    port = listening.getsockname()[1]
    server = Server(Guard(hello, Access.local(port, token="t")), lifespan="off")
    thread = threading.Thread(target=server.run, args=[listening])
    thread.start()
    try:
        connection = http.client.HTTPConnection(LOCAL, port, timeout=20)
        connection.request("GET", "/", headers={"Authorization": "Bearer t"})
        answer = connection.getresponse()
        assert answer.read() == b"hello"
        assert answer.headers["server"] is None
        connection.close()
    finally:
        server.stop()
        thread.join(20)
    assert not thread.is_alive()
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection(LOCAL, port, timeout=5).connect()


def test_what_is_no_request_is_refused_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    listening = listen()
    address = listening.getsockname()
    server = Server(Guard(hello, Access.local(address[1], token="t")), lifespan="off")
    thread = threading.Thread(target=server.run, args=[listening])
    thread.start()
    upgrade = (
        f"GET /?token=t HTTP/1.1\r\nHost: {LOCAL}:{address[1]}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    )
    try:
        for sent, status in ((b"nonsense\r\n\r\n", b"400"), (upgrade.encode(), b"200")):
            with socket.create_connection(address, timeout=20) as connection:
                connection.sendall(sent)
                assert connection.recv(1024).split()[1] == status
    finally:
        server.stop()
        thread.join(20)
    assert not thread.is_alive()
    assert caplog.records == []


def test_a_port_that_is_taken_is_an_error_of_one_line() -> None:
    with listen() as taken, pytest.raises(UsageError, match="cannot listen on 127"):
        listen(port=taken.getsockname()[1])
    with pytest.raises(UsageError, match="`port`"):
        listen(port=70_000)


@pytest.mark.parametrize("host", [LOCAL, "::1"])
def test_what_is_sent_waits_for_no_acknowledgement(host: str) -> None:
    async def without_delay() -> bool:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def met(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted = writer.get_extra_info("socket")
            found.set_result(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listening = listen(host)
        async with await asyncio.start_server(met, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname()[:2])
            writer.close()
            return bool(await found)

    try:
        assert asyncio.run(without_delay())
    except UsageError:
        if host == LOCAL:
            raise
        pytest.skip("this machine has no IPv6")
