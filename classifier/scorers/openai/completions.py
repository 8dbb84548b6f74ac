"""What a server's response holds: a model's answers, its usage, or the words of an error. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from classifier.models import FailureReason, Usage
from classifier.scorers.openai import answer_text
from classifier.scorers.openai.answer_text import Items

_MAX_LINE: Final = 160
_MOST_TOKENS: Final = 100_000_000
"""No call takes more: a larger count is none."""

_FILTERED: Final = frozenset(
    {
        "content_filter",
        "content_filtered",
        "safety",
        "recitation",
        "blocklist",
        "prohibited_content",
        "spii",
        "sensitive",
        "guardrail_intervened",
        "moderation",
        "content_policy_violation",
        "guardrail",
        "guardrails",
        "image_safety",
        "prohibited",
    }
)
_CUT_OFF: Final = frozenset(
    {"length", "max_length", "max_tokens", "max_output_tokens", "model_length", "token_limit"}
    | {"model_context_window_exceeded"}
)
_BROKEN: Final = frozenset(
    {"error", "network_error", "insufficient_system_resource", "malformed_function_call"}
    | {"abort", "aborted", "cancel", "canceled", "cancelled", "failed"}
)

_LONGEST_WORDS: Final = 300
_LINE_END: Final = re.compile(r"\r\n|\n|\r")

# In the order in which they are believed; each is the status that such an error stands for.
_STATUSES: Final = (
    (re.compile(r"insufficient_(?:quota|credits?|balance)|billing"), 402),
    (re.compile(r"rate_?limit|too_many_requests|resource_exhausted"), 429),
    (re.compile(r"auth|invalid_api_key|permission"), 401),
    (re.compile(r"not_found"), 404),
    (
        re.compile(
            r"overload|unavailable|internal|server_error|api_error|timeout|temporarily"
            r"|high_traffic|capacity|loading|系统繁忙"
        ),
        503,
    ),
    (
        re.compile(r"invalid|bad_request|context_length|unsupported|content_filter|new_sensitive"),
        400,
    ),
)


class CallFailure(NamedTuple):
    """Why a call brought no answer; the message is one printable line."""

    reason: FailureReason
    message: str


def one_line(text: str, limit: int = _MAX_LINE) -> str:
    """Make untrusted text fit for one line: no control characters, at most `limit` long."""
    printable = "".join(c if c.isprintable() else " " for c in text[: limit * 4])
    line = " ".join(printable.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def decode(text: str) -> object:
    """Return the JSON of a response: after a byte order mark or comments, or sent as a stream.

    Raises:
        ValueError: it is not JSON.
        RecursionError: it is nested too deep.
    """
    text = text.lstrip("\ufeff \t\r\n")
    while text.startswith(":"):  # keep-alive comments of a stream
        text = text.partition("\n")[2].lstrip()
    if text.startswith(("data:", "event:", "id:", "retry:")):
        return _joined(_events(text))
    return json.loads(text)


def error_within(body: object) -> tuple[int, Mapping[str, Any]] | None:
    """Return the status and the body of an error inside of a response with status 200."""
    if not isinstance(body, dict):
        return None
    choice = _first_choice(body)
    blank = not (any(_without_role(_message(choice))) or choice.get("text"))
    error = choice.get("error") or (blank and body.get("error"))
    if error and error is not True:
        return _status(error), {"error": error}
    if not body.get("choices"):
        return _error_alone(body)
    if _finish(choice) in _BROKEN and not _read(_message(choice).get("content"))[0]:
        return 502, {"error": {"message": "the model broke off"}}
    return None


def _without_role(message: Mapping[str, Any]) -> Iterator[object]:
    return (value for name, value in message.items() if name != "role")


def _error_alone(body: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]] | None:
    """Return an error that is the whole body, as vLLM's, or that a gateway tells in its own way."""
    inner = _mapping(body.get("base_resp"))  # MiniMax
    error: object = inner.get("status_msg") if inner.get("status_code") else body
    status = _status(error)
    return (status, {"error": error}) if status != 200 else None


def usage(body: Mapping[str, Any]) -> Usage:
    """Count the tokens, by the names of all servers; the price is not known here."""
    counts = _mapping(body.get("usage"))
    details = _mapping(counts.get("prompt_tokens_details"))
    reasoning = _mapping(counts.get("completion_tokens_details")).get("reasoning_tokens")
    return Usage(
        calls=1,
        input_tokens=_count(counts.get("prompt_tokens", counts.get("input_tokens"))),
        cached_tokens=_count(details.get("cached_tokens", counts.get("prompt_cache_hit_tokens"))),
        cache_write_tokens=_count(details.get("cache_write_tokens")),
        output_tokens=_count(counts.get("completion_tokens", counts.get("output_tokens"))),
        reasoning_tokens=_count(reasoning),
        cost=None,
    )


def answers(body: Mapping[str, Any]) -> list[Items] | CallFailure:
    """Return all answers in a completion, in their order, or why it has none."""
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices:
        words = one_line(error_message(body))
        problem = "the server's response has no choices" + (f": {words}" if words else "")
        return CallFailure(FailureReason.MALFORMED, problem)
    choice = _first_choice(body)
    message = _message(choice)
    if failure := _declined(message, _finish(choice)):
        return failure
    content = message.get("content")
    written = False
    for part in (content if content is not None else choice.get("text"), *_calls(message)):
        found, some = _read(part)
        if found:
            return found
        written = written or some
    thought = _thought(message)
    if not written and answer_text.ends_with_json(thought) and (found := answer_text.find(thought)):
        return found
    if written:
        problem = "the model did not answer in the requested JSON; run again or try another model"
    elif thought:
        problem = "the model's answer is empty: it wrote nothing but its reasoning"
    else:
        problem = "the model's answer is empty"
    return CallFailure(FailureReason.MALFORMED, problem)


