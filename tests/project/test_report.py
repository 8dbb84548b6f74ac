"""`Project.report`: one page of what is stored."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.keyword_scorer import OtherScorer
from support.reports import held
from support.site import write_article

from classifier import composition
from classifier.errors import StoreError, UsageError
from classifier.project import Project

pytestmark = pytest.mark.usefixtures("content")
PAGE = Path("report.html")


def core() -> dict:
    return held(PAGE.read_text(encoding="utf-8")).core


def test_what_was_written_is_counted(project: Project) -> None:
    project.run("content")
    write_article(Path("content/new.md"), "olives")
    written = project.report("content")
    assert (written.path, written.size) == (PAGE, PAGE.stat().st_size)
    assert (written.articles, written.unjudged) == (4, 5)


def test_chosen_categories_and_files_alone_are_in_it(project: Project) -> None:
    project.run("content")
    project.only(kinds=["tags"], exclude=["wine.md"]).report("content")
    assert {category["kind"] for category in core()["categories"]} == {"tags"}
    assert core()["articles"]["paths"] == ["content/bread.md", "content/cheese.md"]


def test_labels_are_compared_with_a_key_that_only_some_of_the_paths_have(project: Project) -> None:
    labelled = write_article(Path("blog/rye.md"), "bread " * 9, "subjects: [Bread]\n")
    project.run("content", "blog")
    project.report("content", labelled, fields=["tags=subjects"])
    bread = [category["id"] for category in core()["categories"]].index("tags/bread")
    row = core()["articles"]["paths"].index("blog/rye.md")
    assert core()["gold"]["yes"] == [5 * row + bread]
    with pytest.raises(UsageError, match="no article in 'content blog'"):
        project.report("content", "blog", fields=["topics"])


def test_another_stored_scorer_is_shown_beside(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.run("content")
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: OtherScorer())
    with Project.open() as other:
        with pytest.raises(UsageError, match="has judged nothing of 'content'"):
            other.report("content")
        other.run("content")
        other.report("content", against=["keywords"])
    assert [scorer["identity"] for scorer in core()["scorers"]] == [
        "other:counting:ffffffffffffffff",
        "keywords:counting:0123456789",
    ]


def test_without_a_store_there_is_no_report(project: Project) -> None:
    with pytest.raises(StoreError):
        project.report("content")
    assert not PAGE.exists()


def test_judgements_of_the_scorer_that_comes_with_the_program_are_shown(site: Path) -> None:
    with Project.open() as project:
        project.run("content")
        assert project.report("content").unjudged == 0
    (scorer,) = core()["scorers"]
    assert scorer["identity"].startswith("embedded:")
    assert -1 not in scorer["confidence"]
