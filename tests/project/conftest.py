from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chat_server import ChatServer
from support.keyword_scorer import KeywordScorer

from classifier import composition
from classifier.project import Project
from classifier.project.events import Event
from classifier.project.review import Review

DEFINITIONS = {
    "tags/bread": "title: Bread\ndescription: Loaves and their bakers.",
    "tags/cheese": "title: Cheese",
    "tags/olives": "title: Olives",
    "tags/wine": "title: Wine",
    "concepts/craft": "title: Craft\nexclude: [craft beer]",
}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: categories of two kinds, settings that name them, two articles."""
    for name, meta in DEFINITIONS.items():
        path = tmp_path / "taxonomy" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\n{meta}\n---\n", encoding="utf-8")
    (tmp_path / "classify.toml").write_text('categories = "taxonomy"\n')
    (tmp_path / "lunch.md").write_text("Bread, more bread and bread again. Cheese too.\n")
    (tmp_path / "dinner.md").write_text("Wine, wine and wine.\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def keywords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: KeywordScorer())


@pytest.fixture
def events() -> list[Event]:
    """What the `project` reports, as it comes."""
    return []


@pytest.fixture
def project(site: Path, keywords: None, events: list[Event]) -> Iterator[Project]:
    """The site, judged by the keyword scorer."""
    with Project.open(on_event=events.append) as project:
        yield project


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    with ChatServer() as server:
        yield server


@pytest.fixture
def review(project: Project) -> Review:
    project.run()
    return project.review()
