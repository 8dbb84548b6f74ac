"""Spans and metrics of OpenTelemetry for runs and articles (docs/tracing.md).

Only the API is used: where spans go is for the application to say, or for the command line. No span
has a text, a title or a path, unless CONTENT asks for them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from classifier.errors import UsageError
from classifier.models import Outcome, Task

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.metrics import Meter
    from opentelemetry.trace import Span, SpanKind, Tracer

CONVENTIONS: Final = "https://opentelemetry.io/schemas/1.41.0"
"""The semantic conventions whose names are used."""
CONTENT: Final = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
"""The environment variable that asks for content in spans."""
_ASKS_FOR_CONTENT: Final = frozenset({"true", "span_only", "span_and_event"})
SCOPE: Final = "classifier"
"""The name of the instrumentation scope."""


def captures_content() -> bool:
    """Whether the environment asks for texts, titles and paths in spans."""
    return os.environ.get(CONTENT, "").strip().lower() in _ASKS_FOR_CONTENT


@dataclass(frozen=True, slots=True)
class Tracing:
    """Makes spans, by whatever provider the application has set up; without one, none.

    Raises:
        UsageError: OpenTelemetry is not installed.
    """

    tracer: Tracer
    meter: Meter
    content: bool
    """Whether texts, titles and paths may be in spans."""

    @classmethod
    def start(cls) -> Tracing:
        try:
            from opentelemetry import metrics, trace
        except ImportError:
            raise UsageError(
                "tracing needs OpenTelemetry: pip install 'category-classifier[otel]'"
            ) from None
        from importlib.metadata import version

        known = SCOPE, version("category-classifier")
        return cls(
            trace.get_tracer(*known, schema_url=CONVENTIONS),
            metrics.get_meter(*known, schema_url=CONVENTIONS),
            captures_content(),
        )

    @classmethod
    def of(cls, *, enabled: bool) -> Tracing | None:
        """Return what makes spans, if that is asked for."""
        return cls.start() if enabled else None

    @contextmanager
    def span(
        self, name: str, attributes: Mapping[str, Any], *, kind: SpanKind | None = None
    ) -> Iterator[Span]:
        """Make a span current for the block. An exception gives it `error.type`, and no text."""
        from opentelemetry.trace import SpanKind

        with self.tracer.start_as_current_span(
            name,
            kind=kind or SpanKind.INTERNAL,
            attributes=attributes,
            record_exception=False,  # its message may quote an article
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except BaseException as error:
                fail(span, type(error).__qualname__)
                raise

    def begin(self, tasks: Iterator[Task]) -> Iterator[Task]:
        """Yield each task with a span of its own, whose parent is the one that is current now.

        `end` ends it.
        """
        from dataclasses import replace

        from opentelemetry.context import get_current

        parent = get_current()
        for task in tasks:
            yield replace(task, trace=self._article(task, parent))

    def _article(self, task: Task, parent: Context) -> ArticleTrace:
        from opentelemetry.trace import set_span_in_context

        attributes: dict[str, Any] = {
            "classify.article.digest": task.article.digest,
            "classify.categories": len(task.categories),
        }
        if self.content:
            attributes["classify.article.id"] = task.article.id
            attributes["classify.article.title"] = task.article.title
        span = self.tracer.start_span("classify article", context=parent, attributes=attributes)
        return ArticleTrace(span, set_span_in_context(span, parent))


@dataclass(frozen=True, slots=True)
class ArticleTrace:
    """The span of an article, on its task."""

    span: Span
    context: Context

    def attach(self) -> None:
        """Make the span the parent of what the current asyncio task does from here on."""
        from opentelemetry.context import attach

        attach(self.context)


def attach(task: Task) -> None:
    """Make the span of a task, if it has one, the parent of what this asyncio task does."""
    if isinstance(task.trace, ArticleTrace):
        task.trace.attach()


def end(outcome: Outcome) -> None:
    """End the span of an article, if its task has one."""
    if not isinstance(outcome.task.trace, ArticleTrace):
        return
    span, usage = outcome.task.trace.span, outcome.usage
    set_known(
        span,
        {
            "classify.judgements": len(outcome.judgements),
            "classify.stored": outcome.stored or None,
            "classify.model_calls": usage.calls or None,
            "classify.cost": usage.cost if usage.calls else None,
        },
    )
    reasons = list(dict.fromkeys(str(failure.reason) for failure in outcome.failures))
    if reasons:
        span.set_attribute("classify.failures", reasons)
        if not outcome.judgements:
            fail(span, reasons[0])
    span.end()


def fail(span: Span, error: str) -> None:
    """Mark a span as failed; `error` is a reason of a `Failure`, or the name of an exception."""
    from opentelemetry.trace import StatusCode

    span.set_attribute("error.type", error)
    span.set_status(StatusCode.ERROR)


def set_known(span: Span, attributes: Mapping[str, str | float | Sequence[str] | None]) -> None:
    """Set the attributes that have a value."""
    span.set_attributes({name: it for name, it in attributes.items() if it not in (None, "", [])})
