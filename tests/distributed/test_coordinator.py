from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from classifier.distributed.coordinator import Coordinator, Shares
from classifier.models import ConfidenceKind, Judgement, Usage
from classifier.store import JudgementSet, Store

LIMITS = {"concurrency": 2, "rpm": None, "tpm": None}


@pytest.fixture
def shares(tmp_path: Path) -> Shares:
    return Shares(store=tmp_path / "records.sqlite3", max_cost=1.0, max_calls=None)


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


def test_calls_of_all_partitions_share_the_places_of_a_model(shares: Shares) -> None:
    async def called() -> None:
        made = Coordinator(shares)
        for partition in "ab":
            await made.begin(partition)
        await made.start("a 1", "m", 10, LIMITS)
        await made.start("b 1", "m", 10, LIMITS)
        third = asyncio.create_task(made.start("b 1", "m", 10, LIMITS))
        other = await asyncio.wait_for(made.start("b 1", "another", 10, LIMITS), 10)
        assert other
        done, _ = await asyncio.wait([third], timeout=0.05)
        assert not done
        await made.finish("a 1", "m")
        assert await asyncio.wait_for(third, 10)

    asyncio.run(called())


def test_the_places_and_the_money_of_a_dead_worker_are_given_back(shares: Shares) -> None:
    async def died() -> None:
        made = Coordinator(shares)
        await made.begin("a")
        await made.start("a 1", "m", 10, LIMITS)
        await made.start("a 1", "m", 10, LIMITS)
        number = await made.reserve("a 1", 0.25)
        assert isinstance(number, int)
        await made.begin("b")
        waiting = asyncio.create_task(made.start("b 1", "m", 10, LIMITS))
        await made.begin("a")
        assert await asyncio.wait_for(waiting, 10)
        await made.settle("a 1", number, 0.0)  # too late: nobody knows what it cost
        assert "$0.7500 of `max_cost` 1 is left" in str(await made.reserve("b 1", 0.8))
        # What is granted to a worker that died while it waited is given back, too.
        await made.start("b 1", "m", 10, LIMITS)
        late = asyncio.create_task(made.start("b 1", "m", 10, LIMITS))
        await asyncio.sleep(0)
        await made.end("b")
        await asyncio.wait_for(late, 10)
        for _ in range(2):
            await asyncio.wait_for(made.start("a 2", "m", 10, LIMITS), 10)

    asyncio.run(died())


def test_a_call_that_was_never_sent_costs_nothing(shares: Shares) -> None:
    async def called() -> None:
        made = Coordinator(shares)
        await made.begin("a")
        for spent in (None, 0.0, 1.0):
            number = await made.reserve("a 1", 1.0)
            assert isinstance(number, int)
            await made.settle("a 1", number, spent)
        assert isinstance(await made.reserve("a 1", 0.01), str)

    asyncio.run(called())


def sheet(article: str, confidence: float) -> JudgementSet:
    judgement = Judgement(
        category="tags/a", confidence=confidence, kind=ConfidenceKind.STATED, scorer="s"
    )
    return JudgementSet(
        scorer="s",
        article=article,
        judgements={"c" * 32: judgement},
        judged_at=time.time(),
        usage=Usage(calls=1, cost=0.5),
    )


def test_answers_are_on_disk_when_add_returns_and_claims_end_with_the_try(
    shares: Shares,
) -> None:
    async def stored() -> None:
        made = Coordinator(shares)
        for partition in "ab":
            await made.begin(partition)
        assert await made.claim("a 1", "s", "x")
        assert not await made.claim("b 1", "s", "x")
        assert await made.taken("b 1", "s", ["x", "y"]) == {"x"}
        first = await made.add("a 1", "s", sheet("x", 0.7))
        with Store.open(shares.store) as store:
            assert store.load("s", "x", ["c" * 32])
            await made.withdraw("a 1", "s", first)
            assert not store.load("s", "x", ["c" * 32])
        await made.begin("a")  # its worker has died
        assert await made.claim("b 1", "s", "x")
        await made.release("b 1", "s", "x")
        assert await made.claim("a 2", "s", "x")
        assert await made.store("load", ("s", "x", ["c" * 32])) == {}

    asyncio.run(stored())


def test_workers_may_call_no_other_method_of_the_store(shares: Shares) -> None:
    with pytest.raises(ValueError, match="collect"):
        asyncio.run(Coordinator(shares).store("collect", ()))
