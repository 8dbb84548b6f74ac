from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import TracerProvider
from support.chat_server import ChatServer
from support.collector import Collector
from support.keyword_program import install

from classifier import Project, UsageError
from classifier.cli import tracing
from classifier.project.events import Event, Message


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, events: list[Event]
) -> Iterator[Project]:
    for name in ("OTEL_SDK_DISABLED", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_TRACES_EXPORTER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(tracing, "_set_providers", lambda wanted: events.append(wanted))
    monkeypatch.setattr(tracing, "_never_show_what_libraries_log", lambda: None)
    with Project.open(tmp_path, on_event=events.append) as project:
        yield project


def test_without_an_address_in_the_environment_nothing_is_set_up(
    project: Project, events: list[Event]
) -> None:
    tracing.export(project)
    (event,) = events
    assert isinstance(event, Message)
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in event.text


@pytest.mark.parametrize(
    ("variables", "signals"),
    [
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:1"}, ["TRACES", "METRICS"]),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://localhost:1"}, ["TRACES"]),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, ["TRACES"]),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:1", "OTEL_METRICS_EXPORTER": "none"},
            ["TRACES"],
        ),
    ],
)
def test_the_environment_says_what_is_sent(
    project: Project,
    events: list[Event],
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    signals: list[str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    tracing.export(project)
    assert events == [signals]


@pytest.mark.parametrize(
    ("name", "value"),
    [("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_TRACES_EXPORTER", "console")],
)
def test_what_is_not_supported_is_refused_in_one_line(
    project: Project, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:1")
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=name):
        tracing.export(project)


def test_it_can_be_switched_off_for_all_programs(
    project: Project, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:1")
    tracing.export(project)
    assert not events


def test_a_provider_that_is_set_up_stays(
    project: Project, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:1")
    provider = TracerProvider(shutdown_on_exit=False)
    monkeypatch.setattr("opentelemetry.trace.get_tracer_provider", lambda: provider)
    tracing.export(project)
    assert not events


# --- as a process --------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "taxonomy/tags").mkdir(parents=True)
    (tmp_path / "taxonomy/tags/bread.md").write_text("---\ntitle: Bread\n---\n")
    (tmp_path / "classify.toml").write_text('categories = "taxonomy"\n')
    (tmp_path / "content").mkdir()
    for number in range(3):
        (tmp_path / f"content/{number}.md").write_text(f"Bread, number {number}.\n")
    return tmp_path


def classify(site: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "support.keyword_program", "run", "content", *options]
    environment = {**install(site / "bin"), "OPENAI_API_KEY": "sk-very-secret", **variables}
    return subprocess.run(
        command, cwd=site, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.slow
def test_a_command_sends_spans_and_metrics_to_a_collector(site: Path) -> None:
    with Collector() as collector, ChatServer() as server:
        done = classify(
            site,
            *("--scorer", "openai", "--model", "some-model", "--base-url", server.url),
            CLASSIFY_TRACING="1",
            OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
        )
    assert done.returncode == 0, done.stderr
    names = Counter(span.name for span in collector.spans)
    assert names["classify run"] == 1
    assert names["classify article"] == 3
    assert names["chat some-model"] >= 3
    assert collector.metrics == {"gen_ai.client.token.usage", "gen_ai.client.operation.duration"}
    assert collector.services == {"classify"}
    sent = repr(collector.spans)
    assert "sk-very-secret" not in sent
    assert "Bread" not in sent


@pytest.mark.slow
def test_nothing_is_sent_unless_tracing_is_on(site: Path) -> None:
    with Collector() as collector:
        done = classify(site, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    assert done.returncode == 0, done.stderr
    assert not collector.headers


@pytest.mark.slow
def test_a_collector_that_is_not_there_is_one_warning(site: Path) -> None:
    with Collector() as collector:
        nobody = collector.url
    done = classify(
        site,
        CLASSIFY_TRACING="1",
        OTEL_EXPORTER_OTLP_ENDPOINT=nobody.replace("//", "//name:password@"),
        OTEL_EXPORTER_OTLP_TIMEOUT="1",
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("could not be sent") == 1
    assert "password" not in done.stderr
    assert "Traceback" not in done.stderr
