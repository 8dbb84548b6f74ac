"""A scorer that has one judge for some pairs and asks another about the rest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from typing import Final

from classifier.models import Outcome, Task
from classifier.scorers.base import (
    Composite,
    OnPartial,
    PartialOutcome,
    Scorer,
    discard_if_tampered,
    ignore,
    merge_partial,
)
from classifier.scorers.contained import partial_outcomes

_HELD: Final = 256
"""Finished articles held back, at most, while the second scorer has not answered yet."""


@dataclass(frozen=True, slots=True)
class RoutedTask:
    """A task after the first judge: judgements to keep, and the rest to defer."""

    task: Task
    kept: Outcome
    """The first judge's judgements that stand."""
    rest: Task | None
    """The categories deferred to the second scorer; None if there are none."""


class Routed(Composite, ABC):
    """A `Scorer` and `IncrementalScorer` that asks `second` about what a first judge leaves."""

    second: Scorer

    @abstractmethod
    def split(self, tasks: Iterable[Task]) -> Generator[RoutedTask]:
        """Say what the first judge makes of each task, and what would be deferred."""

    def score(self, tasks: Iterable[Task]) -> Generator[Outcome]:
        with closing(self.score_partial(tasks)) as parts:
            yield from map(discard_if_tampered, merge_partial(parts))

    def score_partial(
        self, tasks: Iterable[Task], *, on_partial: OnPartial = ignore
    ) -> Generator[PartialOutcome]:
        with closing(self.split(tasks)) as splits:
            for split in splits:
                if split.rest is None:
                    part = PartialOutcome(split.task, split.kept, last=True)
                    on_partial(part)
                    yield part
                else:
                    yield from self._ask(chain([split], splits), on_partial)

    def _ask(
        self, splits: Iterator[RoutedTask], on_partial: OnPartial
    ) -> Generator[PartialOutcome]:
        """Run the second scorer until `splits` ends or `_HELD` finished articles wait."""
        held: deque[PartialOutcome] = deque()
        asked: dict[int, RoutedTask] = {}

        def of_the_whole(part: PartialOutcome) -> PartialOutcome:
            return PartialOutcome(asked[id(part.task)].task, part.outcome, last=part.last)

        def arrived(part: PartialOutcome) -> Future[int] | None:
            return on_partial(of_the_whole(part))

        rests = _rests(splits, held, asked, on_partial)
        with closing(partial_outcomes(self.second, rests, on_partial=arrived)) as parts:
            for part in parts:
                yield from _drained(held)
                whole = of_the_whole(part)
                if part.last:
                    del asked[id(part.task)]
                yield whole
        yield from _drained(held)


def _rests(
    splits: Iterator[RoutedTask],
    held: deque[PartialOutcome],
    asked: dict[int, RoutedTask],
    on_partial: OnPartial,
) -> Iterator[Task]:
    for split in splits:
        part = PartialOutcome(split.task, split.kept, last=split.rest is None)
        on_partial(part)
        held.append(part)
        if split.rest is not None:
            asked[id(split.rest)] = split
            yield split.rest
        elif len(held) >= _HELD:
            return


def _drained(held: deque[PartialOutcome]) -> Iterator[PartialOutcome]:
    while held:
        yield held.popleft()
