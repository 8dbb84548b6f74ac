"""Language models on several workers: one budget, one limit, nothing paid twice."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.chat_server import ChatServer, Reply, Request, judge

from classifier import ClassifierError, OpenAIOptions, Project, UsageError, distributed
from classifier.distributed.leases import Coordination
from classifier.models import Task
from classifier.scorers.base import OnPartial, PartialOutcome, ignore
from classifier.scorers.openai.scorer import OpenAIScorer

on_ray = [pytest.mark.ray, pytest.mark.usefixtures("cluster")]
ARTICLES = 160


@pytest.fixture
def site(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    names = [f"row-{n}" for n in range(ARTICLES)]
    texts = [f"Number <{n}> is about bread and wine." for n in range(ARTICLES)]
    pq.write_table(pa.table({"id": names, "body": texts}), tmp_path / "posts.parquet")
    return tmp_path


def opened(site: Path, server: ChatServer, **settings: object) -> Project:
    return Project.open(
        site, scorer="openai", model="loopback-1", base_url=server.url, canary=False, **settings
    )


def asked(server: ChatServer) -> Counter[str]:
    """Count the calls about each article, without those that check the model."""
    found = (re.search(r"Number \S*?(\d+)", request.article) for request in server.requests)
    return Counter(it[1] for it in found if it)


def rows() -> list[dict[str, object]]:
    return [
        row for file in sorted(Path("out").glob("*")) for row in pq.read_table(file).to_pylist()
    ]


def test_without_a_coordinator_every_try_is_the_first() -> None:
    alone = Coordination()
    alone.judging("a", "1")
    alone.end("a")
    assert alone.begin("a") == alone.begin("a") == (1, ())


class TestOnRay:
    pytestmark = on_ray

    def test_one_budget_for_all_workers_and_what_is_paid_is_kept(
        self, site: Path, server: ChatServer
    ) -> None:
        with opened(site, server, max_calls=40) as project:
            found = distributed.run(project, "posts.parquet", "out", workers=2)
            assert found.progress.over_budget
            assert not found.complete
            assert len(server.requests) == 40
        with opened(site, server) as project:
            found = distributed.run(project, "posts.parquet", "out", workers=2)
            assert found.complete
        assert set(asked(server).values()) == {1}
        assert sorted(int(str(row["id"])[4:]) for row in rows()) == list(range(ARTICLES))
        assert all(row["ok"] for row in rows())
        # All of it is in the project's store.
        with opened(site, server) as project:
            count = len(server.requests)
            assert {it.stored for it in project.classify_entries("posts.parquet")} == {4}
            assert len(server.requests) == count

    def test_calls_in_flight_are_limited_over_all_workers(
        self, site: Path, server: ChatServer
    ) -> None:
        lock, flying = threading.Lock(), [0, 0]

        def slow(request: Request) -> Reply:
            with lock:
                flying[0] += 1
                flying[1] = max(flying)
            time.sleep(0.02)
            with lock:
                flying[0] -= 1
            return judge(request)

        server.always = slow
        with opened(site, server, concurrency=2) as project:
            found = distributed.run(project, "posts.parquet", "out", workers=2)
        assert found.complete
        assert flying[1] <= 2

    def test_a_killed_worker_costs_no_more_than_its_calls_in_flight(
        self, site: Path, server: ChatServer
    ) -> None:
        with opened(site, server) as project:
            project.scorer = MortalModel("loopback-1", base_url=server.url, died=site / "died")
            found = distributed.run(project, "posts.parquet", "out", workers=2)
        assert (site / "died").exists()
        assert found.complete
        assert len(rows()) == len({row["id"] for row in rows()}) == ARTICLES
        calls = asked(server)
        assert len(calls) == ARTICLES
        assert sum(calls.values()) <= ARTICLES + OpenAIOptions().concurrency

    def test_the_key_that_is_missing_is_named(self, site: Path, server: ChatServer) -> None:
        with (
            Project.open(site, scorer="openai", model="gpt-4o-mini") as project,
            pytest.raises(ClassifierError, match="OPENAI_API_KEY is not set"),
        ):
            distributed.run(project, "posts.parquet", "out", workers=2)

    def test_a_dataset_asks_no_language_model(self, site: Path, server: ChatServer) -> None:
        import ray

        with (
            opened(site, server) as project,
            pytest.raises(UsageError, match="whose workers need one budget"),
        ):
            distributed.classify_dataset(ray.data.range(1), project)


class MortalModel(OpenAIScorer):
    """Kills its process once, after some answers have come."""

    def __init__(self, model: str, *, base_url: str, died: Path) -> None:
        super().__init__(model, base_url=base_url, options=OpenAIOptions(canary=False))
        self.died = died

    def score_partial(
        self, tasks: Iterable[Task], *, on_partial: OnPartial = ignore
    ) -> Iterator[PartialOutcome]:
        for number, part in enumerate(super().score_partial(tasks, on_partial=on_partial)):
            if number == 20 and not self.died.exists():
                self.died.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            yield part
