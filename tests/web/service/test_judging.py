"""The queue before the scorer."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, wait

import pytest
from support.keyword_scorer import KeywordScorer

from classifier.errors import ModelError
from classifier.models import Article, Category, FailureReason, Outcome, Task
from classifier.web.service.judging import BusyError, ClosedError, JudgingQueue

BREAD = Category(id="tags/bread", kind="tags", title="Bread")


class Gate(KeywordScorer):
    """Judges when it is opened, and remembers what it judged together."""

    def __init__(self) -> None:
        super().__init__()
        object.__setattr__(self, "open", threading.Event())
        object.__setattr__(self, "entered", threading.Semaphore(0))
        object.__setattr__(self, "batches", [])

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        batch = list(tasks)
        self.batches.append([task.article.body for task in batch])
        self.entered.release()
        self.open.wait()
        if any("BREAK" in task.article.body for task in batch):
            raise ModelError("broken")
        if any("BUG" in task.article.body for task in batch):
            raise ValueError("a bug")
        yield from super().score(batch)


def task(body: str) -> Task:
    return Task(Article(id="-", body=body), (BREAD,))


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.open.set()


def queue(gate: Gate, **more: int) -> JudgingQueue:
    return JudgingQueue(gate, **{"threads": 1, "batch": 3, "capacity": 4, **more})


def submit(queue: JudgingQueue, *bodies: str) -> list[Future[Outcome]]:
    return [queue.submit(task(body), same) for body in bodies]


def same(outcome: Outcome) -> Outcome:
    return outcome


def test_what_waits_is_judged_together_in_bounded_batches(gate: Gate) -> None:
    judging = queue(gate)
    first = submit(judging, "a")
    gate.entered.acquire()
    others = submit(judging, "b", "c", "d", "e")
    gate.open.set()
    judging.close()
    assert gate.batches == [["a"], ["b", "c", "d"], ["e"]]
    assert [each.result().task.article.body for each in first + others] == list("abcde")


def test_a_full_queue_says_when_to_try_again(gate: Gate) -> None:
    judging = queue(gate)
    submit(judging, "a")
    gate.entered.acquire()
    waiting = submit(judging, *"bcde")
    assert judging.waiting == 4
    with pytest.raises(BusyError) as error:
        judging.submit(task("f"), same)
    assert error.value.retry_after >= 1
    assert waiting[0].cancel()
    judging.submit(task("g"), same)  # who has gone makes room
    gate.open.set()
    judging.close()
    assert not any("b" in batch for batch in gate.batches)


def test_batches_run_at_once_on_several_threads(gate: Gate) -> None:
    judging = queue(gate, threads=2, batch=1)
    submit(judging, "a", "b")
    gate.entered.acquire()
    gate.entered.acquire()  # both are inside, and none is through
    assert sorted(gate.batches) == [["a"], ["b"]]
    gate.open.set()
    judging.close()


def test_an_error_of_the_scorer_is_of_that_batch_alone(gate: Gate) -> None:
    gate.open.set()
    judging = queue(gate)
    (broken,) = submit(judging, "BREAK")
    with pytest.raises(ModelError):
        broken.result()
    (fine,) = submit(judging, "bread")
    assert fine.result().judgements
    judging.close()


def test_a_bug_that_one_article_shows_is_a_failure_of_that_article(gate: Gate) -> None:
    judging = queue(gate)
    submit(judging, "a")
    gate.entered.acquire()
    good, bad = submit(judging, "bread", "BUG")
    gate.open.set()
    judging.close()
    assert good.result().judgements
    assert bad.result().failures[0].reason is FailureReason.INTERNAL


def test_an_error_of_what_follows_is_of_that_article_alone(gate: Gate) -> None:
    def fail(_: Outcome) -> None:
        raise ValueError("too late")

    judging = queue(gate)
    submit(judging, "a")
    gate.entered.acquire()
    broken, (fine,) = judging.submit(task("bread"), fail), submit(judging, "bread")
    gate.open.set()
    judging.close()
    assert fine.result().judgements
    with pytest.raises(ValueError, match="too late"):
        broken.result()


def test_closing_finishes_what_waits_and_takes_no_more(gate: Gate) -> None:
    judging = queue(gate)
    futures = submit(judging, "a", "b")
    gate.open.set()
    judging.close()
    assert wait(futures, timeout=0).not_done == set()
    with pytest.raises(ClosedError):
        judging.submit(task("c"), same)


def test_batches_are_reported(gate: Gate) -> None:
    gate.open.set()
    reported: list[tuple[int, float]] = []
    judging = JudgingQueue(
        gate, threads=1, batch=8, capacity=8, on_batch=lambda *each: reported.append(each)
    )
    submit(judging, "a", "b", "c")
    judging.close()
    assert sum(articles for articles, _ in reported) == 3
    assert all(seconds >= 0 for _, seconds in reported)
