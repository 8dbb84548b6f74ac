"""Two scorers in a row: the second is asked only about what the first does not settle."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from typing import Final

from classifier.models import Outcome, Task, digest
from classifier.scorers.base import (
    PartialOutcome,
    Scorer,
    discard_if_tampered,
    merge_partial,
    partial_outcomes,
)
from classifier.scorers.cascade.deferral import DeferralPolicy, Route

_HELD: Final = 256
"""Articles that are settled and wait, at most, for the second scorer to say something."""


@dataclass(frozen=True, slots=True)
class Split:
    """What the first scorer makes of a task."""

    task: Task
    settled: Outcome
    """Of the categories that need no second opinion."""
    rest: Task | None
    """What the second is to judge."""


class Cascade:
    """Satisfies `Scorer` and `IncrementalScorer`. A settled pair keeps the judgement of the first.

    What the first could not judge, the second is asked about. Where an article has talked the
    second into something, what the first has settled is dropped with all else.
    """

    def __init__(self, first: Scorer, second: Scorer, deferral: DeferralPolicy) -> None:
        self.first = first
        self.second = second
        self.deferral = deferral

    @property
    def identity(self) -> str:
        """Judgements in its outcomes name the scorer that made them."""
        model = self.second.identity.partition(":")[2].rpartition(":")[0]
        both = digest(self.first.identity, self.second.identity, self.deferral.digest)
        return f"cascade:{model}:{both}"

    def score(self, tasks: Iterable[Task]) -> Generator[Outcome]:
        with closing(self.score_partial(tasks)) as parts:
            yield from map(discard_if_tampered, merge_partial(parts))

    def score_partial(self, tasks: Iterable[Task]) -> Generator[PartialOutcome]:
        with closing(self.split(tasks)) as splits:
            for split in splits:
                if split.rest is None:
                    yield PartialOutcome(split.task, split.settled, last=True)
                else:
                    yield from self._ask(chain([split], splits))

    def split(self, tasks: Iterable[Task]) -> Generator[Split]:
        """Have the first scorer judge, and the second not."""
        with closing(partial_outcomes(self.first, tasks)) as parts:
            yield from map(self._split, merge_partial(parts))

    def _split(self, outcome: Outcome) -> Split:
        task = outcome.task
        categories = {category.id: category for category in task.categories}
        judged = [(categories[j.category], j.confidence) for j in outcome.judgements]
        routes = self.deferral.routes(task.article.digest, judged)
        settled = {name for name, fate in routes.items() if fate is Route.KEEP}
        kept = Outcome(
            task=Task(task.article, tuple(c for c in task.categories if c.id in settled)),
            judgements=tuple(j for j in outcome.judgements if j.category in settled),
            usage=outcome.usage,
            notes=outcome.notes,
        )
        rest = tuple(c for c in task.categories if c.id not in settled)
        return Split(task, kept, Task(task.article, rest) if rest else None)

    def _ask(self, splits: Iterator[Split]) -> Generator[PartialOutcome]:
        """Ask until `splits` end, or so many settled ones are held that they have to go out."""
        held: deque[PartialOutcome] = deque()
        asked: dict[int, Split] = {}
        with closing(partial_outcomes(self.second, _rests(splits, held, asked))) as parts:
            for part in parts:
                yield from _drained(held)
                split = asked[id(part.task)]
                if part.last:
                    del asked[id(part.task)]
                yield PartialOutcome(split.task, part.outcome, last=part.last)
        yield from _drained(held)


def _rests(
    splits: Iterator[Split], held: deque[PartialOutcome], asked: dict[int, Split]
) -> Iterator[Task]:
    for split in splits:
        held.append(PartialOutcome(split.task, split.settled, last=split.rest is None))
        if split.rest is not None:
            asked[id(split.rest)] = split
            yield split.rest
        elif len(held) >= _HELD:
            return


def _drained(held: deque[PartialOutcome]) -> Iterator[PartialOutcome]:
    while held:
        yield held.popleft()
