"""`Project.history`: the judgements of an article, and how they changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifier.errors import StoreError, UsageError
from classifier.models import Article, ConfidenceKind, Judgement
from classifier.project import Project
from classifier.project.history import changes, latest
from classifier.store import JudgementRecord


def record(
    confidence: float,
    *,
    at: float,
    scorer: str = "embedded:mini:1",
    article: str = "a1",
    category: str = "c1",
    id_: str = "tags/bread",
) -> JudgementRecord:
    judgement = Judgement(
        category=id_, confidence=confidence, kind=ConfidenceKind.SIMILARITY, scorer=scorer
    )
    return JudgementRecord(
        judgement=judgement, scorer=scorer, article=article, category=category, judged_at=at
    )


def test_what_changed_is_named() -> None:
    made = [
        record(0.1, at=1),
        record(0.2, at=2, article="a2"),
        record(0.3, at=3, article="a2", category="c2"),
        record(0.4, at=4, article="a3", category="c3", scorer="embedded:mini:2"),
        record(0.4, at=5, article="a3", category="c3", scorer="embedded:mini:2"),
    ]
    found = list(changes(made))
    assert [change.why for change in found] == [
        ("article",),
        ("definition",),
        ("article", "definition", "scorer"),
        (),
    ]


def test_another_kind_of_scorer_has_an_opinion_of_its_own() -> None:
    made = [record(0.1, at=1), record(0.9, at=2, scorer="openai:gpt:1"), record(0.2, at=3)]
    (change,) = changes(made)
    assert (change.before.judgement.confidence, change.after.judgement.confidence) == (0.1, 0.2)


def test_the_latest_are_sorted_by_scorer_and_confidence() -> None:
    made = [
        record(0.5, at=1),
        record(0.9, at=1, id_="tags/wine", category="c9"),
        record(0.3, at=2, scorer="openai:gpt:1"),
        record(0.6, at=3),
    ]
    assert [(r.scorer[:6], r.judgement.confidence) for r in latest(made)] == [
        ("embedd", 0.9),
        ("embedd", 0.6),
        ("openai", 0.3),
    ]


def test_the_history_of_an_article_over_two_texts(project: Project) -> None:
    project.run("lunch.md")
    Path("lunch.md").write_text("Bread and cheese, cheese.\n")
    project.run("lunch.md")
    project.accept("lunch.md", "wine")
    found = project.history("lunch.md")
    assert isinstance(found.article, Article)
    assert found.versions[0][0] == found.digest == found.article.digest
    assert len(found.versions) == 2
    best = found.judgements[0]
    assert (found.title(best), best.judgement.confidence, found.outdated(best)) == (
        "Cheese",
        0.7,
        False,
    )
    assert {change.why for change in found.changes} == {("article",)}
    assert len(found.changes) == 5
    assert found.verdicts["tags/wine"].accepted
    assert found.failures == {}


def test_a_deleted_article_has_its_last_version(project: Project) -> None:
    project.run("lunch.md")
    Path("lunch.md").unlink()
    found = project.history("lunch.md")
    assert found.article is None
    assert (len(found.judgements), found.digest) == (5, found.versions[0][0])


def test_a_changed_definition_makes_a_judgement_outdated(site: Path, project: Project) -> None:
    project.run("lunch.md")
    (site / "taxonomy/tags/bread.md").write_text("---\ntitle: Loaf\n---\n")
    (site / "taxonomy/tags/wine.md").unlink()
    found = Project.open().history("lunch.md")
    outdated = {found.title(record) for record in found.judgements if found.outdated(record)}
    assert outdated == {"Loaf", "tags/wine"}


def test_a_failure_is_shown_until_it_is_overcome(project: Project) -> None:
    Path("lunch.md").write_text("Bread.\nFAIL refused\n")
    project.run("lunch.md")
    (failure,) = project.history("lunch.md").failures.values()
    assert failure.reason == "refused"
    Path("lunch.md").write_text("Bread.\n")
    project.run("lunch.md")
    assert project.history("lunch.md").failures == {}


def test_nothing_known_is_an_error(project: Project) -> None:
    with pytest.raises(StoreError, match="nothing is stored yet"):
        project.history("lunch.md")
    project.run("lunch.md")
    with pytest.raises(UsageError, match=r"'never\.md'"):
        project.history("never.md")


def test_a_folder_is_no_article(project: Project, site: Path) -> None:
    project.run("lunch.md")
    (site / "folder").mkdir()
    with pytest.raises(UsageError, match=r"'folder' is a folder without index\.md"):
        project.history("folder")
