"""What is known of a site, and that the same advice is not given twice in a row."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.site import write_article

from classifier.project import Project
from classifier.project.advice import Carried
from classifier.project.next_step import gather

CONTENT = Path("content")


@pytest.fixture
def articles(site: Path) -> Path:
    for n in range(12):
        write_article(site / "content" / f"{n:02}.md", "Bread " * 9, "tags: [Bread, Local]\n")
    write_article(site / "content" / "none.md", "Rain and snow.")
    return site / "content"


def test_what_is_known_of_a_site(project: Project, articles: Path) -> None:
    before = gather(project, "run", [CONTENT], project.records.get("write"))
    assert (before.articles, before.unjudged, before.labelled) == (13, 13, 0)
    project.run(CONTENT)
    known = gather(project, "run", [CONTENT], project.records.get("write"))
    assert (known.articles, known.unjudged, known.labelled, known.looked_at) == (13, 0, 12, 13)
    assert known.carry == {"tags": Carried(12, 12)}
    assert known.own_categories
    assert (known.trained, known.applied, known.new_verdicts) == (False, False, 0)


def test_uncertain_are_labels_that_hardly_reach_the_minimum(
    project: Project, articles: Path
) -> None:
    project.run(CONTENT)
    sure = gather(project, "run", [CONTENT], project.records.get("write"))
    strict = project.with_settings(minimum=0.85)
    close = gather(strict, "run", [CONTENT], strict.records.get("write"))
    assert (sure.uncertain, close.uncertain) == (0, 12)
    strict.accept(CONTENT / "00.md", "bread")
    confirmed = gather(strict, "run", [CONTENT], strict.records.get("write"))
    assert confirmed.uncertain == 11
    assert confirmed.new_verdicts == 1


def test_labels_that_we_wrote_are_nothing_to_learn_from(project: Project, articles: Path) -> None:
    for path in articles.iterdir():
        write_article(path, "Bread " * 9)
    project.run(CONTENT)
    project.apply(CONTENT)
    known = gather(project, "run", [CONTENT], project.records.get("write"))
    assert known.applied
    assert known.carry == {}


def test_advice_is_remembered_in_the_store(
    project: Project, articles: Path, keywords: None
) -> None:
    run = project.run(CONTENT)
    first = project.next_step("run", CONTENT, run=run)
    assert first is not None
    assert first.command == "classify train content --field tags"
    with Project.open() as later:
        second = later.next_step("run", CONTENT)
        assert second is not None
        assert second.command != first.command
        assert later.next_step("run", CONTENT) == first


def test_what_cannot_be_gathered_is_no_error(project: Project) -> None:
    assert project.next_step("run", "nowhere") is None


def changes(project: Project) -> int | None:
    return gather(project, "run", [CONTENT], project.records.get("write")).changes()


def test_what_apply_would_change_is_counted_and_remembered(
    project: Project, articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.run(CONTENT)
    assert changes(project) == 0
    write_article(articles / "05.md", "Bread " * 9)
    assert changes(project) == 1
    with monkeypatch.context() as patch:
        patch.setattr("classifier.project.apply.count_changes", None)
        assert changes(project) == 1
    project.reject(articles / "05.md", "bread")
    assert changes(project) == 0


def test_what_apply_would_change_is_not_counted_of_many_or_where_it_cannot(
    project: Project, articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.run(CONTENT)
    same = {"tags": {"name": "x", "value": "title"}, "concepts": {"name": "x", "value": "slug"}}
    assert changes(project.with_settings(fields=same)) is None
    monkeypatch.setattr("classifier.project.next_step._AT_MOST", 5)
    assert changes(project) is None


def test_a_label_that_a_person_adds_is_seen_though_the_text_is_the_same(
    project: Project, articles: Path
) -> None:
    project.run(CONTENT)
    records = project.records.get("write")
    assert gather(project, "run", [CONTENT], records).carry == {"tags": Carried(12, 12)}
    write_article(articles / "none.md", "Rain and snow.", "tags: [Wine]\n")
    assert gather(project, "run", [CONTENT], records).carry == {"tags": Carried(13, 13)}
