"""A span and metrics for each call of a language model, by OpenTelemetry's conventions for these.

As in version 1.41 of the semantic conventions: the last with these metrics, which dashboards know.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from classifier.models import Usage
from classifier.tracing import Tracing, fail, set_known

if TYPE_CHECKING:
    from opentelemetry.metrics import Histogram
    from opentelemetry.trace import Span

_PROVIDERS: Final = {
    "api.anthropic.com": "anthropic",
    "api.deepseek.com": "deepseek",
    "api.groq.com": "groq",
    "api.mistral.ai": "mistral_ai",
    "api.perplexity.ai": "perplexity",
    "api.x.ai": "x_ai",
    "generativelanguage.googleapis.com": "gcp.gemini",
}
_AZURE: Final = ".openai.azure.com"
_TOKENS: Final = tuple(4**power for power in range(14))
"""Bounds of the buckets that the conventions ask for; below, too."""
_SECONDS: Final = tuple(0.01 * 2**power for power in range(14))


@dataclass(slots=True)
class ModelCall:
    """What is known of a call when it ends."""

    request: bytes = b""
    """The body that was sent last."""
    response: object = None
    """The body that came back, decoded."""
    usage: Usage = field(default_factory=Usage)
    """Of all attempts."""
    model: str = ""
    """As the server names it."""
    error: str = ""
    """The reason of the failure, if it failed."""


class CallTracing:
    """Traces calls to one model of one server."""

    def __init__(self, tracing: Tracing, model: str, base_url: str) -> None:
        self._tracing = tracing
        self._known: dict[str, str | int] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": provider(base_url),
            "gen_ai.request.model": model,
            **_server(base_url),
        }
        self._name = f"chat {model}"
        self._tokens = self._histogram(
            "gen_ai.client.token.usage",
            "{token}",
            "Number of input and output tokens used.",
            _TOKENS,
        )
        self._seconds = self._histogram(
            "gen_ai.client.operation.duration", "s", "GenAI operation duration.", _SECONDS
        )

    def _histogram(
        self, name: str, unit: str, description: str, bounds: tuple[float, ...]
    ) -> Histogram:
        return self._tracing.meter.create_histogram(
            name, unit, description, explicit_bucket_boundaries_advisory=bounds
        )

    @contextmanager
    def call(self) -> Iterator[ModelCall]:
        """Trace one call, with all its attempts. The caller fills in what it gets."""
        from opentelemetry.trace import SpanKind

        done, start = ModelCall(), time.monotonic()
        try:
            with self._tracing.span(self._name, self._known, kind=SpanKind.CLIENT) as span:
                yield done
                self._describe(span, done)
        except BaseException as error:
            done.error = type(error).__qualname__
            raise
        finally:
            self._measure(done, time.monotonic() - start)

    def _describe(self, span: Span, done: ModelCall) -> None:
        usage, sent, body = done.usage, _mapping(_decoded(done.request)), _mapping(done.response)
        kind = _mapping(sent.get("response_format")).get("type")
        limit = sent.get("max_completion_tokens") or sent.get("max_tokens")
        set_known(
            span,
            {
                "gen_ai.output.type": "json" if kind else "text",
                "gen_ai.request.max_tokens": limit,
                "gen_ai.request.temperature": sent.get("temperature"),
                "gen_ai.response.id": _short(body.get("id")),
                "gen_ai.response.model": done.model,
                "gen_ai.response.finish_reasons": _finish_reasons(body),
                "gen_ai.usage.input_tokens": usage.input_tokens or None,
                "gen_ai.usage.output_tokens": usage.output_tokens or None,
                "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens or None,
                "gen_ai.usage.cache_creation.input_tokens": usage.cache_write_tokens or None,
                "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens or None,
                "classify.attempts": usage.calls,
                "classify.cost": usage.cost,
            },
        )
        if self._tracing.content:
            _add_content(span, sent, body)
        if done.error:
            fail(span, done.error)

    def _measure(self, done: ModelCall, seconds: float) -> None:
        known = self._known | _without_empty({"gen_ai.response.model": done.model})
        self._seconds.record(seconds, known | _without_empty({"error.type": done.error}))
        for kind, count in (
            ("input", done.usage.input_tokens),
            ("output", done.usage.output_tokens),
        ):
            if count:
                self._tokens.record(count, known | {"gen_ai.token.type": kind})


def provider(base_url: str) -> str:
    """Return the name that the conventions have for the provider at an address.

    A server that is not known has the name of the protocol it speaks, `openai`.
    """
    host = urlsplit(base_url).hostname or ""
    return "azure.ai.openai" if host.endswith(_AZURE) else _PROVIDERS.get(host, "openai")


def _server(base_url: str) -> dict[str, str | int]:
    """Return host and port alone: path and query may hold what nobody else should see."""
    parts = urlsplit(base_url)
    default = 443 if parts.scheme == "https" else 80
    return {"server.address": parts.hostname or "", "server.port": parts.port or default}


def _finish_reasons(body: Mapping[str, Any]) -> list[str]:
    return [_short(choice.get("finish_reason")) or "unknown" for choice in _choices(body)]


def _choices(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    choices = body.get("choices")
    return [it for it in choices[:8] if isinstance(it, dict)] if isinstance(choices, list) else []


def _without_empty(attributes: dict[str, str | int]) -> dict[str, str | int]:
    return {name: value for name, value in attributes.items() if value}


def _short(value: object) -> str:
    """Return a name that a server gave, or nothing if it is none."""
    usable = isinstance(value, str) and len(value) <= 100 and value.isprintable()
    return str(value) if usable else ""


def _add_content(span: Span, sent: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    messages = sent.get("messages")
    said = [_message(it) for it in messages if isinstance(it, dict)] if messages else []
    answers = [
        _message(_mapping(choice.get("message"))) | {"finish_reason": reason}
        for choice, reason in zip(_choices(body), _finish_reasons(body), strict=True)
    ]
    span.set_attribute("gen_ai.input.messages", json.dumps(said, ensure_ascii=False))
    span.set_attribute("gen_ai.output.messages", json.dumps(answers, ensure_ascii=False))


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    content = message.get("content")
    parts = content if isinstance(content, list) else [{"text": content}]
    return {
        "role": message.get("role") or "assistant",
        "parts": [
            {"type": "text", "content": part["text"]}
            for part in parts
            if isinstance(part, dict) and isinstance(part.get("text"), str)
        ],
    }


def _decoded(content: bytes) -> object:
    with suppress(ValueError):
        return json.loads(content)
    return None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
