"""A bounded queue before the scorer: articles of many requests are judged together."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from classifier.models import Outcome, Task
from classifier.scorers.base import Scorer
from classifier.scorers.contained import whole_outcomes

_T = TypeVar("_T")

_RECENT: Final = 0.2
"""Weight of the last batch in the mean time of an article."""


class BusyError(Exception):
    """The queue is full."""

    def __init__(self, retry_after: int) -> None:
        """`retry_after` is in seconds."""
        super().__init__(f"too many articles are waiting: try again in {retry_after} s")
        self.retry_after = retry_after


class ClosedError(Exception):
    """The service is stopping."""


@dataclass(frozen=True, slots=True)
class _Job:
    task: Task
    then: Callable[[Outcome], Any]
    future: Future[Any]


class JudgingQueue:
    """Judges tasks in threads of its own, in batches of what is waiting.

    A pair is judged alone, so what shares a batch changes no judgement. With the embedded scorer
    one thread decides while the other's texts are embedded; embedding has one thread for each
    core, however many threads ask for it.
    """

    def __init__(
        self,
        scorer: Scorer,
        *,
        threads: int,
        batch: int,
        capacity: int,
        on_batch: Callable[[int, float], None] = lambda _articles, _seconds: None,
    ) -> None:
        """Start the threads.

        Args:
            scorer: Judges; threads share it.
            threads: How many batches are judged at once.
            batch: Articles of one batch, at most.
            capacity: Articles that wait, at most.
            on_batch: Called in a thread of the queue with the articles and seconds of a batch.
        """
        self.capacity = capacity
        self._scorer = scorer
        self._batch = batch
        self._on_batch = on_batch
        self._waiting: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._seconds = 0.1
        """Mean time of an article, over all threads."""
        self._threads = [
            threading.Thread(target=self._work, name=f"judging-{n}", daemon=True)
            for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        """Articles that no thread has taken yet."""
        return len(self._waiting)

    @property
    def retry_after(self) -> int:
        """Seconds until what is waiting now should be judged, at least 1."""
        return max(math.ceil(len(self._waiting) * self._seconds), 1)

    def submit(self, task: Task, then: Callable[[Outcome], _T]) -> Future[_T]:
        """Put a task into the queue. Cancelling the future takes it out again.

        Args:
            task: What to judge. No two tasks share an `Article` object.
            then: Makes the result of the outcome, in a thread of the queue.

        Raises:
            BusyError: The queue is full.
            ClosedError: The queue is closed.
        """
        future: Future[_T] = Future()
        job = _Job(task, then, future)
        with self._changed:
            if self._closed:
                raise ClosedError
            if len(self._waiting) >= self.capacity:
                self._drop_cancelled()
            if len(self._waiting) >= self.capacity:
                raise BusyError(self.retry_after)
            self._waiting.append(job)
            self._changed.notify()
        return future

    def close(self) -> None:
        """Take no more, finish what is waiting, and end the threads."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _drop_cancelled(self) -> None:
        left = [job for job in self._waiting if not job.future.cancelled()]
        self._waiting.clear()
        self._waiting.extend(left)

    def _work(self) -> None:
        while jobs := self._next():
            start = time.monotonic()
            self._judge(jobs)
            seconds = time.monotonic() - start
            each = seconds / len(jobs) / len(self._threads)
            self._seconds += _RECENT * (each - self._seconds)
            self._on_batch(len(jobs), seconds)

    def _next(self) -> list[_Job]:
        """Wait for jobs; nothing once the queue is closed and empty."""
        with self._changed:
            while True:
                jobs: list[_Job] = []
                while self._waiting and len(jobs) < self._batch:
                    job = self._waiting.popleft()
                    if job.future.set_running_or_notify_cancel():
                        jobs.append(job)
                if jobs or self._closed:
                    return jobs
                self._changed.wait()

    def _judge(self, jobs: Sequence[_Job]) -> None:
        # By article: an outcome after an error has another task.
        left = {id(job.task.article): job for job in jobs}
        try:
            with closing(whole_outcomes(self._scorer, [job.task for job in jobs])) as outcomes:
                for outcome in outcomes:
                    _finish(left.pop(id(outcome.task.article)), outcome)
        except Exception as error:  # noqa: BLE001 - it belongs to those who wait for the result
            for job in left.values():
                job.future.set_exception(error)


def _finish(job: _Job, outcome: Outcome) -> None:
    try:
        job.future.set_result(job.then(outcome))
    except Exception as error:  # noqa: BLE001 - it belongs to who waits for this result
        job.future.set_exception(error)
