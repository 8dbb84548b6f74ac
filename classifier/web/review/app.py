"""The addresses of the review page, and what is behind each: one call of a `Review`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from classifier import small_files
from classifier.content.local_images import MEDIA_TYPES
from classifier.errors import ClassifierError, UsageError
from classifier.outputs.report.html import PAGE_POLICY, live_page
from classifier.project.review import Decided, Review
from classifier.sanitize import one_line
from classifier.web.review import serializing as to_json
from classifier.web.review.training import Training
from classifier.web.review.whole import CachedColumns

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

    Handler: TypeAlias = Callable[[Review, Mapping[str, Any]], Any]

MOST_PATHS: Final = 10_000
"""Articles of one request."""
_WINDOW: Final = 200
"""Articles of the queue that the first answer names; the page asks for the rest later."""


def make_app(review: Review) -> Starlette:
    """Return the application; put it behind a `Guard`."""
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import Response
    from starlette.routing import Route

    training = Training(review)
    columns = CachedColumns(review)

    async def page(_: Request) -> Response:
        html, policy = await run_in_threadpool(lambda: live_page(start(review)))
        return Response(html, media_type="text/html", headers={PAGE_POLICY: policy})

    async def core(_: Request) -> Response:
        text = await run_in_threadpool(columns.text)
        return Response(text, media_type="application/json")

    def answering(handler: Handler) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            try:
                values = await _values(request)
                found = await run_in_threadpool(handler, review, values)
            except (ValueError, UsageError) as error:
                return _json({"detail": str(error)}, status=400)
            except ClassifierError as error:
                return _json({"detail": str(error)}, status=503)
            return _json(found)

        return answer

    reads: dict[str, Handler] = {
        "article": article,
        "definition": definition,
        "queue": queue,
        "state": state,
        "threshold": threshold,
        "preview": preview,
        "training": lambda *_: training.state(),
    }
    writes: dict[str, Handler] = {
        "verdicts": give,
        "undo": undo,
        "apply": apply,
        "train": lambda *_: training.start(),
    }
    return Starlette(
        routes=[
            Route("/", page),
            Route("/api/core", core),
            Route("/api/image", _images(review)),
            *(Route(f"/api/{name}", answering(it)) for name, it in reads.items()),
            *(
                Route(f"/api/{name}", answering(it), methods=["POST"])
                for name, it in writes.items()
            ),
        ]
    )


async def _values(request: Request) -> Mapping[str, Any]:
    """Return the parameters of a read, or the JSON object of a write."""
    if request.method in ("GET", "HEAD"):
        return dict(request.query_params)
    try:
        values = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise ValueError("expected a JSON object") from None
    if not isinstance(values, dict):
        raise ValueError("expected a JSON object")  # noqa: TRY004 - of the request
    return values


def _json(value: Any, *, status: int = 200) -> Response:
    from starlette.responses import Response

    text = json.dumps(value, separators=(",", ":"))
    return Response(text, status_code=status, media_type="application/json")


# --- reading -------------------------------------------------------------------------------------


def start(review: Review) -> dict[str, Any]:
    """Return what the page shows at first: the queue's beginning and its first article."""
    found = queue(review, {})
    first = found["queue"][0][0] if found["queue"] else None
    return {
        **found,
        "of": [str(path) for path in review.paths],
        "queue": found["queue"][:_WINDOW],
        "categories": to_json.names(review.categories),
        "article": article(review, {"path": first}) if first is not None else None,
        **state(review, {}),
    }


def queue(review: Review, _: Mapping[str, Any]) -> dict[str, Any]:
    rows = review.table.rows
    asks = review.queue()
    return {
        "queue": [[rows[ask.row].path, ask.sampled] for ask in asks],
        "articles": review.table.height,
    }


def article(review: Review, values: Mapping[str, Any]) -> dict[str, Any]:
    found = review.article(to_json.text_of(values, "path", 10_000))
    shown = [pair.category for pair in found.pairs if pair.asked or pair.verdict]
    return {
        **to_json.article(found),
        "definitions": [_definition(review, category.id) for category in shown],
    }


def _images(review: Review) -> Callable[[Request], Any]:
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import Response

    async def image(request: Request) -> Response:
        try:
            data, media_type = await run_in_threadpool(_image, review, request.query_params)
        except (OSError, ValueError, UsageError):
            return Response(status_code=404)
        return Response(data, media_type=media_type)

    return image


