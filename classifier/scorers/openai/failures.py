"""Why a call brought no answer, in one printable line; and the words and codes of errors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from classifier.models import FailureReason

_MAX_LINE: Final = 160


class CallFailure(NamedTuple):
    """Why a call brought no answer; the message is one printable line."""

    reason: FailureReason
    message: str


def one_line(text: str, limit: int = _MAX_LINE) -> str:
    """Make untrusted text fit for one line: no control characters, at most `limit` long."""
    printable = "".join(c if c.isprintable() else " " for c in text[: limit * 4])
    line = " ".join(printable.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


# --- bodies of errors ----------------------------------------------------------------------------

_WORDS: Final = (
    "message",
    "error",
    "detail",
    "details",
    "errors",
    "msg",
    "description",
    "error_description",
    "error_msg",
    "reason",
    "title",
)
_CODES: Final = ("code", "type", "status", "reason")
_DEPTH: Final = 6
_MOST_WORDS: Final = 4000


def error_message(body: object) -> str:
    """Return the words in the body of an error, in any of the shapes that servers give it.

    Never the input that some of them repeat, nor a web page: that is a proxy's, and explains
    nothing.
    """
    return "; ".join(dict.fromkeys(_words(body, _DEPTH)))[:_MOST_WORDS]


def error_codes(body: object) -> frozenset[str]:
    """Return all codes, types and reasons in the body of an error, in lower case."""
    return frozenset(_codes(body, _DEPTH))


def _words(body: object, depth: int) -> Iterator[str]:
    if not depth:
        return
    if isinstance(body, str):
        yield from _words_of_text(body.strip(), depth)
    elif isinstance(body, list):
        for part in body[:5]:
            yield from _words(part, depth - 1)
    elif isinstance(body, Mapping) and "loc" in body and "msg" in body:
        # One of FastAPI's validation errors, without the input it repeats.
        place = body["loc"] if isinstance(body["loc"], list) else []
        name = ".".join(str(part) for part in place)
        yield f"{name}: {body['msg']}" if name else str(body["msg"])
    elif isinstance(body, Mapping):
        metadata = body.get("metadata")
        raw = metadata.get("raw") if isinstance(metadata, Mapping) else None  # what a router got
        for value in (*(body.get(name) for name in _WORDS), raw):
            yield from _words(value, depth - 1)


def _words_of_text(text: str, depth: int) -> Iterator[str]:
    inner: object = None
    if text.startswith(("{", "[")):
        try:
            inner = json.loads(text)
        except (ValueError, RecursionError):
            inner = None
    if inner:
        yield from _words(inner, depth - 1)
    elif text and not text.startswith("<"):
        yield text


def _codes(body: object, depth: int) -> Iterator[str]:
    if not depth:
        return
    if isinstance(body, Mapping):
        for name, value in body.items():
            if name in _CODES and isinstance(value, str | int):
                yield str(value)[:100].lower()
            else:
                yield from _codes(value, depth - 1)
    elif isinstance(body, list):
        for part in body[:5]:
            yield from _codes(part, depth - 1)
