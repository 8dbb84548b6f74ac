"""A worker's side of what workers share: each call asks the coordinator."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from classifier.distributed import engine
from classifier.scorers.openai.limits import Gate, Limiter, OverBudgetError, Reserved
from classifier.store import HeldBack, JudgementSet, Store
from classifier.store.worker import Written

if TYPE_CHECKING:
    from classifier.models import Failure
    from classifier.store import JudgementRecord


class Coordination:
    """How a worker asks the coordinator. Without one, every try of a partition is the first."""

    def __init__(self, coordinator: Any = None) -> None:
        """`coordinator` is the handle of an actor that is a `Coordinator`."""
        self._coordinator = coordinator
        self._lease = ""

    @property
    def is_shared(self) -> bool:
        return self._coordinator is not None

    @property
    def lease(self) -> str:
        """The partition that is worked on, and the try."""
        return self._lease

    def begin(self, partition: str) -> tuple[int, Collection[str]]:
        """Return how often a partition was begun, and articles whose worker died over them."""
        if not self.is_shared:
            return 1, ()
        tries, fatal = self.ask("begin", partition)
        self._lease = f"{partition} {tries}"
        return tries, fatal

    def judging(self, partition: str, article: str) -> None:
        """Note which article of a partition is judged next; empty: none is."""
        if self.is_shared:
            self.ask("judging", partition, article)

    def end(self, partition: str) -> None:
        """Forget a partition that is written."""
        if self.is_shared:
            self.ask("end", partition)

    def send(self, method: str, *given: object) -> Any:
        """Call a method of the coordinator; return a reference to what it will return."""
        return getattr(self._coordinator, method).remote(*given)

    def ask(self, method: str, *given: object) -> Any:
        """Call a method of the coordinator, and wait for what it returns."""
        return engine.load().get(self.send(method, *given))


@dataclass(frozen=True)
class RemoteLimits:
    """Limits and a budget that the workers of a run have in common."""

    coordination: Coordination

    def limiter(
        self, model: str, *, concurrency: int, rpm: float | None, tpm: float | None
    ) -> Limiter:
        limits = {"concurrency": concurrency, "rpm": rpm, "tpm": tpm}
        return _RemoteLimiter(self.coordination, model, limits)

    def gate(self) -> Gate:
        return _RemoteGate(self.coordination)


@dataclass(frozen=True)
class _RemoteLimiter:
    coordination: Coordination
    model: str
    limits: Mapping[str, Any]

    async def start(self, tokens: int) -> float:
        lease = self.coordination.lease
        started: float = await self.coordination.send(
            "start", lease, self.model, tokens, dict(self.limits)
        )
        return started

    def finish(self) -> None:
        self.coordination.send("finish", self.coordination.lease, self.model)

    def succeeded(self, headers: Mapping[str, str]) -> None:
        self.coordination.send("succeeded", self.model, _limits_in(headers))

    def throttled(
        self, headers: Mapping[str, str], *, started: float, retry_after: float | None
    ) -> None:
        self.coordination.send("throttled", self.model, _limits_in(headers), started, retry_after)


@dataclass(frozen=True)
class _RemoteGate:
    coordination: Coordination

    async def reserve(self, cost: float) -> Reserved:
        found = await self.coordination.send("reserve", self.coordination.lease, cost)
        if isinstance(found, str):
            raise OverBudgetError(found)
        return _RemoteReservation(self.coordination, found)


@dataclass(frozen=True)
class _RemoteReservation:
    coordination: Coordination
    number: int

    def settle(self, spent: float) -> None:
        self.coordination.send("settle", self.coordination.lease, self.number, spent)

    def cancel(self) -> None:
        self.coordination.send("settle", self.coordination.lease, self.number, None)


def _limits_in(headers: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in headers.items() if k.lower().startswith("x-ratelimit-")}


@dataclass(frozen=True)
class _RemoteStore:
    """What `Cached` and language models use of a `Store`."""

    coordination: Coordination

    def load(
        self, scorer: str, article: str, categories: Collection[str]
    ) -> dict[str, JudgementRecord]:
        found: dict[str, JudgementRecord] = self._call("load", scorer, article, list(categories))
        return found

    def held(self, scorer: str, articles: Iterable[str]) -> dict[str, dict[str, Failure]]:
        found: dict[str, dict[str, Failure]] = self._call("held", scorer, list(articles))
        return found

    def release_held(self, scorers: Collection[str], articles: Iterable[str]) -> int:
        return int(self._call("release_held", list(scorers), list(articles)))

    def remembered(self, name: str) -> str | None:
        found: str | None = self._call("remembered", name)
        return found

    def remember(self, name: str, value: str) -> None:
        self._call("remember", name, value)

    def vectors(self, _: Iterable[str]) -> dict[str, bytes]:
        """Return none: to embed again is cheaper than to send vectors around."""
        return {}

    def keep_vectors(self, _: Mapping[str, bytes]) -> None: ...

    def worker(self, scorer: str) -> _RemoteWorker:
        return _RemoteWorker(self.coordination, scorer)

    def _call(self, method: str, *given: object) -> Any:
        return self.coordination.ask("store", method, given)


class _RemoteWorker:
    """A `classifier.store.worker.Worker` in the coordinator."""

    def __init__(self, coordination: Coordination, scorer: str) -> None:
        self._coordination = coordination
        self._scorer = scorer
        self._references: dict[Written, Any] = {}

    def claim(self, article: str) -> bool:
        return bool(self._coordination.ask("claim", self._lease, self._scorer, article))

    def taken(self, articles: Iterable[str]) -> set[str]:
        found: set[str] = self._coordination.ask("taken", self._lease, self._scorer, list(articles))
        return found

    def add(self, sheet: JudgementSet) -> Written:
        return self._queued("add", sheet)

    def hold(self, rows: Sequence[HeldBack]) -> Written:
        return self._queued("hold", list(rows))

    def release(self, article: str) -> Written:
        return self._queued("release", article)

    def withdraw(self, sets: Sequence[Written]) -> Written:
        return self._queued("withdraw", *(self._references[it] for it in sets))

    def close(self) -> None:
        """Do nothing: the end of the partition gives up all claims."""

    @property
    def _lease(self) -> str:
        return self._coordination.lease

    def _queued(self, method: str, *given: object) -> Written:
        reference = self._coordination.send(method, self._lease, self._scorer, *given)
        written: Future[int] = reference.future()
        self._references[written] = reference
        return written


def remote_store(coordination: Coordination) -> Store:
    """Return the store of the coordinator, as far as scorers use one."""
    return cast("Store", _RemoteStore(coordination))
