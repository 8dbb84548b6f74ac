"""Workers without Ray: a worker is an object that takes units and gives reports."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support.keyword_scorer import KeywordScorer

from classifier import Project
from classifier.distributed import sources
from classifier.distributed.running import make_job
from classifier.distributed.worker import Job, Report, Worker
from classifier.models import Outcome, Task

TEXTS = ("Wine, wine and wine.", "Bread, bread, bread. Cheese, cheese.", "Nothing here.")


@dataclass(frozen=True)
class CountingScorer(KeywordScorer):
    """Counts the pairs that it is asked about."""

    asked: Counter[tuple[str, str]] = field(default_factory=Counter)

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        for task in tasks:
            name = Path(task.article.id).name
            self.asked.update((name, category.id) for category in task.categories)
            yield from super().score([task])


@pytest.fixture
def scorer(project: Project) -> CountingScorer:
    project.scorer = CountingScorer()
    return project.scorer


@pytest.fixture
def content(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "content").mkdir()
    for number in range(200):
        (tmp_path / f"content/{number:03}.md").write_text(f"{TEXTS[number % 3]} {number}\n")
    (tmp_path / "out").mkdir()
    return tmp_path / "content"


def judge(project: Project, **changes: object) -> list[Report]:
    source = sources.plan(project, "content", workers=2)
    job: Job = make_job(project, source, str(Path("out").absolute()), retry_failed=False)
    worker = Worker(replace(job, **changes))  # type: ignore[arg-type]
    found = []
    for unit in source.units:
        found += worker.reports(unit)
    return [report for report in found if report.name or report.error or report.lost]


def rows() -> list[dict[str, object]]:
    return [
        row for file in sorted(Path("out").glob("*")) for row in pq.read_table(file).to_pylist()
    ]


def test_rows_are_what_a_run_gives(project: Project, content: Path, scorer: CountingScorer) -> None:
    (content / "bad.md").write_bytes(b"\xff")
    judge(project)
    found = {row["article"]: row for row in rows()}
    assert len(found) == len(rows()) == 201
    for result in project.run("content").results():
        labels = [label.category.id for label in result.decision.labels]
        row = found[result.article]
        assert (row["labels"], row["ok"]) == (labels, result.ok)
        assert row["article_digest"] == result.digest


def test_a_finished_partition_is_not_judged_again(
    project: Project, content: Path, scorer: CountingScorer
) -> None:
    first = judge(project)
    assert set(scorer.asked.values()) == {1}
    again = judge(project)
    assert all(report.finished_before for report in again)
    assert [report.counts for report in again] == [report.counts for report in first]
    assert set(scorer.asked.values()) == {1}


def test_an_article_that_changed_has_its_partition_judged_again(
    project: Project, content: Path, scorer: CountingScorer
) -> None:
    judge(project)
    (content / "100.md").write_text("Olives, olives and olives.\n")
    again = judge(project)
    assert sum(not report.finished_before for report in again) == 1


def test_a_new_definition_alone_is_judged_and_a_new_rule_judges_nothing(
    project: Project, content: Path, scorer: CountingScorer, tmp_path: Path
) -> None:
    judge(project)
    before = scorer.asked.copy()
    (tmp_path / "taxonomy/tags/nothing.md").write_text("---\ntitle: Nothing\n---\n")
    settings = tmp_path / "classify.toml"
    settings.write_text('categories = "taxonomy"\n[rules.tags]\nminimum = 0.8\n')
    with Project.open(tmp_path) as changed:
        changed.scorer = scorer
        judge(changed)
        assert {name for _, name in scorer.asked - before} == {"tags/nothing"}
        found = {row["id"]: row for row in rows()}
        assert found["001.md"]["labels"] == ["tags/bread"]  # cheese has .7
        assert len(found["001.md"]["judgements"]) == 5
        asked = scorer.asked.copy()
        settings.write_text('categories = "taxonomy"\n')
    with Project.open(tmp_path) as changed:
        changed.scorer = scorer
        reports = judge(changed)
        assert scorer.asked == asked
        assert not any(report.finished_before or report.judged for report in reports)
        found = {row["id"]: row for row in rows()}
        assert found["001.md"]["labels"] == ["tags/bread", "tags/cheese"]


def test_what_failed_is_asked_again_and_what_is_held_back_only_on_request(
    project: Project, content: Path, scorer: CountingScorer
) -> None:
    (content / "a.md").write_text("FAIL unavailable\nWine.\n")
    (content / "b.md").write_text("FAIL tampered\nWine.\n")
    judge(project)
    before = scorer.asked.copy()
    judge(project)
    assert scorer.asked - before == {("a.md", "tags/bread"): 1}
    before = scorer.asked.copy()
    judge(project, retry_failed=True)
    assert scorer.asked - before == {("a.md", "tags/bread"): 1, ("b.md", "tags/bread"): 1}


def test_verdicts_and_sections_count_from_any_folder(
    project: Project,
    content: Path,
    scorer: CountingScorer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (content / "old").mkdir()
    (content / "old/x.md").write_text("Cheese, cheese.\n")
    (tmp_path / "classify.toml").write_text(
        'categories = "taxonomy"\n[rules.tags.sections."content/old"]\nminimum = 0.8\n'
    )
    with Project.open(tmp_path) as changed:
        changed.scorer = scorer
        changed.run("content")
        changed.accept("content/002.md", "Olives")
        source = sources.plan(changed, "content", workers=2)
        job = make_job(changed, source, str(tmp_path / "out"), retry_failed=False)
    worker = Worker(pickle.loads(pickle.dumps(job)))
    monkeypatch.chdir("/")
    for unit in source.units:
        list(worker.judge(unit))
    monkeypatch.chdir(tmp_path)
    found = {row["id"]: row["labels"] for row in rows()}
    assert found["002.md"] == ["tags/olives"]
    assert found["old/x.md"] == []


def test_a_worker_with_another_scorer_ends_the_run(project: Project, content: Path) -> None:
    (report,) = judge(project, scorer="embedded:other:1")[:1]
    assert "install the same version" in report.error


def test_a_bug_loses_a_unit_and_no_run(
    project: Project, content: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("text of an article")

    monkeypatch.setattr("classifier.outputs.partitions.encode", broken)
    reports = judge(project)
    assert all("unexpected KeyError in " in report.lost for report in reports)
    assert not any("text of an article" in report.lost for report in reports)
