from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.batch_server import BatchService
from support.cascade_site import write_cascade_site
from support.chat_server import ChatServer
from support.cli_sites import LUNCH, write_dinner_gold, write_published
from support.keyword_scorer import KeywordScorer
from support.taxonomy_files import FOOD, write_categories

from classifier import composition
from classifier.cli import main
from classifier.project import batch as verbs


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def remarks(self) -> str:
        """What went to stderr, without the line that names the next step."""
        lines = self.err.splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith("classify: next: "))


Run = Callable[..., Ran]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a taxonomy of two kinds and settings that name it."""
    write_categories(tmp_path, FOOD)
    (tmp_path / "lunch.md").write_text(
        "---\ntitle: Lunch\n---\nBread, more bread and bread again. Cheese too.\n"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Run:
    def go(*arguments: str) -> Ran:
        code = main(arguments)
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return go


@pytest.fixture
def run(project: Path, keywords: None, command: Run) -> Run:
    """The command in the project, judging with the keyword scorer."""
    return command


@pytest.fixture
def site(project: Path) -> Path:
    """The project with three articles in a folder, none of them changed lately."""
    (project / "site").mkdir()
    for name, text in {"a": "Bread, bread, bread.", "b": "Cheese.", "c": "Wine, wine."}.items():
        path = project / "site" / f"{name}.md"
        path.write_text(f"---\ntitle: {name}\n---\n{text}\n")
        os.utime(path, (1e9, 1e9))
    return project


@pytest.fixture
def lunch(project: Path) -> Path:
    path = project / "lunch.md"
    path.write_text(LUNCH)
    return path


@pytest.fixture
def published(run: Run, project: Path) -> Path:
    """Two articles, judged, with their labels written."""
    folder = write_published(project)
    run("site", "-q", "--sidecar")
    run("apply", "site")
    return folder


@pytest.fixture
def gold(project: Path) -> Path:
    return write_dinner_gold(project)


@pytest.fixture
def lint(run: Run) -> Run:
    """Lints definitions without the rules that compare their meaning."""
    without = "overlapping-definitions,missing-exclusion,shared-topic,exclusion-like-topic"
    return lambda *arguments: run("taxonomy", "lint", "--ignore", without, *arguments)


@pytest.fixture
def service() -> BatchService:
    return BatchService()


@pytest.fixture
def batch(
    project: Path, service: BatchService, command, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., object]]:
    """`classify batch` in a project with three articles, whose settings name the server."""
    monkeypatch.setattr(verbs, "_FIRST_WAIT", 0.001)
    monkeypatch.setattr(verbs, "_LONGEST_WAIT", 0.01)
    (project / "content").mkdir()
    for name in ("a", "b", "c"):
        (project / "content" / f"{name}.md").write_text(f"Bread for {name}. Wine, too.\n")
    with ChatServer(service) as server:
        (project / "classify.toml").write_text(
            f'categories = "taxonomy"\nmodel = "m1"\nbase_url = "{server.url}"\n'
        )
        yield lambda *arguments: command("batch", *arguments)


@pytest.fixture
def cascade_site(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project with forty articles in a folder; the first scorer of a cascade counts words."""
    monkeypatch.setattr(composition, "_embedded", lambda _settings: KeywordScorer())
    write_cascade_site(project)
    return project


@pytest.fixture
def ask(project: Path, server: ChatServer, command: Run) -> Run:
    """Any command with the model named; what is asked at random depends on the texts alone."""
    return lambda *arguments: command(*arguments, "--model", "m1", "--base-url", server.url)


@pytest.fixture
def run_openai(ask: Run) -> Run:
    return lambda *arguments: ask(*arguments, "--scorer", "openai")


@pytest.fixture
def run_cascade(cascade_site: Path, ask: Run) -> Run:
    return lambda *arguments: ask("run", "site", *arguments, "--scorer", "cascade")
