"""A teacher asked in a batch: what is sent, what is waited for, and what is never sent twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.batch_server import BatchService
from support.chat_server import ChatServer, Request, answer, judgements, name

from classifier.errors import StoppedError, UsageError
from classifier.project import Project
from classifier.project import batch as verbs
from classifier.project.events import BatchWaiting, CostExpected, Event

ARTICLES, SAMPLE = 36, 24


def about_wine(request: Request):
    items = [
        item | dict.fromkeys(("mentions", "alignment", "depth"), 9 * (name(item["id"]) == "wine"))
        if "vineyard" in request.article and name(item["id"]) == "wine"
        else item
        for item in judgements(request)
    ]
    return answer(items)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> BatchService:
    monkeypatch.setattr(verbs, "_FIRST_WAIT", 0.001)
    monkeypatch.setattr(verbs, "_LONGEST_WAIT", 0.01)
    service = BatchService()
    service.model = about_wine
    return service


@pytest.fixture
def server(site: Path, service: BatchService) -> Iterator[ChatServer]:
    (site / "site").mkdir()
    for n in range(ARTICLES):
        text = ("The vineyard rests in winter.", "It rained for a week.")[n % 2]
        (site / f"site/{n:02}.md").write_text(f"---\ntitle: Note {n}\n---\n{text} Number {n}.\n")
    with ChatServer(service) as server:
        yield server


@pytest.mark.slow
def test_the_sample_goes_out_as_a_batch_and_nothing_is_asked_twice(
    server: ChatServer, service: BatchService, events: list[Event]
) -> None:
    service.still = True

    def stop(event: Event) -> None:
        events.append(event)
        if isinstance(event, BatchWaiting):
            project.stop()

    with Project.open(model="m1", base_url=server.url, on_event=stop) as project:
        tags = project.only(kinds=["tags"])
        live = tags.estimate_teaching("site", articles=SAMPLE)
        estimate = tags.estimate_teaching("site", articles=SAMPLE, batch=True)
        assert (estimate.pairs, live.pairs) == (SAMPLE * 4, SAMPLE * 4)
        for _ in range(2):  # stopped twice, before anything came back
            with pytest.raises(StoppedError, match="nothing is asked twice"):
                tags.teach("site", articles=SAMPLE, batch=True)
    assert len(service.batches) == 1
    assert [event.pairs for event in events if isinstance(event, CostExpected)] == [SAMPLE * 4]
    service.still = False
    with Project.open(model="m1", base_url=server.url) as project:
        result = project.only(kinds=["tags"]).teach("site", articles=SAMPLE, batch=True)
    assert len(service.batches) == 1
    assert set(service.paid.values()) == {1}
    assert len(service.paid) == SAMPLE
    assert (result.taught + result.agreement[0].articles, result.complete) == (SAMPLE, True)
    assert result.training.artifact.path.exists()


@pytest.mark.slow
def test_what_a_batch_leaves_unanswered_is_reported_and_asked_by_the_next_run(
    server: ChatServer, service: BatchService
) -> None:
    service.fate("expired", answered=0.75)
    with Project.open(model="m1", base_url=server.url) as project:
        tags = project.only(kinds=["tags"])
        first = tags.teach("site", articles=SAMPLE, batch=True)
        assert not first.complete
        asked = len(service.paid)
        assert asked < SAMPLE
        second = tags.teach("site", articles=SAMPLE, batch=True)
    assert second.complete
    assert len(service.paid) == SAMPLE
    assert set(service.paid.values()) == {1}


def test_a_batch_and_rounds_exclude_each_other(server: ChatServer, service: BatchService) -> None:
    with (
        Project.open(model="m1", base_url=server.url) as project,
        pytest.raises(UsageError, match="leave out one"),
    ):
        project.teach("site", batch=True, until=0.9)
    assert service.batches == {}


def test_a_provider_without_the_batch_api_is_refused(site: Path, server: ChatServer) -> None:
    with (
        Project.open(model="ollama/m1") as project,
        pytest.raises(UsageError, match="ollama does not have OpenAI's Batch API"),
    ):
        project.estimate_teaching("site", batch=True)
