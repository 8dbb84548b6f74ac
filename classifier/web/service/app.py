"""The addresses of the service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from fastapi import Body, FastAPI
from fastapi import Path as PathParameter
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from classifier.outputs.json import to_json
from classifier.sanitize import json_line
from classifier.store import VerdictRecord
from classifier.web.guard import Access, Application, Guard
from classifier.web.patience import Patience
from classifier.web.service import metrics, openapi, problems, streaming
from classifier.web.service.bodies import MOST_LINES, ClassifyRequest, VerdictRequest
from classifier.web.service.service import Service

if TYPE_CHECKING:
    from mcp.server import MCPServer

OPEN: Final = ("/health", "/ready")
"""Paths that need no token: they say nothing but whether the service works."""
STREAM: Final = "/classify/stream"
MCP: Final = "/mcp"
_JSON: Final = "application/json"


def make_app(
    service: Service,
    access: Access,
    *,
    numbers: metrics.Metrics | None = None,
    cors: Sequence[str] = (),
    mcp: MCPServer[Any] | None = None,
) -> Application:
    """Return the application with everything in front of it.

    Args:
        service: What answers.
        access: Who may ask.
        numbers: Counts requests; `service` should count its batches with the same.
        cors: Origins of pages that may ask.
        mcp: Also answers at `/mcp`.
    """
    numbers = numbers or metrics.Metrics()
    numbers.waiting.set_function(lambda: service.queue.waiting if service.queue else 0)
    app = _application(service, numbers, token=access.token is not None, mcp=mcp)
    guarded: Application = Guard(Patience(app, service.limits.timeout), access)
    if cors:
        guarded = CORSMiddleware(
            guarded,
            allow_origins=list(cors),
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type"],
        )
    return metrics.Counted(guarded, numbers)


def _application(
    service: Service, numbers: metrics.Metrics, *, token: bool, mcp: MCPServer[Any] | None
) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(service.started())
            if mcp is not None:
                await stack.enter_async_context(mcp.session_manager.run())
            yield

    app = FastAPI(
        title="classify",
        version=version("category-classifier"),
        lifespan=lifespan,
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
    )
    if mcp is not None:
        app.router.routes.extend(_mcp_routes(mcp, service))
    problems.install(app)
    openapi.install(app, token=token)
    _add_judging(app, service)
    _add_records(app, service)
    _add_upkeep(app, service, numbers)
    return app


def _mcp_routes(mcp: MCPServer[Any], service: Service) -> list[Any]:
    from mcp.server.transport_security import TransportSecuritySettings

    inner = mcp.streamable_http_app(
        streamable_http_path=MCP,
        json_response=True,
        stateless_http=True,
        max_request_body_size=service.limits.max_body,
        # Host and Origin are checked by the guard in front of everything.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    return list(inner.routes)


def _add_judging(app: FastAPI, service: Service) -> None:
    examples = openapi.example_requests([each["id"] for each in service.categories()])
    body: Any = Body(openapi_examples=examples)
    result = {"description": "The result", "content": {_JSON: {"schema": openapi.RESULT}}}

    @app.post(
        "/classify",
        summary="Judge one article",
        responses={200: result, **problems.described(400, 404, 408, 413, 422, 503)},
    )
    async def classify(request: ClassifyRequest = body) -> Response:
        return Response(to_json(await service.classify(request)), media_type=_JSON)

    lines = {
        "type": "string",
        "minLength": 1,
        "pattern": r"\S",
        "description": "A body of `POST /classify` on each line.",
    }
    found = {
        "description": "On each line the result, or the problem with that line: a problem has a "
        "`status` and a `line`. In the order of the request, as they are judged.",
        "content": {streaming.TYPE: {"schema": {"type": "string"}}},
    }
    example = '{"text": "Bake a loaf.", "definitions": [{"title": "Bread"}], "id": "1"}\n'

    @app.post(
        STREAM,
        summary="Judge many articles",
        responses={200: found, **problems.described(408, 413, 422)},
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {streaming.TYPE: {"schema": lines, "example": example}},
            }
        },
    )
    async def stream(request: Request) -> Response:
        parts = streaming.split(await request.body(), most=MOST_LINES)
        if parts is None:
            return problems.response(413, f"more than {MOST_LINES:,} lines: send several requests")
        if not parts:
            return problems.response(422, "the body has no line")
        return StreamingResponse(streaming.answers(service, parts), media_type=streaming.TYPE)


def _add_records(app: FastAPI, service: Service) -> None:
    recorded = {"description": "The verdict", "content": {_JSON: {"schema": openapi.VERDICT}}}
    result = {"description": "The result", "content": {_JSON: {"schema": openapi.RESULT}}}
    article = service.example_article()
    names = [each["id"] for each in service.categories()]
    body: Any = Body(openapi_examples=openapi.example_verdicts(names, article or "post.md"))
    named: Any = PathParameter(
        description="Below the content folder.",
        openapi_examples={"article": {"value": article}} if article else None,
    )
    listed = {"description": "All categories", "content": {_JSON: {"schema": openapi.CATEGORIES}}}

    @app.post(
        "/verdicts",
        summary="Record a person's verdict",
        status_code=201,
        responses={201: recorded, **problems.described(400, 404, 408, 413, 422, 503)},
    )
    async def verdicts(request: VerdictRequest = body) -> Response:
        return _json(verdict(await service.record_verdict(request)), 201)

    @app.get(
        "/categories",
        summary="List the categories",
        responses={200: listed, **problems.described()},
    )
    async def categories() -> Response:
        return _json(service.categories())

    @app.get(
        "/articles/{path:path}",
        summary="Return the stored result of an article",
        description="Judges nothing: what is not judged yet is in `failures`.",
        responses={200: result, **problems.described(404, 422, 503)},
    )
    async def articles(path: str = named) -> Response:
        return Response(to_json(await service.stored(path)), media_type=_JSON)


def _add_upkeep(app: FastAPI, service: Service, numbers: metrics.Metrics) -> None:
    text = {"content": {"text/plain": {"schema": {"type": "string"}}}}

    @app.get(
        "/health",
        summary="Whether the process answers",
        responses={200: {"description": "It does", **text}, **problems.described()},
    )
    async def health() -> Response:
        return Response("ok\n", media_type="text/plain")

    @app.get(
        "/ready",
        summary="Whether articles can be judged",
        responses={200: {"description": "They can", **text}, **problems.described(503)},
    )
    async def ready() -> Response:
        if service.ready:
            return Response("ready\n", media_type="text/plain")
        detail = "the model is being loaded, or the service is stopping"
        return problems.response(503, detail, {"retry-after": "1"})

    @app.get(
        "/metrics",
        summary="Numbers for Prometheus",
        responses={200: {"description": "Numbers", **text}, **problems.described()},
    )
    async def read_metrics() -> Response:
        return Response(numbers.text(), media_type=metrics.TYPE)


def verdict(record: VerdictRecord) -> dict[str, Any]:
    """Return a verdict as JSON values."""
    return {
        "article": record.path,
        "category": record.category,
        "accepted": record.accepted,
        "note": record.note,
        "given_at": datetime.fromtimestamp(record.at, UTC).isoformat(timespec="seconds"),
    }


def _json(value: Any, status: int = 200) -> Response:
    return Response(json_line(value), status, media_type=_JSON)