# --- parts of a message --------------------------------------------------------------------------


def _declined(message: Mapping[str, Any], finish: str) -> CallFailure | None:
    refusal = message.get("refusal") or "".join(_texts(message.get("content"), "refusal"))
    # Gemini names what its filter found: "content_filter: SAFETY".
    if finish in _FILTERED or finish.startswith("content_filter_"):
        problem = "the provider's content filter blocked the answer"
        return CallFailure(FailureReason.CONTENT_FILTER, problem)
    if refusal or finish == "refusal":
        said = f": {one_line(str(refusal))}" if refusal else ""
        return CallFailure(FailureReason.REFUSED, f"the model refused{said}")
    if finish in _CUT_OFF:
        problem = (
            "the answer was cut off at the token limit; use a smaller `pack` or a model with a "
            "larger output limit"
        )
        return CallFailure(FailureReason.TRUNCATED, problem)
    return None


def _read(part: object) -> tuple[list[Items], bool]:
    """Return the answers in the content of a message, and whether there is any content."""
    if isinstance(part, str):
        return answer_text.find(part), bool(part.strip())
    if isinstance(part, dict) and not _is_part(part):
        return answer_text.decoded(part), bool(part)  # decoded by a gateway
    if isinstance(part, list) and part and not any(map(_is_part, part)):
        return answer_text.decoded(part), True
    text = "".join(_texts(part, "text"))
    return answer_text.find(text), bool(text.strip())


def _is_part(value: object) -> bool:
    return isinstance(value, str) or (
        isinstance(value, dict) and ("text" in value or ("type" in value and "id" not in value))
    )


def _texts(content: object, kind: str) -> Iterator[str]:
    """Yield the texts of the parts of that kind, `text` or `refusal`."""
    parts = content if isinstance(content, list) else [content]
    for part in parts:
        if isinstance(part, str):
            if kind == "text":
                yield part
        elif not isinstance(part, dict) or part.get("thought") is True:  # Gemini's thinking
            continue
        elif part.get("type", "text") in (kind, f"output_{kind}"):
            text = part.get(kind)
            text = text.get("value") if isinstance(text, dict) else text
            if isinstance(text, str):
                yield text


def _calls(message: Mapping[str, Any]) -> Iterator[object]:
    """Yield the arguments of all tool calls: how some gateways ask for JSON."""
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        yield _mapping(_mapping(call).get("function")).get("arguments")
    yield _mapping(message.get("function_call")).get("arguments")


def _thought(message: Mapping[str, Any]) -> str:
    for name in ("reasoning_content", "reasoning", "thinking"):
        value = message.get(name)
        if isinstance(value, str) and value.strip():
            return value
    return ""


# --- streams nobody asked for --------------------------------------------------------------------


def _events(text: str) -> Iterator[Mapping[str, Any]]:
    for line in _LINE_END.split(text):  # a string may hold other line ends, such as U+2028
        name, _, data = line.partition(":")
        if name == "data" and data.strip() not in ("", "[DONE]"):
            try:
                yield _mapping(json.loads(data))
            except (ValueError, RecursionError):
                yield {"error": {"code": 502, "message": "the stream broke off"}}
                return


def _joined(events: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the completion that a stream's events add up to."""
    body: dict[str, Any] = {}
    texts: dict[str, list[str]] = {"content": [], "reasoning_content": [], "refusal": []}
    arguments: list[str] = []
    finish: object = None
    for event in events:
        body |= {name: value for name, value in event.items() if value is not None}
        choice = _first_choice(event)
        delta = _mapping(choice.get("delta")) or _message(choice)
        for name, parts in texts.items():
            parts += _texts(delta.get(name), "text")
        arguments += [called for called in _calls(delta) if isinstance(called, str)]
        finish = choice.get("finish_reason") or finish
        if event.get("error") or choice.get("error"):
            return {"error": event.get("error") or choice.get("error")}
    message: dict[str, Any] = {name: "".join(parts) for name, parts in texts.items()}
    if arguments:
        message["tool_calls"] = [{"function": {"arguments": "".join(arguments)}}]
    return body | {"choices": [{"finish_reason": finish, "message": message}]}


# --- errors --------------------------------------------------------------------------------------


def _status(error: object) -> int:
    """Return the status an error has or stands for; 200 if it names none."""
    details = _mapping(error)
    for name in ("code", "status", "status_code", "http_code", "httpCode"):
        value = str(details.get(name, ""))
        if re.fullmatch(r"[45]\d\d", value):
            return int(value)
    codes = f"{details.get('code')} {details.get('type')} {details.get('status')}".lower()
    words = re.sub(r"\s+", "_", error_message(error)[:_LONGEST_WORDS].lower())
    known = (
        status for said in (codes, words) for pattern, status in _STATUSES if pattern.search(said)
    )
    return next(known, 200)


def _first_choice(body: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = body.get("choices")
    found = map(_mapping, choices if isinstance(choices, list) else ())
    return next((choice for choice in found if choice), {})


def _message(choice: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(choice.get("message")) or _mapping(choice.get("delta"))


def _finish(choice: Mapping[str, Any]) -> str:
    """Return the reason in one spelling, also of `ContentFilter` or `FinishReason.SAFETY`."""
    given = str(choice.get("finish_reason") or "").rpartition(".")[2]
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", given)
    return re.sub(r"[\W_]+", "_", spaced).lower()


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if 0 < value <= _MOST_TOKENS else 0


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
        named = {str(name).lower(): value for name, value in body.items()}
        metadata = named.get("metadata")
        raw = metadata.get("raw") if isinstance(metadata, Mapping) else None  # what a router got
        for value in (*(named.get(name) for name in _WORDS), raw):
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
