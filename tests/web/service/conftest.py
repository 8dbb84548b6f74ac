from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from support.service import client as make_client
from support.taxonomy_files import write_categories

from classifier.project import Project

DEFINITIONS = {
    "tags/bread": "title: Bread\ndescription: Loaves and their bakers.",
    "tags/wine": "title: Wine\naliases: [Vino]",
    "concepts/craft": "title: Craft\nexclude: [craft beer]",
}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: categories of two kinds, and a folder with articles."""
    write_categories(tmp_path, DEFINITIONS)
    (tmp_path / "secret.md").write_text("Not for others.\n")
    content = tmp_path / "content"
    (content / "deep" / "bundle").mkdir(parents=True)
    (content / "lunch.md").write_text("---\ntitle: Lunch\n---\nBread, more bread, bread.\n")
    (content / "deep" / "bundle" / "index.md").write_text("Wine, wine and wine.\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def project(site: Path, keywords: None) -> Iterator[Project]:
    """The site, judged by the keyword scorer."""
    with Project.open() as project:
        yield project


@pytest.fixture
def client(project: Project) -> Iterator[TestClient]:
    with make_client(project, content="content") as client:
        yield client
