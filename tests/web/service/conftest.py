from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from support.keyword_scorer import KeywordScorer
from support.service import client as make_client

from classifier import composition
from classifier.project import Project

DEFINITIONS = {
    "tags/bread": "title: Bread\ndescription: Loaves and their bakers.",
    "tags/wine": "title: Wine\naliases: [Vino]",
    "concepts/craft": "title: Craft\nexclude: [craft beer]",
}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: categories of two kinds, and a folder with articles."""
    for name, meta in DEFINITIONS.items():
        path = tmp_path / "taxonomy" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\n{meta}\n---\n", encoding="utf-8")
    (tmp_path / "classify.toml").write_text('categories = "taxonomy"\n')
    (tmp_path / "secret.md").write_text("Not for others.\n")
    content = tmp_path / "content"
    (content / "deep" / "bundle").mkdir(parents=True)
    (content / "lunch.md").write_text("---\ntitle: Lunch\n---\nBread, more bread, bread.\n")
    (content / "deep" / "bundle" / "index.md").write_text("Wine, wine and wine.\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def project(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """The site, judged by the keyword scorer."""
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: KeywordScorer())
    with Project.open() as project:
        yield project


@pytest.fixture
def client(project: Project) -> Iterator[TestClient]:
    with make_client(project, content="content") as client:
        yield client