def _image(review: Review, values: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return an image and its media type; any of several errors where there is none to show."""
    path, target = (to_json.text_of(values, name, 10_000) for name in ("path", "target"))
    file = review.image(path, target)
    if file is None:
        raise UsageError("no such image")
    return small_files.read(file), MEDIA_TYPES[file.suffix.lower()]


def definition(review: Review, values: Mapping[str, Any]) -> dict[str, Any]:
    return _definition(review, to_json.text_of(values, "category"))


def _definition(review: Review, category: str) -> dict[str, Any]:
    found = next((it for it in review.categories if it.id == category), None)
    if found is None:
        raise UsageError(f"no category {category!r} is under review")
    return to_json.definition(found, review.table.taxonomy.minimum(found))


def state(review: Review, _: Mapping[str, Any]) -> dict[str, Any]:
    """Return what changes with every verdict, also with those given elsewhere."""
    review.refresh()
    return {
        "precision": [to_json.precision(it) for it in review.precision()],
        "verdicts": review.verdict_count,
    }


def threshold(review: Review, values: Mapping[str, Any]) -> dict[str, Any]:
    minimum = float(to_json.text_of(values, "minimum"))
    if not 0 <= minimum <= 1:
        raise ValueError("minimum: expected a number from 0 to 1")
    return to_json.threshold(review.threshold(to_json.text_of(values, "category"), minimum))


def preview(review: Review, values: Mapping[str, Any]) -> dict[str, Any]:
    path = values.get("path")
    paths = [to_json.text_of(values, "path", 10_000)] if path else review.decided_articles()
    outcomes = [to_json.outcome(it) for it in review.preview(paths)]
    return {"files": outcomes}


# --- writing -------------------------------------------------------------------------------------


def give(review: Review, values: Mapping[str, Any]) -> dict[str, Any]:
    verdicts = values.get("verdicts")
    if not isinstance(verdicts, list) or not 0 < len(verdicts) <= MOST_PATHS:
        raise ValueError(f"verdicts: expected a list of 1 to {MOST_PATHS:,}")
    decided = [_decided(verdict) for verdict in verdicts]
    whole = values.get("whole", False)
    if not isinstance(whole, bool):
        raise ValueError("whole: expected true or false")  # noqa: TRY004 - of the request
    review.decide(decided, note=to_json.text_of(values, "note"), whole=whole)
    return _changed(review, list(dict.fromkeys(it.path for it in decided)))


def _decided(verdict: Any) -> Decided:
    if not isinstance(verdict, dict):
        raise ValueError("verdicts: expected objects")  # noqa: TRY004 - of the request
    accepted = verdict.get("accepted")
    if accepted is not None and not isinstance(accepted, bool):
        raise ValueError("accepted: expected true, false or null")
    path = to_json.text_of(verdict, "path", 10_000)
    return Decided(path, to_json.text_of(verdict, "category"), accepted)


def undo(review: Review, _: Mapping[str, Any]) -> dict[str, Any]:
    records = review.undo()
    paths = [path for it in records if (path := review.path_of(it)) is not None]
    undone = [[path, it.category] for it, path in zip(records, paths, strict=False)]
    return {**_changed(review, list(dict.fromkeys(paths))), "undone": undone}


def apply(review: Review, values: Mapping[str, Any]) -> dict[str, Any]:
    result = review.apply(_paths(values) if "paths" in values else review.decided_articles())
    return {
        "changed": [path.as_posix() for path in result.changed],
        "unchanged": result.unchanged,
        "refused": [one_line(it.message) for it in result.refused],
        "not_judged": len(result.not_judged),
    }


def _changed(review: Review, paths: Sequence[str]) -> dict[str, Any]:
    """Return the labels and verdicts of articles whose verdicts have changed."""
    return {
        "changed": [
            {
                "path": path,
                "labels": review.labels_of(path),
                "verdicts": {
                    name: to_json.verdict(it) for name, it in review.verdicts_of(path).items()
                },
            }
            for path in paths
        ],
        **state(review, {}),
    }


def _paths(values: Mapping[str, Any]) -> list[str]:
    paths = values.get("paths")
    if (
        not isinstance(paths, list)
        or not 0 < len(paths) <= MOST_PATHS
        or not all(isinstance(path, str) for path in paths)
    ):
        raise ValueError(f"paths: expected a list of 1 to {MOST_PATHS:,} paths")
    return paths
