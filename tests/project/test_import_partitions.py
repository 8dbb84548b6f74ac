from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.keyword_scorer import KeywordScorer

from classifier import Project, UsageError
from classifier.distributed import sources
from classifier.distributed.running import make_job
from classifier.distributed.worker import Worker
from classifier.models import Usage

PAID = KeywordScorer(usage=Usage(calls=1, input_tokens=7, cost=0.5))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taxonomy/tags").mkdir(parents=True)
    for title in ("Bread", "Cheese", "Olives", "Wine"):
        path = tmp_path / f"taxonomy/tags/{title.lower()}.md"
        path.write_text(f"---\ntitle: {title}\n---\n")
    (tmp_path / "classify.toml").write_text('categories = "taxonomy"\n')
    with Project.open(tmp_path) as opened:
        opened.scorer = PAID
        yield opened


@pytest.fixture
def site(project: Project, tmp_path: Path) -> Path:
    (tmp_path / "content").mkdir()
    for number in range(100):
        (tmp_path / f"content/{number:03}.md").write_text(f"Wine, wine and bread. {number}\n")
    judge(project)
    return tmp_path


def judge(project: Project) -> None:
    Path("out").mkdir(exist_ok=True)
    source = sources.plan(project, "content", workers=2)
    worker = Worker(make_job(project, source, str(Path("out").absolute()), retry_failed=False))
    for unit in source.units:
        list(worker.judge(unit))


def test_a_run_after_the_import_has_nothing_to_judge(project: Project, site: Path) -> None:
    found = project.import_partitions("out")
    assert (found.articles, found.judgements, found.stored) == (100, 400, 0)
    assert found.partitions == len(list(Path("out").iterdir()))
    run = project.run("content")
    assert run.progress.pairs == 0
    (result,) = (it for it in run.results() if it.article == "content/007.md")
    assert result.labels == {"tags": ["Wine"]}
    assert result.judgements[0].evidence[0].text == "Wine"
    (used,) = project.store_stats().scorers
    assert (used.usage.calls, used.usage.cost) == (100, 50.0)


def test_what_is_stored_is_not_imported_again_unless_it_is_older(
    project: Project, site: Path
) -> None:
    project.import_partitions("out")
    again = project.import_partitions("out")
    assert (again.judgements, again.stored) == (0, 400)
    later = time.time() + 1
    for file in Path("out").iterdir():
        file.unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("classifier.distributed.worker.time.time", lambda: later)
        judge(project)
    assert project.import_partitions("out").judgements == 400


def test_a_damaged_file_is_named_and_the_others_are_imported(project: Project, site: Path) -> None:
    first = sorted(Path("out").iterdir())[0]
    first.write_bytes(first.read_bytes()[:100])
    found = project.import_partitions("out")
    assert found.articles > 0
    (error,) = found.errors
    assert error.startswith(f"out/{first.name}: it is damaged, or no partition; ")


def test_a_folder_without_partitions_is_refused(project: Project, site: Path) -> None:
    with pytest.raises(UsageError, match="no partitions in 'content'"):
        project.import_partitions("content")
