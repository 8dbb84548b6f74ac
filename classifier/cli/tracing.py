"""Send spans and metrics to where the OTEL_ variables of the environment say, and nowhere else."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from classifier.cli.console import log
from classifier.errors import UsageError

if TYPE_CHECKING:
    from classifier.project import Project

_INSTALL: Final = "tracing needs OpenTelemetry: pip install 'category-classifier[otel]'"
_SIGNALS: Final = ("TRACES", "METRICS")
_TIMEOUT: Final = 3.0
"""Seconds that a command which is done waits, for each signal, where nobody listens."""


def export(project: Project) -> None:
    """Set up what sends spans and metrics, for the rest of the process.

    A provider that is set up already, as by `opentelemetry-instrument`, stays.

    Raises:
        UsageError: OpenTelemetry is not installed, or an OTEL_ variable asks for what is not there.
    """
    try:
        from opentelemetry import trace
    except ImportError:
        raise UsageError(_INSTALL) from None
    if not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        return
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return
    wanted = [signal for signal in _SIGNALS if _is_wanted(signal, os.environ)]
    if not wanted:
        project.warn(
            "tracing is on, but the environment names no place for spans: set "
            "OTEL_EXPORTER_OTLP_ENDPOINT, such as http://localhost:4318"
        )
        return
    _never_show_what_libraries_log()
    try:
        _set_providers(wanted)
    except ImportError:
        raise UsageError(_INSTALL) from None


def _is_wanted(signal: str, environment: Mapping[str, str]) -> bool:
    """Whether spans or metrics are sent, by the variables of OpenTelemetry's specification."""
    exporter = environment.get(f"OTEL_{signal}_EXPORTER", "").strip().lower()
    if exporter not in ("", "otlp", "none"):
        raise UsageError(f"OTEL_{signal}_EXPORTER: expected otlp or none, not {exporter!r}")
    own, general = f"OTEL_EXPORTER_OTLP_{signal}", "OTEL_EXPORTER_OTLP"
    protocol = environment.get(f"{own}_PROTOCOL") or environment.get(f"{general}_PROTOCOL", "")
    named = environment.get(f"{own}_ENDPOINT") or environment.get(f"{general}_ENDPOINT")
    if exporter == "none" or not (exporter or named):
        return False
    if protocol not in ("", "http/protobuf"):
        raise UsageError(
            f"OTEL_EXPORTER_OTLP_PROTOCOL: expected http/protobuf, not {protocol!r}; for others "
            "start classify with `opentelemetry-instrument`"
        )
    return True


def _set_providers(wanted: list[str]) -> None:
    from opentelemetry import metrics, trace
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource

    is_named = "OTEL_SERVICE_NAME" in os.environ or "service.name" in os.environ.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    )
    resource = Resource.create({} if is_named else {SERVICE_NAME: "classify"})
    if "TRACES" in wanted:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        provider = TracerProvider(resource=resource)
        provider.add_span_processor(
            BatchSpanProcessor(OTLPSpanExporter(timeout=_seconds("TRACES")))
        )
        trace.set_tracer_provider(provider)
    if "METRICS" in wanted:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

        reader = PeriodicExportingMetricReader(OTLPMetricExporter(timeout=_seconds("METRICS")))
        metrics.set_meter_provider(MeterProvider([reader], resource=resource))


def _seconds(signal: str) -> float | None:
    """Return the time limit of sending, retries included; None: the environment's."""
    names = f"OTEL_EXPORTER_OTLP_{signal}_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"
    return None if any(name in os.environ for name in names) else _TIMEOUT


class _Once(logging.Handler):
    """Says once that something was not sent: the libraries' own words may hold an address."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said = False

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002 - see above
        if not self._said:
            self._said = True
            log("warning: spans or metrics could not be sent; check OTEL_EXPORTER_OTLP_ENDPOINT")


def _never_show_what_libraries_log() -> None:
    logger = logging.getLogger("opentelemetry")
    logger.addHandler(_Once())
    logger.propagate = False
