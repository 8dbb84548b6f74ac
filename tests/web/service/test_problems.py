from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from classifier.errors import StoreError, UsageError
from classifier.web.service import problems
from classifier.web.service.judging import BusyError, ClosedError
from classifier.web.service.service import NotFoundError

JSON = {"content-type": "application/json"}
SCHEMA = Draft202012Validator(problems.SCHEMA)


@pytest.mark.parametrize(
    ("error", "status", "retry_after"),
    [
        (NotFoundError("no article"), 404, None),
        (UsageError("no category"), 404, None),
        (BusyError(7), 503, "7"),
        (ClosedError(), 503, "5"),
        (TimeoutError(), 503, "5"),
        (StoreError("the disk is full"), 503, "60"),
        (ValueError("a secret"), 500, None),
    ],
)
def test_every_error_is_a_problem(error: Exception, status: int, retry_after: str | None) -> None:
    found, headers = problems.of(error)
    SCHEMA.validate(found)
    assert found["status"] == status
    assert headers.get("retry-after") == retry_after
    assert found["detail"]
    assert "secret" not in found["detail"]


def test_a_body_is_refused_with_pointers_into_it() -> None:
    found = problems.invalid(
        [
            {"loc": ("body", "definitions", 0, "a/b~c"), "type": "x", "msg": "too long"},
            {"loc": (), "type": "x", "msg": "odd"},
        ]
    )
    SCHEMA.validate(found)
    assert [each["pointer"] for each in found["errors"]] == ["/definitions/0/a~1b~0c", ""]
    assert found["detail"] == "/definitions/0/a~1b~0c: too long"


@pytest.mark.parametrize(
    ("method", "headers", "body", "status", "detail"),
    [
        ("POST", JSON, b"[]", 422, "the body: expected an object"),
        ("POST", JSON, b"{}", 422, "the body: pass either 'text' or 'document'"),
        ("POST", JSON, b'{"text": 5}', 422, "/text: expected text"),
        ("POST", JSON, b'{"txt": "a"}', 422, "/txt: is not a known field"),
        ("POST", JSON, b'{"text": "a", "definitions": [{}]}', 422, "title: is missing"),
        ("POST", JSON, b'{"text": "\xff"}', 400, "the body is not JSON in UTF-8"),
        ("POST", JSON, b"{", 400, "the body is not JSON in UTF-8"),
        ("POST", {}, b'{"text": "a"}', 422, "sent with `Content-Type: application/json`"),
        ("POST", {}, b"", 422, "sent with `Content-Type: application/json`"),
        ("DELETE", {}, b"", 405, "this address takes POST"),
    ],
)
def test_a_refusal_says_what_is_expected(
    client: TestClient, method: str, headers: dict[str, str], body: bytes, status: int, detail: str
) -> None:
    found = client.request(method, "/classify", headers=headers, content=body)
    assert found.status_code == status
    SCHEMA.validate(found.json())
    assert detail in found.json()["detail"]


def test_a_detail_is_one_line_without_escapes() -> None:
    assert problems.problem(404, "a\nb\x1b[31m")["detail"] == "a b\ufffd[31m"


def test_what_an_operation_may_end_with_is_described() -> None:
    found = problems.described(404)
    assert sorted(found) == [401, 403, 404, 421, 500]
    assert all("application/problem+json" in each["content"] for each in found.values())
