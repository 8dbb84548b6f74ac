"""A service that listens, with real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.service import BREAD, TOKEN

from classifier.errors import UsageError
from classifier.project import Project
from classifier.web.service.running import Address, Serving
from classifier.web.service.service import Limits


@contextlib.contextmanager
def running(project: Project, **more: Any) -> Iterator[Serving]:
    address = more.pop("address", Address())
    serving = Serving(project, address, content=[Path("content")], **more)
    thread = threading.Thread(target=serving.run)
    thread.start()
    try:
        yield serving
    finally:
        serving.stop()
        thread.join()


def post(serving: Serving, path: str, body: Any, **headers: str) -> tuple[int, Any]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(
        serving.url + path, data, {"content-type": "application/json", **headers}
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def connect(serving: Serving) -> socket.socket:
    host, port = serving.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=30)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (Address(host="0.0.0.0"), "set a token"),
        (Address(host="example.org"), "set a token"),
        (Address(token="short"), "too short"),
        (Address(origins=("example.org",)), "`allow_origin` 'example.org'"),
        (Address(origins=("https://example.org/",)), "`allow_origin`"),
    ],
)
def test_an_address_that_anybody_could_use_is_refused(
    project: Project, address: Address, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        Serving(project, address)


def test_a_token_is_in_no_text_of_an_address() -> None:
    assert TOKEN not in repr(Address(token=TOKEN))


def test_a_missing_folder_is_refused(project: Project) -> None:
    with pytest.raises(UsageError, match="no such folder: 'none'"):
        Serving(project, Address(), content=[Path("none")])


def test_hosts_are_this_machines_unless_others_are_named_or_it_listens_to_all() -> None:
    limits = Limits()
    assert "127.0.0.1:80" in Address().access(80, limits).hosts
    assert Address(host="0.0.0.0", token=TOKEN).access(80, limits).hosts == []
    named = Address(host="0.0.0.0", token=TOKEN, hosts=("api.example.org",)).access(80, limits)
    assert "api.example.org" in named.hosts


@pytest.mark.slow
def test_it_answers_until_it_is_stopped(project: Project) -> None:
    with running(project) as serving:
        assert post(serving, "/classify", {"text": BREAD})[1]["ok"]
    with pytest.raises(ConnectionRefusedError):
        connect(serving)


@pytest.mark.slow
def test_a_foreign_name_for_this_machine_is_refused(project: Project) -> None:
    with running(project) as serving:
        status, _ = post(serving, "/classify", {"text": BREAD}, host="rebound.example")
        assert status == 421


@pytest.mark.slow
def test_slow_and_oversized_clients_harm_nobody(project: Project) -> None:
    limits = Limits(timeout=1, max_body=10_000)
    with running(project, limits=limits) as serving, contextlib.ExitStack() as stack:
        slow = [stack.enter_context(connect(serving)) for _ in range(20)]
        for each in slow:
            each.sendall(
                b"POST /classify HTTP/1.1\r\nhost: "
                + serving.url.removeprefix("http://").encode()
                + b"\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{"
            )
        assert post(serving, "/classify", b"x" * 20_000)[0] == 413
        assert post(serving, "/classify", {"text": BREAD})[0] == 200
        for each in slow:
            assert each.recv(100).startswith(b"HTTP/1.1 408")
        assert post(serving, "/classify", {"text": BREAD})[0] == 200


@pytest.mark.slow
def test_the_tools_are_answered_over_http_with_the_token(project: Project) -> None:
    client = pytest.importorskip("mcp.client")
    from mcp.client.streamable_http import streamable_http_client

    httpx = pytest.importorskip("httpx2")

    async def use(url: str) -> Any:
        async with (
            httpx.AsyncClient(headers={"authorization": f"Bearer {TOKEN}"}) as http,
            client.Client(streamable_http_client(f"{url}/mcp", http_client=http)) as tools,
        ):
            return await tools.call_tool("classify", {"text": BREAD})

    with running(project, address=Address(token=TOKEN), mcp=True) as serving:
        found = asyncio.run(use(serving.url))
        status, _ = post(serving, "/mcp", {})
    assert [label["id"] for label in found.structured_content["labels"]["tags"]] == ["tags/bread"]
    assert status == 401
