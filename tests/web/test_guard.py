"""What may pass the gate, and what goes with every answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from classifier.web.guard import SAFE_HEADERS, Access, Guard, Message, Receive, Send, new_token

TOKEN = "a-token"
HOST = "127.0.0.1:8000"
ACCESS = Access.local(8000, token=TOKEN, max_body=10)
BEARER = {"authorization": f"Bearer {TOKEN}"}


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


async def echo(scope: Message, receive: Receive, send: Send) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = [(b"content-type", b"text/plain"), (b"Referrer-Policy", b"origin")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def ask(
    method: str = "GET",
    target: str = "/",
    *chunks: bytes,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    access: Access = ACCESS,
    host: str | None = HOST,
) -> Answer:
    path, _, query = target.partition("?")
    pairs = list(headers.items()) if isinstance(headers, Mapping) else headers
    if host is not None:
        pairs = [("Host", host), *pairs]
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(n.lower().encode(), v.encode()) for n, v in pairs],
    }
    waiting = [
        {"type": "http.request", "body": chunk, "more_body": n < len(chunks)}
        for n, chunk in enumerate(chunks, 1)
    ] or [{"type": "http.request", "body": b""}]
    sent: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(Guard(echo, access)(scope, receive, send))
    start, *rest = sent
    return Answer(
        start["status"],
        {n.decode().lower(): v.decode() for n, v in start["headers"]},
        b"".join(m["body"] for m in rest),
    )


def test_a_request_with_the_token_passes() -> None:
    assert ask("POST", "/", b"abc", headers=BEARER).body == b"abc"
    assert ask("POST", "/", b"abc", headers=BEARER, host="localhost:8000").status == 200
    assert ask("GET", f"/?token={TOKEN}").status == 200
    assert ask("GET", headers={**BEARER, "Origin": f"http://{HOST}"}).status == 200


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    [
        ("GET", "/", {}),
        ("GET", "/?token=", {}),
        ("GET", "/?token=b-token", {}),
        ("GET", f"/?token={TOKEN}&token={TOKEN}", {}),
        ("GET", "/", {"authorization": f"Basic {TOKEN}"}),
        ("GET", "/", {"authorization": "Bearer "}),
        ("GET", "/", {"authorization": "Bearer t\u00f6ken"}),
        # An address may be in a history: it is enough to read, and not to write.
        ("POST", f"/?token={TOKEN}", {}),
        ("DELETE", f"/?token={TOKEN}", {}),
    ],
)
def test_without_the_token_nothing_passes(
    method: str, target: str, headers: dict[str, str]
) -> None:
    answer = ask(method, target, headers=headers)
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert json.loads(answer.body)["status"] == 401


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "evil.example:8000",
        "127.0.0.1",
        "127.0.0.1:8001",
        "127.0.0.1:80000",
    ],
)
def test_another_name_for_this_machine_is_refused(host: str | None) -> None:
    assert ask(headers=BEARER, host=host).status == 421


def test_two_hosts_are_none() -> None:
    assert ask(headers=[("Host", HOST), *BEARER.items()]).status == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8001"},
        {"Origin": f"https://{HOST}"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_page_of_another_origin_is_refused_whatever_it_knows(headers: dict[str, str]) -> None:
    assert ask(headers={**BEARER, **headers}).status == 403
    assert ask("GET", f"/?token={TOKEN}", headers=headers).status == 403


def test_a_body_is_bounded_whether_or_not_it_says_its_length() -> None:
    long = b"x" * 11
    assert ask("POST", "/", long, headers={**BEARER, "Content-Length": "11"}).status == 413
    assert ask("POST", "/", b"xxxxxx", b"xxxxxx", headers=BEARER).status == 413
    assert ask("POST", "/", b"x" * 10, headers=BEARER).status == 200
    for length in ("-1", "1e9", "\u00b2", "9" * 400):
        assert ask("POST", "/", b"x", headers={**BEARER, "Content-Length": length}).status in (
            400,
            413,
        )


def test_every_answer_has_the_safe_headers_and_an_application_may_set_its_own() -> None:
    for answer in (ask(headers=BEARER), ask()):
        assert answer.headers.keys() >= SAFE_HEADERS.keys()
    assert ask(headers=BEARER).headers["referrer-policy"] == "origin"
    assert ask().headers["referrer-policy"] == "no-referrer"


def test_a_service_may_be_open_in_part() -> None:
    access = Access(hosts=(), token=TOKEN, open_paths=("/health",))
    assert ask(target="/health", access=access, host="anything").status == 200
    assert ask(target="/other", access=access, host="anything").status == 401
    assert ask(access=Access(hosts=())).status == 200


def test_web_sockets_are_not_answered() -> None:
    async def never(scope: Message, receive: Receive, send: Send) -> None:
        raise AssertionError

    async def nothing(message: Message | None = None) -> Message:
        raise AssertionError

    asyncio.run(Guard(never, ACCESS)({"type": "websocket"}, nothing, nothing))  # type: ignore[arg-type]


def test_tokens_differ() -> None:
    assert new_token() != new_token()
    assert len(new_token()) >= 32
