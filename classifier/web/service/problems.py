"""Everything that goes wrong as a problem of RFC 9457, here and in the description of the API."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from classifier import wording
from classifier.errors import ClassifierError, UsageError
from classifier.sanitize import one_line
from classifier.web.guard import PROBLEM
from classifier.web.service.judging import BusyError, ClosedError
from classifier.web.service.service import NotFoundError

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.exceptions import HTTPException
    from starlette.requests import Request
    from starlette.responses import Response

MEANINGS: Final = {
    400: "The body is not JSON.",
    401: "The token is missing or wrong.",
    403: "The request comes from a page of another origin.",
    404: "There is no such article or category.",
    408: "The request did not arrive in time.",
    413: "The request is too large.",
    421: "The service does not answer to this Host.",
    422: "The body is not as described here.",
    500: "A bug in classify: please report it.",
    503: "Too many articles are waiting, or judging took too long: try again later.",
}
_NO_JSON: Final = "the body is not JSON in UTF-8"
SCHEMA: Final = {
    "type": "object",
    "description": "A problem of RFC 9457.",
    "required": ["title", "status", "detail"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One line: what is wrong, and what to do."},
        "errors": {
            "type": "array",
            "description": "What is wrong with the body.",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON Pointer into the body."},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


def problem(status: int, detail: str, **more: Any) -> dict[str, Any]:
    title = HTTPStatus(status).phrase
    return {"status": status, "title": title, "detail": one_line(detail), **more}


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the responses of an operation that may end with these statuses."""
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": MEANINGS[status], "content": content}
        for status in sorted({*statuses, 401, 403, 421, 500})
    }


def of(error: Exception) -> tuple[dict[str, Any], Mapping[str, str]]:
    """Return the problem that an error is, and the headers that go with it."""
    status, detail, retry_after = _kind(error)
    return problem(status, detail), {"retry-after": str(retry_after)} if retry_after else {}


def _kind(error: Exception) -> tuple[int, str, int]:
    """Return status, detail, and the seconds after which to try again; 0: never."""
    match error:
        case NotFoundError() | UsageError():
            return 404, str(error), 0
        case BusyError():
            return 503, str(error), error.retry_after
        case ClosedError():
            return 503, "the service is stopping", 5
        case TimeoutError():
            return 503, "judging took too long: try again later", 5
        case ClassifierError():
            return 503, str(error), 60
    return 500, f"unexpected {type(error).__name__}: please report it", 0


def response(
    status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    """Return the response that is a problem."""
    more.pop("title", None)  # it follows from the status
    from starlette.responses import Response

    return Response(
        json.dumps(problem(status, detail, **more)), status, headers, media_type=PROBLEM
    )


def invalid(errors: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the problem of a body that pydantic has refused; quotes nothing of the body."""
    found = [
        {"pointer": _pointer(error["loc"]), "detail": one_line(wording.refusal(error))}
        for error in errors[:20]
    ]
    first = found[0]
    return problem(422, f"{first['pointer'] or 'the body'}: {first['detail']}", errors=found)


def _pointer(location: Sequence[str | int]) -> str:
    parts = [str(part) for part in location if part != "body"]
    return "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in parts)


def _detail(error: HTTPException) -> str:
    match error.status_code:
        case 400:
            return _NO_JSON
        case 404:
            return "there is no such address"
        case 405:
            return f"this address takes {(error.headers or {}).get('Allow', 'another method')}"
    return error.detail


def install(app: FastAPI) -> None:
    """Answer all errors of an application with problems."""
    from fastapi.exceptions import RequestValidationError
    from starlette.exceptions import HTTPException

    async def of_http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return response(error.status_code, _detail(error), error.headers)

    async def of_body(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        errors = error.errors()
        if any(each["type"] == "json_invalid" for each in errors):
            return response(400, _NO_JSON)
        if errors[0]["loc"] == ("body",) and "json" not in request.headers.get("content-type", ""):
            # FastAPI reads no JSON from a body that does not say that it is.
            return response(422, "expected JSON, sent with `Content-Type: application/json`")
        return response(**invalid(errors))

    async def of_any(_: Request, error: Exception) -> Response:
        found, headers = of(error)
        return response(headers=headers, **found)

    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, of_body)
    kinds: tuple[type[Exception], ...] = (
        NotFoundError,
        BusyError,
        ClosedError,
        TimeoutError,
        ClassifierError,
        Exception,
    )
    for kind in kinds:
        app.add_exception_handler(kind, of_any)
