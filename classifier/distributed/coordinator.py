"""What the workers of a run share: an actor beside the driver that hands out what there is one of.

Which articles were being judged when a worker died; leases on the rate limits and the budget of
language models; the store that paid answers are in as soon as they come. What a worker holds is
held for a try of a partition: when the partition is begun again, that worker has died, and all of
it is given back.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from classifier.distributed import engine
from classifier.store import JudgementSet, Store

if TYPE_CHECKING:
    from classifier.scorers.openai.limits import BudgetGate, RateLimiter, Reservation
    from classifier.store import HeldBack
    from classifier.store.worker import Worker

READING: Final = frozenset({"load", "held", "remembered", "remember", "release_held"})
"""Methods of the store that workers may call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """What language models need in common."""

    store: Path
    max_cost: float | None
    """US dollars."""
    max_calls: int | None


@dataclass(slots=True)
class _Leases:
    """What a try of a partition holds."""

    calls: Counter[str] = field(default_factory=Counter)
    """Calls in flight, by model."""
    reserved: dict[int, tuple[Reservation, float]] = field(default_factory=dict)
    """By number; with the dollars reserved."""
    workers: dict[str, Worker] = field(default_factory=dict)
    """Of the store, by scorer."""


class Coordinator:
    """Ray runs it in one event loop. A `lease` is a partition with the number of the try."""

    def __init__(self, shares: Shares | None = None) -> None:
        """`shares` are those of language models; None where none is asked."""
        self._tries: Counter[str] = Counter()
        self._judging: dict[str, str] = {}
        self._fatal: defaultdict[str, set[str]] = defaultdict(set)
        self._shares = shares
        self._leases: dict[str, _Leases] = {}
        self._limiters: dict[str, RateLimiter] = {}
        self._budget: BudgetGate | None = None
        self._store: Store | None = None
        self._reservations = 0

    # --- partitions ------------------------------------------------------------------------------

    async def begin(self, partition: str) -> tuple[int, frozenset[str]]:
        """Return how often a partition was begun, and articles whose worker died over them."""
        self._give_back(_lease(partition, self._tries[partition]))
        self._tries[partition] += 1
        self._leases[_lease(partition, self._tries[partition])] = _Leases()
        if suspect := self._judging.pop(partition, ""):
            self._fatal[partition].add(suspect)
        return self._tries[partition], frozenset(self._fatal[partition])

    async def judging(self, partition: str, article: str) -> None:
        """Note which article of a partition is judged next; empty: none is."""
        self._judging[partition] = article

    async def end(self, partition: str) -> None:
        """Forget a partition that is written."""
        self._give_back(_lease(partition, self._tries.pop(partition, 0)))
        self._judging.pop(partition, None)
        self._fatal.pop(partition, None)

    def _give_back(self, lease: str) -> None:
        held = self._leases.pop(lease, None)
        if held is None:
            return
        for model, number in held.calls.items():
            for _ in range(number):
                self._limiters[model].finish()
        for reservation, amount in held.reserved.values():
            reservation.settle(amount)  # nobody knows what it cost: at most that
        for worker in held.workers.values():
            worker.close()

    # --- limits ----------------------------------------------------------------------------------

    async def start(self, lease: str, model: str, tokens: int, limits: Mapping[str, Any]) -> float:
        """Wait until a call may start; return when it did."""
        from classifier.scorers.openai.limits import RateLimiter

        limiter = self._limiters.get(model)
        if limiter is None:
            limiter = self._limiters[model] = RateLimiter(**limits)
        started = await limiter.start(tokens)
        if lease in self._leases:
            self._leases[lease].calls[model] += 1
        else:  # its worker has died meanwhile
            limiter.finish()
        return started

    async def finish(self, lease: str, model: str) -> None:
        if lease in self._leases and self._leases[lease].calls[model]:
            self._leases[lease].calls[model] -= 1
            self._limiters[model].finish()

    async def succeeded(self, model: str, headers: Mapping[str, str]) -> None:
        self._limiters[model].succeeded(headers)

    async def throttled(
        self, model: str, headers: Mapping[str, str], started: float, retry_after: float | None
    ) -> None:
        self._limiters[model].throttled(headers, started=started, retry_after=retry_after)

    async def reserve(self, lease: str, cost: float) -> int | str:
        """Return the number of a reservation, or why there is none."""
        from classifier.scorers.openai.limits import Budget, BudgetGate, OverBudgetError

        assert self._shares is not None
        if self._budget is None:
            shares = self._shares
            self._budget = BudgetGate(Budget(max_cost=shares.max_cost, max_calls=shares.max_calls))
        try:
            reservation = await self._budget.reserve(cost)
        except OverBudgetError as error:
            return str(error)
        if lease not in self._leases:
            reservation.cancel()
            return "its worker has died"
        self._reservations += 1
        self._leases[lease].reserved[self._reservations] = reservation, cost
        return self._reservations

    async def settle(self, lease: str, number: int, spent: float | None) -> None:
        """Replace what was reserved by what was spent; None: the call was never sent."""
        held = self._leases.get(lease)
        if held is None or number not in held.reserved:
            return
        reservation, _ = held.reserved.pop(number)
        if spent is None:
            reservation.cancel()
        else:
            reservation.settle(spent)

    # --- the store -------------------------------------------------------------------------------

    async def store(self, method: str, given: tuple[Any, ...]) -> Any:
        """Call a method of the store."""
        if method not in READING:
            raise ValueError(method)
        return getattr(self._opened(), method)(*given)

    async def claim(self, lease: str, scorer: str, article: str) -> bool:
        return self._worker(lease, scorer).claim(article)

    async def taken(self, lease: str, scorer: str, articles: list[str]) -> set[str]:
        return self._worker(lease, scorer).taken(articles)

    async def release(self, lease: str, scorer: str, article: str) -> int:
        return await asyncio.wrap_future(self._worker(lease, scorer).release(article))

    async def add(self, lease: str, scorer: str, sheet: JudgementSet) -> int:
        """Store judgements; done when they are on disk."""
        return await asyncio.wrap_future(self._worker(lease, scorer).add(sheet))

    async def hold(self, lease: str, scorer: str, rows: list[HeldBack]) -> int:
        return await asyncio.wrap_future(self._worker(lease, scorer).hold(rows))

    async def withdraw(self, lease: str, scorer: str, *sets: int) -> int:
        done: list[Future[int]] = [Future() for _ in sets]
        for future, number in zip(done, sets, strict=True):
            future.set_result(number)
        return await asyncio.wrap_future(self._worker(lease, scorer).withdraw(done))

    def _opened(self) -> Store:
        if self._store is None:
            assert self._shares is not None
            self._store = Store.open(self._shares.store)
        return self._store

    def _worker(self, lease: str, scorer: str) -> Worker:
        workers = self._leases[lease].workers
        if scorer not in workers:
            workers[scorer] = self._opened().worker(scorer)
        return workers[scorer]


def _lease(partition: str, number: int) -> str:
    return f"{partition} {number}"


@contextmanager
def started(shares: Shares | None) -> Iterator[Any]:
    """Yield the handle of a coordinator on the driver's machine; it ends with the block."""
    ray = engine.load()
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    options = {"num_cpus": 0, "max_concurrency": 10_000, "scheduling_strategy": here}
    handle = ray.remote(Coordinator).options(**options).remote(shares)
    try:
        yield handle
    finally:
        ray.kill(handle)
