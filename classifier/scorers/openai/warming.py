"""One call before many: until a server has read a beginning once, nobody finds it cached."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

_LONGEST: Final = 30.0
"""Seconds: no cache is worth a longer wait."""


class Warming:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self._warm: dict[str, asyncio.Event] = {}

    @asynccontextmanager
    async def turn(self, beginning: str | None) -> AsyncIterator[None]:
        """Let the first call with a beginning through, and others when it is over, however it ends.

        None: there is nothing to wait for.
        """
        if beginning is None:
            yield
        elif warm := self._warm.get(beginning):
            with suppress(TimeoutError):
                await asyncio.wait_for(warm.wait(), _LONGEST)
            yield
        else:
            over = self._warm[beginning] = asyncio.Event()
            try:
                yield
            finally:
                over.set()
