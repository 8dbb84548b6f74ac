"""An event loop in a thread of its own, for scorers whose callers know nothing of asyncio.

Works inside a running event loop too, which `asyncio.run` does not.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Self, TypeVar

T = TypeVar("T")


class EventLoop:
    """A context manager; whatever was started and still runs is cancelled when it ends."""

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        # A daemon, so that a program that ends in the middle of a run does end.
        self._thread = threading.Thread(
            target=self._serve, args=(ready,), name="classifier-event-loop", daemon=True
        )
        self._thread.start()
        ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.cancel()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def start(
        self,
        calls: Sequence[Callable[[], Coroutine[Any, Any, T]]],
        done: Callable[[asyncio.Task[T]], object],
    ) -> None:
        """Run all `calls` and hand each to `done`, in the loop's thread, when it has ended.

        Wakes the loop once for all of them.
        """

        def begin() -> None:
            for call in calls:
                task = self._loop.create_task(call())
                self._tasks.add(task)  # the loop itself would not keep it
                task.add_done_callback(self._tasks.discard)
                task.add_done_callback(done)

        if calls:
            self._loop.call_soon_threadsafe(begin)

    def cancel(self) -> None:
        """Cancel all that runs and wait until it has ended."""
        self.run(_cancel_others())

    def _serve(self, ready: threading.Event) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            self._loop.call_soon(ready.set)
            self._loop.run_forever()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
