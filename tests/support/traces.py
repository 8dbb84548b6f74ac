"""An application with a provider of OpenTelemetry, which keeps spans and metrics in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


class Application:
    """An application with providers of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self._reader = InMemoryMetricReader()
        meters = MeterProvider([self._reader], shutdown_on_exit=False)
        monkeypatch.setattr("opentelemetry.trace.get_tracer_provider", lambda: self.provider)
        monkeypatch.setattr("opentelemetry.metrics._internal.get_meter_provider", lambda: meters)

    @property
    def spans(self) -> list[ReadableSpan]:
        """Finished spans, in the order in which they ended."""
        return list(self._exporter.get_finished_spans())

    def named(self, name: str) -> list[ReadableSpan]:
        return [span for span in self.spans if span.name == name]

    def points(self, metric: str) -> list[Any]:
        data = self._reader.get_metrics_data()
        return [
            point
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for it in scope.metrics
            if it.name == metric
            for point in it.data.data_points
        ]

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """A span of the application's own."""
        with self.provider.get_tracer("application").start_as_current_span(name):
            yield


def of(span: ReadableSpan) -> Mapping[str, Any]:
    return dict(span.attributes or {})


def parent(span: ReadableSpan, spans: list[ReadableSpan]) -> str:
    """Return the name of the span above; empty if there is none."""
    above = span.parent.span_id if span.parent else None
    return next((it.name for it in spans if it.context and it.context.span_id == above), "")
