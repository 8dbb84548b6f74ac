"""Many articles in one request."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from support.result_schema import errors
from support.service import BREAD
from support.service import client as make_client

from classifier.project import Project
from classifier.web.service import streaming
from classifier.web.service.bodies import MOST_LINES, ClassifyRequest
from classifier.web.service.service import Limits


def stream(client: TestClient, *lines: object) -> list[dict[str, Any]]:
    body = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    answer = client.post("/classify/stream", content=body)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def test_each_line_is_answered_in_order(client: TestClient) -> None:
    found = stream(client, *({"text": BREAD, "id": str(n)} for n in range(200)))
    assert [result["article"] for result in found] == [str(n) for n in range(200)]
    assert errors(found[-1]) == []


def test_a_line_that_cannot_be_answered_is_a_problem_and_the_rest_goes_on(
    client: TestClient,
) -> None:
    good = {"text": BREAD, "id": "x"}
    unknown = {"text": BREAD, "categories": ["champagne"]}
    found = stream(client, good, "{", {"txt": "a secret"}, unknown, "[]", good)
    assert [each.get("status") for each in found] == [None, 422, 422, 404, 422, None]
    assert [each.get("line") for each in found] == [None, 2, 3, 4, 5, None]
    assert "secret" not in json.dumps(found)


def test_blank_lines_do_not_count(client: TestClient) -> None:
    assert len(stream(client, {"text": BREAD}, "", "  ", {"text": BREAD}, "")) == 2


def test_a_request_without_a_line_is_refused(client: TestClient) -> None:
    for body in (b"", b" \n\n"):
        assert client.post("/classify/stream", content=body).status_code == 422


def test_too_many_lines_are_refused(client: TestClient) -> None:
    answer = client.post("/classify/stream", content=b"{}\n" * (MOST_LINES + 1))
    assert answer.status_code == 413


def test_a_stream_waits_where_a_single_request_is_refused(project: Project) -> None:
    with make_client(project, limits=Limits(queue=2)) as client:
        found = stream(client, *({"text": BREAD} for _ in range(50)))
    assert [each["ok"] for each in found] == [True] * 50


class Slow:
    """A service that counts what it judges at once."""

    def __init__(self) -> None:
        self.started = 0

    async def classify(self, request: ClassifyRequest, *, wait: bool) -> object:
        self.started += 1
        await asyncio.sleep(0)
        raise TimeoutError


def test_a_client_that_does_not_read_is_not_judged_far_ahead_of() -> None:
    service = Slow()

    async def go() -> None:
        lines = [b'{"text": "a"}'] * 1_000
        answers = streaming.answers(service, lines)  # type: ignore[arg-type]
        await anext(answers)
        for _ in range(100):
            await asyncio.sleep(0)
        await answers.aclose()

    asyncio.run(go())
    assert service.started <= streaming.WINDOW + 1


@pytest.mark.parametrize("most", [1, 3])
@given(st.lists(st.sampled_from([b"a", b"", b" ", b"b c"])))
def test_lines_are_split_and_counted(most: int, lines: list[bytes]) -> None:
    full = [line for line in lines if line.strip()]
    found = streaming.split(b"\n".join(lines), most=most)
    if found is None:
        assert len(full) > most or len(lines) > 2 * most
    else:
        assert found == full
