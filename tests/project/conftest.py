from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chat_server import ChatServer
from support.cli_sites import write_mislabelled
from support.site import write_content
from support.taxonomy_files import FOOD, write_categories

from classifier.project import Project
from classifier.project.events import Event
from classifier.project.review import Review


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: categories of two kinds, settings that name them, two articles."""
    write_categories(tmp_path, FOOD)
    (tmp_path / "lunch.md").write_text("Bread, more bread and bread again. Cheese too.\n")
    (tmp_path / "dinner.md").write_text("Wine, wine and wine.\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def content(site: Path) -> None:
    """Three more articles in a folder, each about a tag."""
    write_content(site)


@pytest.fixture
def labelled(site: Path) -> Path:
    """Articles whose editors see bread in what is about weather, and nowhere else."""
    write_mislabelled(site)
    return site


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
def server(server: ChatServer, api_key: None) -> ChatServer:
    return server


@pytest.fixture
def review(project: Project) -> Review:
    project.run()
    return project.review()
