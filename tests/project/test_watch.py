"""Each test waits for a change, however long it takes; a timer ends one that never comes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest

from classifier.errors import UsageError
from classifier.project import Project
from classifier.project.events import Event, Message
from classifier.project.label_fields import WriteOptions
from classifier.project.watch import Change

BREAD = "Bread, more bread and bread again.\n"
pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def patience(project: Project) -> Iterator[None]:
    timer = Timer(60, project.stop)
    timer.start()
    yield
    timer.cancel()


@pytest.fixture
def changes(project: Project, site: Path) -> Iterator[Change]:
    (site / "content").mkdir()
    (site / "content/old.md").write_text("Wine, wine and wine.\n")
    watched = project.watch("content")
    first = next(watched)
    assert not first.results
    assert first.run.progress.pairs == 5
    return watched


def labels(change: Change) -> dict[str, list[str]]:
    return {
        result.article: [label.category.id for label in result.decision.labels]
        for result in change.results
    }


def test_a_saved_article_is_judged(changes: Iterator[Change], site: Path) -> None:
    (site / "content/new.md").write_text(BREAD)
    change = next(changes)
    assert labels(change) == {"content/new.md": ["tags/bread"]}
    assert change.definitions == ()
    (site / "content/new.md").write_text("Cheese, cheese, cheese.\n")
    assert labels(next(changes)) == {"content/new.md": ["tags/cheese"]}


def test_what_is_saved_during_the_first_run_counts(project: Project, site: Path) -> None:
    (site / "content").mkdir()
    (site / "content/old.md").write_text("Wine, wine and wine.\n")
    watched = project.watch("content")
    next(watched)  # between this and the next it listens, too
    (site / "content/new.md").write_text(BREAD)
    assert labels(next(watched)) == {"content/new.md": ["tags/bread"]}


def test_a_saved_definition_shows_what_it_changes(changes: Iterator[Change], site: Path) -> None:
    (site / "content/old.md").write_text("Wine, wine and wine. Grape, grape, grape.\n")
    assert labels(next(changes)) == {"content/old.md": ["tags/wine"]}
    (site / "taxonomy/tags/grape.md").write_text("---\ntitle: Grape\n---\n")
    change = next(changes)
    assert [path.name for path in change.definitions] == ["grape.md"]
    assert labels(change) == {"content/old.md": ["tags/grape", "tags/wine"]}


def test_a_saved_definition_needs_no_new_scorer(
    changes: Iterator[Change], project: Project, site: Path
) -> None:
    scorer = project.scorer
    (site / "taxonomy/tags/grape.md").write_text("---\ntitle: Grape\n---\n")
    change = next(changes)
    assert change.run.progress.pairs == 1  # with the new definition alone
    assert project.scorer is scorer


def test_a_broken_definition_is_an_event_and_watching_goes_on(
    changes: Iterator[Change], site: Path, events: list[Event]
) -> None:
    grape = site / "taxonomy/tags/grape.md"
    grape.write_text("---\ntitle: [\n---\n")
    Timer(1, lambda: grape.write_text("---\ntitle: Grape\n---\n")).start()
    change = next(changes)
    assert [path.name for path in change.definitions] == ["grape.md"]
    errors = [
        event.text for event in events if isinstance(event, Message) and event.level == "error"
    ]
    assert len(errors) == 1
    assert "grape.md" in errors[0]


def test_what_a_run_would_leave_out_is_left_out(project: Project, site: Path) -> None:
    (site / "content/drafts").mkdir(parents=True)
    (site / "content/old.md").write_text("Wine, wine and wine.\n")
    watched = project.only(exclude=["drafts/"]).watch("content")
    next(watched)
    for name in ("drafts/a.md", ".hidden.md", "notes.txt", "data.json"):
        (site / "content" / name).write_text(BREAD)
    (site / "content/old.md").unlink()
    (site / "content/new.md").write_text(BREAD)
    assert labels(next(watched)) == {"content/new.md": ["tags/bread"]}


def test_an_article_that_cannot_be_read_is_shown_with_the_reason(
    changes: Iterator[Change], site: Path
) -> None:
    (site / "content/new.md").write_bytes(b"\xff\xfe\xff")
    (result,) = next(changes).results
    assert [failure.reason for failure in result.failures] == ["not_utf8"]


def test_labels_are_written_once(project: Project, site: Path) -> None:
    (site / "content").mkdir()
    old, new = site / "content/old.md", site / "content/new.md"
    old.write_text("---\ntitle: Old\n---\nWine, wine and wine.\n")
    watched = project.watch("content", write=WriteOptions())
    next(watched)
    assert "tags:" in old.read_text()
    new.write_text(f"---\ntitle: New\n---\n{BREAD}")
    change = next(watched)
    assert change.applied is not None
    assert [path.name for path in change.applied.changed] == ["new.md"]
    written = new.read_text()
    assert "Bread" in written.partition("---\n")[2].partition("---\n")[0]
    (site / "content/other.md").write_text("Olives, olives, olives.\n")
    assert labels(next(watched)) == {"content/other.md": ["tags/olives"]}  # and not its own writing
    assert new.read_text() == written


def replace_file(path: Path, text: str) -> None:
    """Save as editors do that never leave half a file."""
    new = path.with_name(".new")
    new.write_text(text)
    new.replace(path)


def test_a_single_file_that_is_saved_by_a_new_one_is_watched_on(
    project: Project, site: Path
) -> None:
    (site / "content").mkdir()
    article = site / "content/old.md"
    article.write_text("Wine, wine and wine.\n")
    watched = project.watch("content/old.md")
    next(watched)
    for n in range(2):
        replace_file(article, f"{BREAD}And {n}.\n")
        assert labels(next(watched)) == {"content/old.md": ["tags/bread"]}
        replace_file(article, f"Cheese, cheese, cheese {n}.\n")
        assert labels(next(watched)) == {"content/old.md": ["tags/cheese"]}


def test_definitions_in_one_file_that_is_saved_by_a_new_one_count(site: Path) -> None:
    (site / "content").mkdir()
    (site / "content/old.md").write_text("Grape, wine, grape.\n")
    file = site / "tags.yml"
    file.write_text("grape:\n  title: Grape\n")
    with Project.open(categories=[file]) as project:
        timer = Timer(60, project.stop)
        timer.start()
        watched = project.watch("content")
        next(watched)
        for title in ("Wine", "Olives", "Grape"):
            replace_file(file, f"one:\n  title: {title}\n")
            change = next(watched)
            assert [path.name for path in change.definitions] == ["tags.yml"]
        timer.cancel()
    assert labels(change) == {"content/old.md": ["tags/one"]}


def test_a_folder_that_is_made_anew_is_watched_on(changes: Iterator[Change], site: Path) -> None:
    content = site / "content"
    content.rename(site / "away")
    content.mkdir()
    (content / "new.md").write_text(BREAD)
    assert labels(next(changes)) == {"content/new.md": ["tags/bread"]}
    (content / "newer.md").write_text("Cheese, cheese, cheese.\n")
    assert labels(next(changes)) == {"content/newer.md": ["tags/cheese"]}


def test_saved_settings_are_said_not_to_count_yet(
    project: Project, site: Path, events: list[Event]
) -> None:
    (site / "content").mkdir()
    (site / "content/old.md").write_text("Wine, wine and wine.\n")
    file = site / "classify.toml"
    file.write_text("at_most = 3\n")
    watched = project.watch("content")
    next(watched)
    replace_file(file, "at_most = 1\n")
    Timer(2, lambda: (site / "content/new.md").write_text(BREAD)).start()
    next(watched)
    (said,) = [it.text for it in events if isinstance(it, Message) and "classify.toml" in it.text]
    assert "start again" in said


def test_stop_ends_it(project: Project, changes: Iterator[Change]) -> None:
    Timer(0.3, project.stop).start()
    assert list(changes) == []


def test_a_path_that_is_not_there_is_refused_at_once(project: Project) -> None:
    with pytest.raises(UsageError, match="no such file or folder: 'nowhere'"):
        project.watch("nowhere")


def test_without_watchfiles_the_extra_is_named(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    with pytest.raises(UsageError, match=r"category-classifier\[watch\]"):
        project.watch(".")
