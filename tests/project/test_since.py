from __future__ import annotations

from pathlib import Path

import pytest
from support.repository import commit, git

from classifier.errors import UsageError
from classifier.project import Project
from classifier.project.events import Event, Message


@pytest.fixture
def committed(site: Path) -> Path:
    git(site, "init", "-q")
    commit(site)
    return site


def test_new_and_edited_articles_and_those_with_another_sidecar_have_changed(
    committed: Path, project: Project
) -> None:
    assert project.changed_since("HEAD", ".") == []
    (committed / "new.md").write_text("Wine.\n")
    (committed / "lunch.md").write_text("Cheese.\n")
    assert sorted(project.changed_since("HEAD", ".")) == [Path("lunch.md"), Path("new.md")]
    (committed / "data.dinner.classifications.json").write_text("{}")
    assert Path("dinner.md") in project.changed_since("HEAD", ".")


def test_a_changed_definition_concerns_all_and_is_named(
    committed: Path, project: Project, events: list[Event]
) -> None:
    (committed / "taxonomy/tags/wine.md").write_text("---\ntitle: Red wine\n---\n")
    assert project.changed_since("HEAD", ".") == [Path()]
    texts = [event.text for event in events if isinstance(event, Message)]
    assert "'taxonomy/tags/wine.md' has changed since 'HEAD', so all articles count" in texts


@pytest.mark.parametrize("commit", ["gone", "--output=x", ""])
def test_a_commit_that_git_does_not_know_is_a_usage_error(
    committed: Path, project: Project, commit: str
) -> None:
    with pytest.raises(UsageError, match="git knows no such commit"):
        project.changed_since(commit, ".")
    assert not (committed / "x").exists()
