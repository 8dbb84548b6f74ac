"""The service without HTTP."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.keyword_scorer import KeywordScorer

from classifier import composition, language
from classifier.models import Outcome, Result, Task
from classifier.pipeline import Classifier
from classifier.project import Project
from classifier.web.service.bodies import ClassifyRequest, VerdictRequest
from classifier.web.service.judging import BusyError
from classifier.web.service.service import Limits, NotFoundError, Service


class Stuck(KeywordScorer):
    """Judges only what warms it up, until it is released."""

    def __init__(self) -> None:
        super().__init__()
        object.__setattr__(self, "released", threading.Event())
        object.__setattr__(self, "entered", [])

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        for task in tasks:
            if task.article.body != "Loads the model.":
                self.entered.append(task)
                self.released.wait()
            yield from super().score([task])


@pytest.fixture
def stuck(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stuck]:
    scorer = Stuck()
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: scorer)
    yield scorer
    scorer.released.set()


def request(text: str = "Bread.", **more: Any) -> ClassifyRequest:
    return ClassifyRequest(text=text, **more)


def test_it_is_ready_while_it_is_started(project: Project) -> None:
    async def go() -> list[bool]:
        service = Service(project)
        found = [service.ready]
        async with service.started():
            found.append(service.ready)
        return [*found, service.ready]

    assert asyncio.run(go()) == [False, True, False]


class English(KeywordScorer):
    languages = frozenset({"en"})


@pytest.mark.parametrize(("scorer", "loaded"), [(English, 1), (KeywordScorer, 0)])
def test_what_tells_languages_apart_is_loaded_before_it_is_ready_if_it_is_used(
    site: Path, monkeypatch: pytest.MonkeyPatch, scorer: type[KeywordScorer], loaded: int
) -> None:
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: scorer())
    language.forget_detector()

    async def go() -> int:
        async with Service(Project.open()).started():
            return language._identifier.cache_info().currsize

    assert asyncio.run(go()) == loaded


def test_a_request_that_takes_too_long_is_given_up(stuck: Stuck) -> None:
    async def go() -> None:
        service = Service(Project.open(), limits=Limits(timeout=0.05))
        async with service.started():
            with pytest.raises(TimeoutError):
                await service.classify(request())
            stuck.released.set()

    asyncio.run(go())


def test_a_full_queue_refuses_one_and_lets_a_stream_wait(stuck: Stuck) -> None:
    async def go() -> None:
        service = Service(Project.open(), limits=Limits(queue=2, timeout=20))
        assert service.limits.queue == 2
        async with service.started():
            assert service.queue is not None
            waiting = []
            for number in (1, 2):  # one for each thread
                waiting.append(asyncio.create_task(service.classify(request())))
                while len(stuck.entered) < number:
                    await asyncio.sleep(0.01)
            waiting += [asyncio.create_task(service.classify(request())) for _ in range(2)]
            while service.queue.waiting < 2:
                await asyncio.sleep(0.01)
            with pytest.raises(BusyError):
                await service.classify(request())
            patient = asyncio.create_task(service.classify(request(), wait=True))
            await asyncio.sleep(0.05)
            assert not patient.done()
            stuck.released.set()
            assert (await patient).ok
            assert all(result.ok for result in await asyncio.gather(*waiting))

    asyncio.run(go())


def test_stopping_answers_what_is_under_way(stuck: Stuck) -> None:
    async def go() -> bool:
        service = Service(Project.open())
        async with service.started():
            answer = asyncio.create_task(service.classify(request()))
            while not stuck.entered:
                await asyncio.sleep(0.01)
            stuck.released.set()
        return (await answer).ok

    assert asyncio.run(go())


def test_who_waits_is_answered_while_another_result_is_decided(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def go() -> None:
        service = Service(project)
        async with service.started():
            begun, answered = threading.Event(), threading.Event()
            result = Classifier.result

            def slow(self: Classifier, outcome: Outcome) -> Result:
                begun.set()
                assert answered.wait(20)
                return result(self, outcome)

            monkeypatch.setattr(Classifier, "result", slow)
            judging = asyncio.create_task(service.classify(request()))
            while not begun.is_set():
                await asyncio.sleep(0.01)
            assert service.categories()
            answered.set()
            assert (await judging).ok

    asyncio.run(go())


def test_selections_are_remembered_but_not_without_end(project: Project) -> None:
    async def go() -> None:
        service = Service(project)
        async with service.started():
            first = service._selected(("bread",))
            assert service._selected(("bread",)) is first
            for n in range(200):
                names = ("bread",) * (n % 100 + 1)
                await service.classify(request(categories=list(names)))
            assert len(service._selections) <= 64
            with pytest.raises(NotFoundError):
                service.category("champagne")

    asyncio.run(go())


def test_a_verdict_given_elsewhere_counts_after_a_restart(project: Project) -> None:
    async def labels() -> list[str]:
        service = Service(project)
        document = Path("content/lunch.md").read_text()
        async with service.started():
            result = await service.classify(ClassifyRequest(document=document))
        return result.labels["tags"]

    assert asyncio.run(labels()) == ["Bread"]
    project.reject("content/lunch.md", "bread")
    assert asyncio.run(labels()) == []


def test_nothing_but_verdicts_is_stored(project: Project) -> None:
    async def go() -> None:
        service = Service(project, content=[Path("content")])
        async with service.started():
            await service.classify(request())
            assert not Path(".classify").exists()
            body = VerdictRequest(path="lunch.md", category="bread", accepted=True)
            await service.record_verdict(body)

    asyncio.run(go())
    assert len(project.verdicts()) == 1
    assert project.store_stats().counts["judgements"] == 0


@pytest.mark.slow
def test_what_shares_a_batch_changes_no_judgement(site: Path) -> None:
    texts = [f"Loaves, bakers and wine, number {n}. " * (n % 7 + 1) for n in range(24)]

    async def go(project: Project) -> None:
        sizes: list[int] = []
        service = Service(project, on_batch=lambda articles, _seconds: sizes.append(articles))
        async with service.started():
            together = await asyncio.gather(*(service.classify(request(text)) for text in texts))
            for text, result in zip(texts, together, strict=True):
                assert await service.classify(request(text)) == result
        assert max(sizes) > 1

    with Project.open() as project:
        asyncio.run(go(project))
