from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chat_server import ChatServer
from support.keyword_scorer import KeywordScorer

from classifier import artifacts, composition
from classifier.errors import StoppedError, UsageError
from classifier.project import Project
from classifier.project.events import CostExpected, Event, JudgingStarted
from classifier.scorers.cascade import deferral

TITLES = ("Bread", "Cheese", "Olives", "Wine")
ARTICLES = 40
PAIRS = 5 * ARTICLES


@pytest.fixture
def folder(site: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(composition, "_embedded", lambda _settings: KeywordScorer())
    (site / "site").mkdir()
    for number in range(ARTICLES):
        title = TITLES[number % 4]
        text = f"Of {title}, number {number}. {title} again, and once more {title}."
        (site / f"site/{number:02}.md").write_text(f"{text}\n")
    return site / "site"


@pytest.fixture
def tuned(folder: Path, server: ChatServer, events: list[Event]) -> Iterator[Project]:
    with Project.open(model="m1", base_url=server.url, on_event=events.append) as project:
        yield project


def test_thresholds_are_written_and_answers_are_not_asked_for_again(
    tuned: Project, folder: Path, server: ChatServer
) -> None:
    result = tuned.tune_cascade(folder, recall=0.5)
    assert result.complete
    assert result.thresholds is not None
    key = deferral.key_of(result.first, result.second)
    assert deferral.load(result.artifact.path).cascades == {key: result.thresholds}
    asked = len(server.requests)
    assert 0 < asked < ARTICLES * 5
    assert tuned.tune_cascade(folder, recall=0.5).thresholds == result.thresholds
    assert len(server.requests) == asked


def test_the_cost_of_each_step_is_told_before_it_is_spent(
    tuned: Project, folder: Path, events: list[Event]
) -> None:
    tuned.tune_cascade(folder, recall=0.5)
    steps = [event for event in events if isinstance(event, CostExpected | JudgingStarted)]
    assert [type(event) for event in steps[1:3]] == [CostExpected, JudgingStarted]
    assert isinstance(steps[1], CostExpected)
    assert steps[1].scorer.startswith("openai:m1:")
    assert steps[1].pairs > 0


def test_an_estimate_asks_and_writes_nothing(
    tuned: Project, folder: Path, server: ChatServer
) -> None:
    estimate = tuned.estimate_cascade_tuning(folder)
    assert (estimate.articles, estimate.pairs, estimate.most_pairs) == (ARTICLES, PAIRS, PAIRS)
    assert 0 < estimate.pilot_pairs < PAIRS
    assert estimate.pilot_cost is not None
    assert server.requests == []
    assert not (folder.parent / ".classify").exists()


def test_without_enough_budget_there_are_no_thresholds(folder: Path, server: ChatServer) -> None:
    with Project.open(model="m1", base_url=server.url, max_calls=3) as project:
        result = project.tune_cascade(folder, recall=0.5)
    assert result.thresholds is None
    assert not result.complete
    assert not result.artifact.path.exists()


def test_stopping_ends_it_and_writes_nothing(folder: Path, server: ChatServer) -> None:
    def stop(event: Event) -> None:
        if isinstance(event, JudgingStarted):
            project.stop()

    with (
        Project.open(model="m1", base_url=server.url, on_event=stop) as project,
        pytest.raises(StoppedError),
    ):
        project.tune_cascade(folder)
    assert not (folder.parent / "taxonomy" / artifacts.FILES["cuts"]).exists()


def test_human_labels_stand_in_for_the_model(
    tuned: Project, folder: Path, server: ChatServer
) -> None:
    rows = [f"site/{n:02}.md,{TITLES[n % 4]}\n" for n in range(ARTICLES)]
    Path("gold.csv").write_text("article,category\n" + "".join(rows))
    result = tuned.tune_cascade(gold="gold.csv", recall=0.9)
    assert result.thresholds is not None
    assert result.thresholds.gold == "gold.csv"
    assert result.thresholds.kinds["tags"].labels == ARTICLES
    assert server.requests == []


def test_calls_that_cannot_be_meant_are_refused(tuned: Project, folder: Path) -> None:
    with pytest.raises(UsageError, match="expected a number between 0 and 1"):
        tuned.tune_cascade(folder, recall=1)
    with pytest.raises(UsageError, match="name the articles"):
        tuned.tune_cascade()
    with pytest.raises(UsageError, match="leave out the paths"):
        tuned.tune_cascade(folder, gold="gold.csv")
    with Project.open() as project, pytest.raises(UsageError, match="needs the name of a model"):
        project.tune_cascade(folder)


def test_the_embedded_scorer_is_the_first_of_a_cascade(site: Path) -> None:
    Path("gold.csv").write_text("article,category\nlunch.md,bread\ndinner.md,wine\n")
    with Project.open(model="m1") as project:
        result = project.tune_cascade(gold="gold.csv")
    assert result.first.startswith("embedded:")
    assert result.thresholds is not None
    assert result.thresholds.kinds["tags"].pairs == 8
    assert result.thresholds.kinds["tags"].settled == 0  # two labels support no recall
