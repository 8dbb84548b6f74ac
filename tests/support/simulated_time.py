"""Event loops and clocks in which time passes by waiting alone, and waiting takes none."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Skipping(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    """Lets the time that nothing happens in pass at once."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready: list[Any] = super().select(0)
        assert ready or timeout is not None, "every task waits for another"
        if not ready:
            self.passed += timeout or 0.0
        return ready


class _Simulated(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        return self._skipping.passed


def simulate(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run what only waits for time."""
    with asyncio.Runner(loop_factory=_Simulated) as runner:
        return runner.run(main())


def now() -> float:
    return asyncio.get_running_loop().time()


class Clock:
    """Time for code that also talks to a server: `sleep` in place of `asyncio.sleep` moves it on.

    It never goes back: who sleeps beside a longer sleeper wakes up later than asked for.
    """

    def __init__(self) -> None:
        self.time = 0.0
        self._yield = asyncio.sleep

    def __call__(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        until = self.time + seconds
        await self._yield(0)
        self.time = max(self.time, until)
