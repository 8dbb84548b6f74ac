"""A cascade of two scorers: the second judges only the pairs that the policy defers to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

from classifier.models import Outcome, Task, digest
from classifier.scorers.base import (
    OnPartial,
    PartialOutcome,
    Scorer,
    discard_if_tampered,
    ignore,
    merge_partial,
)
from classifier.scorers.contained import partial_outcomes

if TYPE_CHECKING:
    from classifier.scorers.cascade.deferral import DeferralPolicy

_HELD: Final = 256
"""Finished articles held back, at most, while the second scorer has not answered yet."""


@dataclass(frozen=True, slots=True)
class Split:
    """A task after the first scorer: judgements to keep, and the rest to defer."""

    task: Task
    kept: Outcome
    """The first scorer's judgements that stand."""
    rest: Task | None
    """The categories deferred to the second scorer; None if there are none."""


class Cascade:
    """A `Scorer` and `IncrementalScorer` that routes each pair by a `DeferralPolicy`.

    A pair that is kept has the first scorer's judgement. Pairs the first scorer could not judge are
    deferred. If the second scorer detects a prompt injection, all judgements of the article are
    dropped, the first scorer's too.
    """

    def __init__(self, first: Scorer, second: Scorer, deferral: DeferralPolicy) -> None:
        self.first = first
        self.second = second
        self.deferral = deferral

    @property
    def identity(self) -> str:
        """Covers both scorers and the policy; judgements name the scorer that made them."""
        model = self.second.identity.partition(":")[2].rpartition(":")[0]
        both = digest(self.first.identity, self.second.identity, self.deferral.digest)
        return f"cascade:{model}:{both}"

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

    def split(self, tasks: Iterable[Task]) -> Generator[Split]:
        """Run the first scorer alone and say what would be deferred."""
        with closing(partial_outcomes(self.first, tasks)) as parts:
            yield from map(self._split, merge_partial(parts))

    def _split(self, outcome: Outcome) -> Split:
        from classifier.scorers.cascade.deferral import Route

        task = outcome.task
        categories = {category.id: category for category in task.categories}
        judged = [(categories[j.category], j.confidence) for j in outcome.judgements]
        routes = self.deferral.routes(task.article.digest, judged)
        keep = {name for name, route in routes.items() if route is Route.KEEP}
        kept = Outcome(
            task=Task(task.article, tuple(c for c in task.categories if c.id in keep)),
            judgements=tuple(j for j in outcome.judgements if j.category in keep),
            usage=outcome.usage,
            notes=outcome.notes,
        )
        # What the first scorer has learned must not make answers of the second stale.
        rest = tuple(c.uncorrected for c in task.categories if c.id not in keep)
        return Split(task, kept, Task(task.article, rest) if rest else None)

    def _ask(self, splits: Iterator[Split], on_partial: OnPartial) -> Generator[PartialOutcome]:
        """Run the second scorer until `splits` ends or `_HELD` finished articles wait."""
        held: deque[PartialOutcome] = deque()
        asked: dict[int, Split] = {}

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
    splits: Iterator[Split],
    held: deque[PartialOutcome],
    asked: dict[int, Split],
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
