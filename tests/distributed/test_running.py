from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.keyword_scorer import KeywordScorer

from classifier import Project, UsageError, distributed
from classifier.models import Outcome, Task
from classifier.project import events

pytestmark = [pytest.mark.ray, pytest.mark.usefixtures("cluster")]
TEXTS = ("Wine, wine and wine.", "Bread, bread, bread. Cheese, cheese.", "Nothing here.")


@pytest.fixture
def site(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_posts(path: Path, number: int) -> list[str]:
    names = [f"row-{n}" for n in range(number)]
    texts = [f"{TEXTS[n % 3]} {n}" for n in range(number)]
    pq.write_table(pa.table({"id": names, "body": texts}), path)
    return names


def written(place: str = "out") -> list[dict[str, object]]:
    system, root = fsspec.core.url_to_fs(place)
    system.invalidate_cache()
    found = []
    for path in sorted(system.glob(f"{root}/*.parquet")):
        with system.open(path, "rb") as file:
            found += pq.read_table(file).to_pylist()
    return found


def ids(place: str = "out") -> list[str]:
    return sorted(str(row["id"]) for row in written(place))


def test_a_table_becomes_a_folder_of_partitions_and_the_second_run_judges_nothing(
    project: Project, site: Path
) -> None:
    names = write_posts(site / "posts.parquet", 500)
    seen: list[events.Event] = []
    project.on_event = seen.append
    found = distributed.run(project, "posts.parquet", "out", workers=2)
    assert ids() == sorted(names)
    assert found.complete
    assert (found.progress.articles, found.progress.pairs) == (500, 2_000)
    assert found.counts.labels == {"tags/bread": 167, "tags/cheese": 167, "tags/wine": 167}
    assert {type(event) for event in seen} == {events.JudgingStarted, events.JudgingFinished}
    again = distributed.run(project, "posts.parquet", "out", workers=2)
    assert again.progress.pairs == 0
    assert again.finished_before == again.partitions == found.partitions
    assert again.counts == found.counts


def test_what_is_no_longer_in_the_source_is_deleted_after_a_complete_run(
    project: Project, site: Path
) -> None:
    (site / "content").mkdir()
    for number in range(150):
        (site / f"content/{number:03}.md").write_text(f"{TEXTS[number % 3]} {number}\n")
    distributed.run(project, "content", "out", workers=2)
    (site / "content/075.md").unlink()
    (site / "content/100.md").write_text("Olives, olives and olives.\n")
    found = distributed.run(project, "content", "out", workers=2)
    assert 1 <= found.deleted <= 2
    assert found.progress.pairs < 4 * 2 * 64 * 4
    assert ids() == sorted(f"{n:03}.md" for n in range(150) if n != 75)


@dataclass(frozen=True)
class MortalScorer(KeywordScorer):
    """Kills its process at one article: the first times, by the lines of a file, that it comes."""

    folder: Path = Path()
    times: int = 1

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        for task in tasks:
            if task.article.id.endswith("row-321"):
                deaths = self.folder / "deaths"
                died = len(deaths.read_text()) if deaths.exists() else 0
                if died < self.times:
                    with deaths.open("a") as file:
                        file.write(".")
                    os.kill(os.getpid(), signal.SIGKILL)
            yield from super().score([task])


def test_a_killed_worker_loses_no_row_and_gives_none_twice(project: Project, site: Path) -> None:
    names = write_posts(site / "posts.parquet", 500)
    project.scorer = MortalScorer(folder=site)
    found = distributed.run(project, "posts.parquet", "out", workers=2)
    assert (site / "deaths").read_text() == "."
    assert ids() == sorted(names)
    assert found.complete


def test_an_article_that_always_kills_its_worker_ends_no_run(project: Project, site: Path) -> None:
    names = write_posts(site / "posts.parquet", 500)
    project.scorer = MortalScorer(folder=site, times=100)
    found = distributed.run(project, "posts.parquet", "out", workers=2)
    assert (found.complete, found.trouble) == (False, [])
    assert ids() == sorted(names)
    assert [row["id"] for row in written() if not row["ok"]] == ["row-321"]
    assert found.counts.failures == {"internal": 1}
    assert (site / "deaths").read_text() == ".."
    project.scorer = KeywordScorer()
    found = distributed.run(project, "posts.parquet", "out", workers=2)
    assert found.complete
    assert all(row["ok"] for row in written())
    assert (ids(), found.progress.pairs) == (sorted(names), 4)


def test_a_run_that_is_stopped_is_gone_on_with(project: Project, site: Path) -> None:
    names = write_posts(site / "posts.parquet", 2_000)

    def stop(event: events.Event) -> None:
        if isinstance(event, events.JudgingStarted):
            project.stop()

    project.on_event = stop
    found = distributed.run(project, "posts.parquet", "out", workers=2)
    assert found.progress.stopping
    assert len(ids()) == len(set(ids()))
    project.on_event = events.ignore
    found = distributed.run(project, "posts.parquet", "out", workers=2)
    assert found.finished_before > 0
    assert ids() == sorted(names)


def test_from_s3_to_s3(project: Project, site: Path) -> None:
    system = fsspec.filesystem("s3")
    system.mkdir("bucket")
    lines = [json.dumps({"id": f"row-{n}", "text": TEXTS[n % 3]}) for n in range(300)]
    system.pipe_file("bucket/posts/a.jsonl", "\n".join(lines[:150]).encode())
    system.pipe_file("bucket/posts/b.jsonl", "\n".join(lines[150:]).encode())
    found = distributed.run(project, "s3://bucket/posts", "s3://bucket/labels", workers=2)
    assert found.complete
    assert ids("s3://bucket/labels") == sorted(f"row-{n}" for n in range(300))
    assert written("s3://bucket/labels")[0]["article"].startswith("s3://bucket/posts/")  # type: ignore[attr-defined]
    again = distributed.run(project, "s3://bucket/posts", "s3://bucket/labels", workers=2)
    assert (again.progress.pairs, again.finished_before) == (0, found.partitions)


def test_a_model_that_is_missing_ends_the_run_with_its_own_message(
    project: Project, site: Path
) -> None:
    write_posts(site / "posts.parquet", 10)
    with pytest.raises(UsageError, match="no such file or folder: 'none'"):
        distributed.run(project, "none", "out", workers=2)
