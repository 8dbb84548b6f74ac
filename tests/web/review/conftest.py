from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.review_client import Client
from support.taxonomy_files import write_categories

from classifier.project import Project
from classifier.project.review import Review
from classifier.web.review.serve import ReviewServer

DEFINITIONS = {
    "tags/bread": "title: Bread\ndescription: Loaves and their bakers.\naliases: [loaf]",
    "tags/cheese": "title: Cheese",
    "tags/olives": "title: Olives",
    "tags/wine": "title: Wine",
}
ARTICLES = {
    "lunch": "Bread, more bread and bread again. Cheese too.",
    "dinner": "Wine, wine and *wine*. Bread, bread.",
    "picnic": "Cheese, cheese and olives.",
}


@pytest.fixture
def taxonomy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: categories, and settings that name them."""
    write_categories(tmp_path, DEFINITIONS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def site(taxonomy: Path, keywords: None) -> Path:
    """The same with three articles, judged by the keyword scorer."""
    for name, body in ARTICLES.items():
        (taxonomy / f"{name}.md").write_text(f"---\ntitle: {name.title()}\n---\n{body}\n")
    return taxonomy


@pytest.fixture
def opened() -> Iterator[Callable[[], Project]]:
    """Opens projects, and closes them after the servers and pages that use them."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(Project.open())


@pytest.fixture
def review(site: Path, opened: Callable[[], Project]) -> Review:
    project = opened()
    project.run()
    return project.review()


@pytest.fixture
def served(opened: Callable[[], Project]) -> Iterator[Callable[[Review], Client]]:
    """Serves reviews in threads, and stops them in the end."""
    running: list[tuple[ReviewServer, threading.Thread]] = []

    def serve(review: Review) -> Client:
        server = ReviewServer(review)
        thread = threading.Thread(target=server.run)
        thread.start()
        running.append((server, thread))
        return Client(server.address)

    yield serve
    for server, thread in running:
        server.stop()
        thread.join(30)
        assert not thread.is_alive()


@pytest.fixture
def client(review: Review, served: Callable[[Review], Client]) -> Client:
    return served(review)
