"""The description of the API: what FastAPI finds out, the result's schema, and examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from classifier.outputs.json import result_schema
from classifier.web.service import problems

DESCRIPTION: Final = """\
Judges articles against categories that are described in Markdown. Every pair has a confidence, a \
reasoning and evidence. Nothing but verdicts is stored.

Errors are problems of RFC 9457. A full queue answers 503 with `Retry-After`.\
"""

RESULT: Final[dict[str, Any]] = {"$ref": "#/components/schemas/Result"}
VERDICT: Final[dict[str, Any]] = {"$ref": "#/components/schemas/Verdict"}
CATEGORIES: Final[dict[str, Any]] = {
    "type": "array",
    "items": {"$ref": "#/components/schemas/Category"},
}

_TEXT: Final = {"type": "string"}
_SCHEMAS: Final[dict[str, Any]] = {
    "Problem": problems.SCHEMA,
    "Category": {
        "type": "object",
        "required": ["id", "kind", "title", "description", "aliases", "minimum"],
        "properties": {
            "id": {"type": "string", "description": "`kind/slug`"},
            "kind": _TEXT,
            "title": _TEXT,
            "description": _TEXT,
            "aliases": {"type": "array", "items": _TEXT},
            "minimum": {
                "type": "number",
                "minimum": 0,
                "maximum": 1,
                "description": "The confidence that a label needs.",
            },
        },
    },
    "Verdict": {
        "type": "object",
        "required": ["article", "category", "accepted", "note", "given_at"],
        "properties": {
            "article": {"type": "string", "description": "The path in the store."},
            "category": _TEXT,
            "accepted": {"type": ["boolean", "null"]},
            "note": _TEXT,
            "given_at": {"type": "string", "format": "date-time"},
        },
    },
}


def example_requests(categories: Sequence[str]) -> dict[str, Any]:
    """Return requests that this service can answer, by name."""
    inline = {"title": "Bread", "description": "Loaves, and how they are baked."}
    examples: dict[str, Any] = {
        "inline": {
            "summary": "Categories defined in the request",
            "value": {
                "text": "Knead the dough, let it rest, and bake the loaf until it is brown.",
                "title": "A first loaf",
                "definitions": [inline],
            },
        },
        "document": {
            "summary": "A file with front matter, against all categories",
            "value": {"document": "---\ntitle: A first loaf\n---\nKnead the dough, and bake it.\n"},
        },
    }
    if categories:
        examples["named"] = {
            "summary": "Categories of the service, by name",
            "value": {"text": "Knead the dough, and bake it.", "categories": list(categories[:2])},
        }
    return examples


def example_verdicts(categories: Sequence[str], article: str) -> dict[str, Any]:
    """Return requests that record a verdict, by name; nothing without categories."""
    if not categories:
        return {}
    pair = {"path": article, "category": categories[0]}
    return {
        "accepted": {
            "summary": "The article belongs to the category",
            "value": {**pair, "accepted": True},
        },
        "rejected": {
            "summary": "The article does not belong to the category",
            "value": {**pair, "accepted": False, "note": "It is about something else."},
        },
    }


def install(app: FastAPI, *, token: bool) -> None:
    """Let an application describe itself; `token`: whether requests need one."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app, token=token)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _described(app: FastAPI, *, token: bool) -> dict[str, Any]:
    schema = get_openapi(
        title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes
    )
    parts = schema.setdefault("components", {})
    known = parts.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        known.pop(unused, None)
    known |= _SCHEMAS | _result()
    if token:
        parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        schema["security"] = [{"token": []}]
        for path in ("/health", "/ready"):
            schema["paths"][path]["get"]["security"] = []
    return schema


def _result() -> dict[str, Any]:
    """Return the schema of a result and of its parts, by name."""
    schema = result_schema()
    parts = {f"Result_{name}": part for name, part in schema.pop("$defs").items()}
    for key in ("$schema", "$id"):
        del schema[key]
    moved: dict[str, Any] = _moved({"Result": schema, **parts})
    return moved


def _moved(value: Any) -> Any:
    if isinstance(value, list):
        return [_moved(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: each.replace("#/$defs/", "#/components/schemas/Result_")
        if key == "$ref"
        else _moved(each)
        for key, each in value.items()
    }
