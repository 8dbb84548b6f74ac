from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from classifier.errors import StoreError, UsageError
from classifier.web.service import problems
from classifier.web.service.judging import BusyError, ClosedError
from classifier.web.service.service import NotFoundError

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
        [{"loc": ("body", "definitions", 0, "a/b~c"), "msg": "too long"}, {"loc": (), "msg": "odd"}]
    )
    SCHEMA.validate(found)
    assert [each["pointer"] for each in found["errors"]] == ["/definitions/0/a~1b~0c", ""]
    assert found["detail"] == "/definitions/0/a~1b~0c: too long"


def test_a_detail_is_one_line_without_escapes() -> None:
    assert problems.problem(404, "a\nb\x1b[31m")["detail"] == "a b\ufffd[31m"


def test_what_an_operation_may_end_with_is_described() -> None:
    found = problems.described(404)
    assert sorted(found) == [401, 403, 404, 421, 500]
    assert all("application/problem+json" in each["content"] for each in found.values())
