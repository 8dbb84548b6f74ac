from __future__ import annotations

from pathlib import Path

import pytest
from support.chat_server import ChatServer
from support.keyword_scorer import KeywordScorer

from classifier import composition
from classifier.errors import StoppedError, UsageError
from classifier.project import Project
from classifier.project.events import ArticleJudged, ArticlesFailed, Event, Message
from classifier.project.gold import GoldSource

GOLD = "article,category\nlunch.md,bread\nlunch.md,wine\ndinner.md,wine\n"


@pytest.fixture
def gold(site: Path) -> Path:
    """The keyword scorer gives lunch bread 0.9, cheese 0.45, and all else 0.1."""
    path = site / "gold.csv"
    path.write_text(GOLD)
    return path


def messages(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Message)]


def test_labels_are_compared_with_gold(project: Project, gold: Path) -> None:
    evaluation = project.evaluate(gold)
    whole = evaluation.report.groups[0]
    assert (whole.articles, whole.categories, whole.positives) == (2, 4, 3)
    assert whole.metrics["precision"].value == 1.0
    assert whole.metrics["recall"].value == pytest.approx(2 / 3)
    assert evaluation.complete
    assert not evaluation.needs_judge


def test_what_is_stored_is_not_judged_again(
    project: Project, gold: Path, events: list[Event]
) -> None:
    first = project.evaluate(gold)
    assert sum(isinstance(event, ArticleJudged) for event in events) == 2
    events.clear()
    assert project.evaluate(gold) == first
    assert not any(isinstance(event, ArticleJudged) for event in events)


def test_a_folder_and_stored_verdicts_are_gold(project: Project, site: Path) -> None:
    (site / "content").mkdir()
    (site / "content" / "a.md").write_text("---\ntags: [bread]\n---\nBread, bread.\n")
    report = project.evaluate(GoldSource("content", fields=["tags"])).report
    assert (report.pairs, report.groups[0].positives) == (4, 1)
    with pytest.raises(UsageError, match="no verdicts"):
        project.evaluate("verdicts")


def test_without_a_source_the_folders_of_the_settings_are_gold(
    project: Project, site: Path, events: list[Event]
) -> None:
    with pytest.raises(UsageError, match="no labels to compare with: name a folder"):
        project.evaluate()
    project.accept("lunch.md", "bread")
    assert project.evaluate().report.pairs == 1
    (site / "posts").mkdir()
    (site / "posts" / "a.md").write_text("---\nkeywords: [bread]\n---\nBread, bread.\n")
    with (site / "classify.toml").open("a") as settings:
        settings.write('content = "posts"\n[fields.tags]\nname = "keywords"\n')
    with Project.open(on_event=events.append) as again:
        assert again.evaluate() == again.evaluate("posts")
        report = again.evaluate().report
    assert (report.pairs, report.groups[0].positives) == (4, 1)
    assert messages(events) == []


def test_a_folder_without_a_field_of_labels_says_which_were_looked_for(project: Project) -> None:
    with pytest.raises(UsageError, match="has a field 'concepts' or 'tags': name the one"):
        project.evaluate(".")


def test_only_the_chosen_categories_are_evaluated(project: Project, gold: Path) -> None:
    report = project.only(categories=["wine"]).evaluate(gold).report
    assert [it.category.id for it in report.categories] == ["tags/wine"]
    with pytest.raises(UsageError, match="no labels for the categories"):
        project.only(kinds=["concepts"]).evaluate(gold)


def test_an_article_that_fails_is_reported_and_the_rest_is_evaluated(
    project: Project, gold: Path, site: Path, events: list[Event]
) -> None:
    (site / "dinner.md").write_text("Wine.\nFAIL truncated\n")
    evaluation = project.evaluate(gold)
    assert not evaluation.complete
    assert evaluation.report.pairs == 7
    (failed,) = [event for event in events if isinstance(event, ArticlesFailed)]
    assert list(failed.progress.failed) == ["truncated"]


def test_an_article_that_cannot_be_read_is_reported_though_nothing_is_judged(
    project: Project, gold: Path, site: Path, events: list[Event]
) -> None:
    project.evaluate(gold)
    (site / "dinner.md").write_bytes(b"---\ntitle: \xff\n---\n")
    events.clear()
    assert not project.evaluate(gold).complete
    assert any(isinstance(event, ArticlesFailed) for event in events)


def test_stopping_ends_it_with_what_was_judged_stored(
    site: Path, gold: Path, keywords: None
) -> None:
    def stop(event: Event) -> None:
        if isinstance(event, ArticleJudged):
            project.stop()

    with Project.open(on_event=stop) as project:
        with pytest.raises(StoppedError, match="interrupted with"):
            project.evaluate(gold)
        assert project.status("lunch.md", "dinner.md")[0].scan.stored_pairs == 4


def test_the_html_page_is_written(project: Project, gold: Path, site: Path) -> None:
    project.evaluate(gold).write_html(site / "eval.html")
    assert (site / "eval.html").read_text().startswith("<!doctype html>")


def test_a_wrong_other_scorer_costs_no_judgement(
    project: Project, gold: Path, events: list[Event]
) -> None:
    with pytest.raises(UsageError, match="'nobody' is not stored; stored scorers: none"):
        project.evaluate(gold, against="nobody")
    assert not any(isinstance(event, ArticleJudged) for event in events)


def test_a_stored_scorer_is_compared_by_a_part_of_its_identity(
    site: Path, gold: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Another(KeywordScorer):
        identity = "another:one:1"

    monkeypatch.setattr(composition, "make_scorer", lambda _settings: Another())
    with Project.open() as project:
        project.run("lunch.md")
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: KeywordScorer())
    with Project.open() as project:
        comparison = project.evaluate(gold, against="another").report.comparison
    assert comparison is not None
    assert (comparison.scorer, comparison.pairs) == ("another:one:1", 4)


def test_the_embedded_scorer_evaluates_offline(site: Path, gold: Path) -> None:
    with Project.open() as project:
        evaluation = project.evaluate(gold)
    assert evaluation.report.scorer.startswith("embedded:")
    assert evaluation.report.pairs == 8


def test_a_language_model_is_asked_only_with_judge(
    site: Path, gold: Path, server: ChatServer
) -> None:
    with Project.open(scorer="openai", model="small", base_url=server.url) as project:
        with pytest.raises(UsageError, match=r"openai \(small\) has judged nothing .*add `judge`"):
            project.evaluate(gold)
        project.run("lunch.md")
        evaluation = project.evaluate(gold)
        assert (evaluation.report.without_record, evaluation.needs_judge) == (4, True)
        assert len(server.requests) == 1
        evaluation = project.evaluate(gold, judge=True)
        assert (evaluation.report.pairs, evaluation.needs_judge) == (8, False)
    assert len(server.requests) == 2
