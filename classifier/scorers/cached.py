"""A scorer that asks another only for what is not on record, and records what it answers."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final, TypeAlias

from classifier.models import Outcome, Task, Usage
from classifier.scorers.base import (
    PartialOutcome,
    Scorer,
    discard_if_tampered,
    is_tampered,
    merge_outcomes,
    partial_outcomes,
)
from classifier.store import JudgementSet, Store

_HELD: Final = 256
"""Articles on record that wait, at most, for the other scorer to say something."""

_Split: TypeAlias = tuple[Outcome, Task | None]
"""What is on record of a task, and what is left to judge of it."""


@dataclass(slots=True)
class _Partly:
    """A task that was passed on."""

    rest: Task
    """Kept so that no other gets its `id`."""
    before: Outcome
    """What was on record."""
    came: list[Outcome] = field(default_factory=list)
    sheets: list[int] = field(default_factory=list)
    """Where what came is stored."""
    unbooked: Usage = field(default_factory=Usage)
    """Of calls that brought no judgement to store it with."""

    @property
    def distrusted(self) -> bool:
        """Of a single outcome, it was the scorer that knew what to drop."""
        return len(self.came) > 1 and any(is_tampered(outcome) for outcome in self.came)


@dataclass(frozen=True, slots=True)
class _Waiting:
    known: deque[Outcome] = field(default_factory=deque)
    partly: dict[int, _Partly] = field(default_factory=dict)
    """By the `id` of the task that was passed on."""

    def drained(self) -> Iterator[Outcome]:
        while self.known:
            yield self.known.popleft()


class Cached:
    """Satisfies `Scorer`. A pair on record is not judged again; failures are not recorded.

    Every judgement is on disk before its outcome is yielded: of a scorer that gives its answers in
    parts, as soon as its part is there. Records are looked up when a task is pulled, so that two
    runs at the same time see each other's finished work. The other scorer is not called, and so
    needs no key and loads no model, where everything is on record.
    """

    def __init__(
        self,
        scorer: Scorer,
        store: Store,
        *,
        run: int | None = None,
        booked: bool = True,
        kept: bool = True,
    ) -> None:
        """`booked`: whether what it costs is kept with these records, and not with a caller's.

        `kept`: whether there are to be any, or only those of before are looked up.
        """
        self._scorer = scorer
        self._store = store
        self._run = run
        self._booked = booked
        self._kept = kept

    @property
    def identity(self) -> str:
        return self._scorer.identity

    def score(self, tasks: Iterable[Task]) -> Generator[Outcome]:
        pending = map(self._split, tasks)
        for before, rest in pending:
            if rest is None:
                yield before
            else:
                yield from self._judge(chain([(before, rest)], pending))

    def _judge(self, pending: Iterator[_Split]) -> Generator[Outcome]:
        """Judge until `pending` ends, or so many are held that they have to go out first."""
        waiting = _Waiting()
        with closing(partial_outcomes(self._scorer, _left(pending, waiting))) as parts:
            for part in parts:
                yield from waiting.drained()
                partly = waiting.partly[id(part.task)]
                self._keep(part, partly)
                if part.last:
                    del waiting.partly[id(part.task)]
                    yield self._finish(partly)
        yield from waiting.drained()

    def _keep(self, part: PartialOutcome, partly: _Partly) -> None:
        partly.came.append(part.outcome)
        partly.unbooked += part.outcome.usage
        if partly.distrusted:
            self._store.withdraw(partly.sheets)
            partly.unbooked = sum((outcome.usage for outcome in partly.came), Usage())
        elif part.outcome.judgements and self._kept:
            self._record(part.outcome, partly)

    def _finish(self, partly: _Partly) -> Outcome:
        after = merge_outcomes(partly.rest, partly.came)
        if partly.distrusted:
            after = discard_if_tampered(after)
        whole = merge_outcomes(partly.before.task, [partly.before, after])
        if whole.judgements and partly.unbooked.calls and self._booked and self._kept:
            # Where there are judgements, nobody looks for what was paid among the failures.
            self._record(Outcome(task=partly.rest), partly)
        return whole

    def left(self, task: Task) -> Task | None:
        """Return what is not on record of a task."""
        return self._split(task)[1]

    def _split(self, task: Task) -> _Split:
        digests = [category.digest for category in task.categories]
        found = self._store.load(self.identity, task.article.digest, digests)
        # A record may have been made of the same definition under another id.
        judgements = tuple(
            replace(found[category.digest].judgement, category=category.id)
            for category in task.categories
            if category.digest in found
        )
        model = next((record.model for record in found.values()), "")
        left = tuple(c for c in task.categories if c.digest not in found)
        known = Outcome(task=task, judgements=judgements, model=model, stored=len(judgements))
        return known, Task(task.article, left) if left else None

    def _record(self, outcome: Outcome, partly: _Partly) -> None:
        digests = {category.id: category.digest for category in outcome.task.categories}
        sheet = JudgementSet(
            scorer=self.identity,
            article=outcome.task.article.digest,
            judgements={digests[j.category]: j for j in outcome.judgements},
            judged_at=time.time(),
            model=outcome.model,
            usage=partly.unbooked if self._booked else Usage(),
            run=self._run,
        )
        partly.sheets += self._store.add(sheet)
        partly.unbooked = Usage()


def _left(pending: Iterator[_Split], waiting: _Waiting) -> Iterator[Task]:
    for before, rest in pending:
        if rest is not None:
            waiting.partly[id(rest)] = _Partly(rest, before)
            yield rest
            continue
        waiting.known.append(before)
        if len(waiting.known) >= _HELD:
            return
