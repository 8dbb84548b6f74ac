"""`Project.diff`: labels by two versions of the definitions."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.chat_server import ChatServer
from support.repository import git
from support.site import write_article

from classifier.errors import StoppedError, UsageError
from classifier.models import Label, Rejection
from classifier.project import Project
from classifier.project.diff import TaxonomyDiff
from classifier.project.events import ArticleJudged, Event

WINE = Path("taxonomy/tags/wine.md")


@pytest.fixture(autouse=True)
def committed(content: None) -> None:
    git(".", "init", "-q")
    git(".", "add", "taxonomy")
    git(".", "commit", "-q", "-m", "definitions")


def changes(diff: TaxonomyDiff) -> list[tuple[str, str, bool]]:
    return [(change.path, change.category.id, change.added) for change in diff.labels]


def test_a_changed_definition_adds_and_removes_labels(project: Project) -> None:
    project.run("content")
    WINE.write_text("---\ntitle: Bread\n---\n")  # the keyword scorer looks for the title
    with Project.open() as changed:
        diff = changed.diff("HEAD", "content")
    assert changes(diff) == [
        ("content/bread.md", "tags/wine", True),
        ("content/wine.md", "tags/wine", False),
    ]
    assert diff.definitions["tags/wine"] == "changed"
    assert (diff.articles, diff.unjudged) == (3, 0)
    added, removed = diff.labels
    assert isinstance(added.after, Label)
    assert isinstance(removed.after, Rejection)


def test_definitions_among_the_articles_are_no_articles_of_either_version(
    project: Project, events: list[Event]
) -> None:
    WINE.write_text("---\ntitle: Bread\n---\nWine.\n")
    write_article(Path("taxonomy/tags/vino.md"), "wine " * 9)
    project.diff("HEAD", ".")
    judged = {event.outcome.task.article.id for event in events if isinstance(event, ArticleJudged)}
    assert judged == {
        "content/bread.md",
        "content/cheese.md",
        "content/wine.md",
        "dinner.md",
        "lunch.md",
    }


def test_a_folder_of_definitions_is_another_version(project: Project, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "tags"
    other.mkdir(parents=True)
    (other / "wine.md").write_text(WINE.read_text())
    diff = project.diff(tmp_path / "elsewhere", "content")
    assert changes(diff) == [
        ("content/bread.md", "tags/bread", True),
        ("content/cheese.md", "tags/cheese", True),
    ]
    assert diff.definitions["tags/wine"] == "same"
    assert diff.definitions["tags/bread"] == "added"


def test_what_a_language_model_has_not_judged_is_unknown_and_its_cost_is_estimated(
    site: Path, server: ChatServer
) -> None:
    with Project.open(scorer="openai", model="gpt-5-mini", base_url=server.url) as project:
        diff = project.diff("HEAD", "content")
    assert (diff.labels, diff.unjudged) == ((), 2 * 3 * 5)
    assert diff.after.cost is not None
    assert diff.after.cost.calls > 0
    assert server.requests == []


def test_stopping_ends_it_without_a_result_and_keeps_what_was_judged(
    project: Project, events: list[Event]
) -> None:
    def stop(event: Event) -> None:
        events.append(event)
        if isinstance(event, ArticleJudged):
            project.stop()

    project.on_event = stop
    with pytest.raises(StoppedError):
        project.diff("HEAD", "content")
    (status, *_) = project.status("content")
    assert status.scan.stored_pairs > 0


@pytest.mark.parametrize("base", ["no-such-commit", "HEAD:taxonomy/../.."])
def test_a_version_that_git_does_not_know_is_refused(project: Project, base: str) -> None:
    with pytest.raises(UsageError, match="neither a folder nor a commit"):
        project.diff(base, "content")


def test_the_example_categories_have_no_versions(site: Path) -> None:
    Path("classify.toml").unlink()
    with Project.open() as project, pytest.raises(UsageError, match="`categories=PATH`"):
        project.diff("HEAD", "content")
