"""docs/tracing.md: its commands and its Python are run, and its table lists every attribute."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support import traces
from support.chat_server import ChatServer, Reply
from support.collector import Collector
from support.keyword_program import install
from support.traces import Application

from classifier import Project
from classifier.tracing import CONTENT, CONVENTIONS

PAGE = (Path(__file__).parent.parent / "docs/tracing.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "taxonomy/tags").mkdir(parents=True)
    (tmp_path / "taxonomy/tags/bread.md").write_text("---\ntitle: Bread\n---\n")
    (tmp_path / "classify.toml").write_text('categories = "taxonomy"\n')
    (tmp_path / "content").mkdir()
    (tmp_path / "content/new.md").write_text("Bread, and more bread.\n")
    return tmp_path


@pytest.mark.slow
def test_the_commands_send_spans_to_the_collector(site: Path) -> None:
    _, commands = blocks("sh")
    with Collector() as collector:
        script = commands.replace("http://localhost:4318", collector.url)
        subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=site,
            env=install(site / "bin"),
            check=True,
            capture_output=True,
            timeout=120,
        )
    assert {span.name for span in collector.spans} == {"classify run", "classify article"}


@pytest.mark.slow
def test_the_python_prints_its_spans(site: Path) -> None:
    (code,) = blocks("python")
    with_keywords = (
        "from classifier import composition\nfrom support.keyword_scorer import KeywordScorer\n"
        f"composition.make_scorer = lambda _: KeywordScorer()\n{code}"
    )
    done = subprocess.run(
        [sys.executable, "-c", with_keywords],
        cwd=site,
        env=install(site / "bin"),
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    named = re.findall(r'"name": "(.*)"', done.stdout)
    assert named == ["classify article", "nightly"]


def test_the_page_names_every_attribute(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONTENT, "true")
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    application = Application(monkeypatch)
    (site / "content/old.md").write_text("Bread of yesterday.\n")
    with ChatServer() as server:
        server.play(lambda _: Reply("no", status=400))
        with Project.open(site, scorer="openai", model="m", base_url=server.url) as project:
            project.with_settings(tracing=True).run(site / "content")
    made = {name for span in application.spans for name in traces.of(span)}
    listed = set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)`", PAGE))
    assert made
    assert made <= listed
    assert f"version {CONVENTIONS.rpartition('/')[2].removesuffix('.0')} of" in PAGE
