from __future__ import annotations

import asyncio

from classifier.distributed.coordinator import Attempts, Coordinator


def test_the_article_that_was_judged_when_a_partition_is_begun_again_is_fatal() -> None:
    async def tried() -> None:
        made = Coordinator()
        assert await made.begin("a") == (1, frozenset())
        assert await made.begin("a") == (2, frozenset())
        await made.judging("a", "1")
        await made.judging("a", "2")
        assert await made.begin("b") == (1, frozenset())
        assert await made.begin("a") == (3, frozenset({"2"}))
        await made.judging("a", "4")
        await made.judging("a", "")
        assert await made.begin("a") == (4, frozenset({"2"}))
        await made.end("a")
        assert await made.begin("a") == (1, frozenset())

    asyncio.run(tried())


def test_without_a_coordinator_every_try_is_the_first() -> None:
    attempts = Attempts()
    attempts.judging("a", "1")
    attempts.end("a")
    assert attempts.begin("a") == attempts.begin("a") == (1, ())
