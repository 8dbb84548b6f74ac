"""What the workers of a run share: an actor beside the driver, and how a worker asks it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from classifier.distributed import engine


class Coordinator:
    """Knows which articles were being judged when a worker died. Ray runs it in one event loop."""

    def __init__(self) -> None:
        self._tries: Counter[str] = Counter()
        self._judging: dict[str, str] = {}
        self._fatal: defaultdict[str, set[str]] = defaultdict(set)

    async def begin(self, partition: str) -> tuple[int, frozenset[str]]:
        """Return how often a partition was begun, and articles whose worker died over them."""
        self._tries[partition] += 1
        if suspect := self._judging.pop(partition, ""):
            self._fatal[partition].add(suspect)
        return self._tries[partition], frozenset(self._fatal[partition])

    async def judging(self, partition: str, article: str) -> None:
        """Note which article of a partition is judged next; empty: none is."""
        self._judging[partition] = article

    async def end(self, partition: str) -> None:
        """Forget a partition that is written."""
        self._tries.pop(partition, None)
        self._judging.pop(partition, None)
        self._fatal.pop(partition, None)


class Attempts:
    """How often a partition was tried. Without a coordinator, every try is the first."""

    def __init__(self, coordinator: Any = None) -> None:
        """`coordinator` is the handle of an actor that is a `Coordinator`."""
        self._coordinator = coordinator

    def begin(self, partition: str) -> tuple[int, Collection[str]]:
        return self._ask("begin", partition) if self._coordinator else (1, ())

    def judging(self, partition: str, article: str) -> None:
        if self._coordinator:
            self._ask("judging", partition, article)

    def end(self, partition: str) -> None:
        if self._coordinator:
            self._ask("end", partition)

    def _ask(self, method: str, *given: object) -> Any:
        return engine.load().get(getattr(self._coordinator, method).remote(*given))


@contextmanager
def started() -> Iterator[Any]:
    """Yield the handle of a coordinator on the driver's machine; it ends with the block."""
    ray = engine.load()
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    options = {"num_cpus": 0, "max_concurrency": 10_000, "scheduling_strategy": here}
    handle = ray.remote(Coordinator).options(**options).remote()
    try:
        yield handle
    finally:
        ray.kill(handle)
