"""Two scorers in a row: the second is asked only about what the first does not settle."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from typing import Final

from classifier.models import Outcome, Task, digest
from classifier.scorers.base import Part, Scorer, in_parts, trusted, wholes
from classifier.scorers.cascade.deferral import Cut, Fate

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
    """Satisfies `Scorer` and `Piecewise`. A settled pair keeps the judgement of the first.

    What the first could not judge, the second is asked about. Where an article has talked the
    second into something, what the first has settled is dropped with all else.
    """

    def __init__(self, first: Scorer, second: Scorer, cut: Cut) -> None:
        self.first = first
        self.second = second
        self.cut = cut

    @property
    def identity(self) -> str:
        """Judgements in its outcomes name the scorer that made them."""
        model = self.second.identity.partition(":")[2].rpartition(":")[0]
        both = digest(self.first.identity, self.second.identity, self.cut.digest)
        return f"cascade:{model}:{both}"

    def score(self, tasks: Iterable[Task]) -> Generator[Outcome]:
        with closing(self.score_parts(tasks)) as parts:
            yield from map(trusted, wholes(parts))

    def score_parts(self, tasks: Iterable[Task]) -> Generator[Part]:
        with closing(self.split(tasks)) as splits:
            for split in splits:
                if split.rest is None:
                    yield Part(split.task, split.settled, last=True)
                else:
                    yield from self._ask(chain([split], splits))

    def split(self, tasks: Iterable[Task]) -> Generator[Split]:
        """Have the first scorer judge, and the second not."""
        with closing(in_parts(self.first, tasks)) as parts:
            yield from map(self._split, wholes(parts))

    def _split(self, outcome: Outcome) -> Split:
        task = outcome.task
        categories = {category.id: category for category in task.categories}
        judged = [(categories[j.category], j.confidence) for j in outcome.judgements]
        fates = self.cut.fates(task.article.digest, judged)
        settled = {name for name, fate in fates.items() if fate is Fate.SETTLED}
        kept = Outcome(
            task=Task(task.article, tuple(c for c in task.categories if c.id in settled)),
            judgements=tuple(j for j in outcome.judgements if j.category in settled),
            usage=outcome.usage,
            notes=outcome.notes,
        )
        rest = tuple(c for c in task.categories if c.id not in settled)
        return Split(task, kept, Task(task.article, rest) if rest else None)

    def _ask(self, splits: Iterator[Split]) -> Generator[Part]:
        """Ask until `splits` end, or so many settled ones are held that they have to go out."""
        held: deque[Part] = deque()
        asked: dict[int, Split] = {}
        with closing(in_parts(self.second, _rests(splits, held, asked))) as parts:
            for part in parts:
                yield from _drained(held)
                split = asked[id(part.task)]
                if part.last:
                    del asked[id(part.task)]
                yield Part(split.task, part.outcome, last=part.last)
        yield from _drained(held)


def _rests(splits: Iterator[Split], held: deque[Part], asked: dict[int, Split]) -> Iterator[Task]:
    for split in splits:
        held.append(Part(split.task, split.settled, last=split.rest is None))
        if split.rest is not None:
            asked[id(split.rest)] = split
            yield split.rest
        elif len(held) >= _HELD:
            return


def _drained(held: deque[Part]) -> Iterator[Part]:
    while held:
        yield held.popleft()
