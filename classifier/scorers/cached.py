"""A scorer with a store: pairs that are stored are not judged again."""

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
"""Stored outcomes held back, at most, while the wrapped scorer has not answered yet."""

_Split: TypeAlias = tuple[Outcome, Task | None]
"""The stored outcome of a task, and the task of what is left to judge."""


@dataclass(slots=True)
class _InProgress:
    """A task that was passed on to the wrapped scorer."""

    rest: Task
    """Held so that its `id` is not reused."""
    stored: Outcome
    """The judgements that were stored before."""
    outcomes: list[Outcome] = field(default_factory=list)
    """Partial outcomes, as they come."""
    sets: list[int] = field(default_factory=list)
    """Numbers of the judgement sets that were stored for them."""
    unbooked: Usage = field(default_factory=Usage)
    """Usage of calls that returned no judgement to store it with."""

    @property
    def distrusted(self) -> bool:
        """Whether one of several partial outcomes detected a prompt injection.

        A single outcome was already dropped by the scorer itself.
        """
        return len(self.outcomes) > 1 and any(map(is_tampered, self.outcomes))


@dataclass(frozen=True, slots=True)
class _Waiting:
    known: deque[Outcome] = field(default_factory=deque)
    in_progress: dict[int, _InProgress] = field(default_factory=dict)
    """By the `id` of the task that was passed on."""

    def drained(self) -> Iterator[Outcome]:
        while self.known:
            yield self.known.popleft()


class Cached:
    """A `Scorer` that judges only pairs that are not stored, and stores what it judges.

    Failures are not stored. Every judgement is on disk before its outcome is yielded; an
    `IncrementalScorer`'s as soon as its partial outcome comes. The store is read when a task is
    pulled, so two runs at the same time see each other's finished work. If everything is stored,
    the wrapped scorer is not called: it needs no key and loads no model.

    Example:
        `Cached(OpenAIScorer(...), Store.open(Path("judgements.db")))`
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
        """Wrap a scorer.

        Args:
            scorer: The scorer to ask for pairs that are not stored.
            store: Where judgements are read and written.
            run: Number of the run that new judgements belong to.
            booked: Whether usage is stored with the judgements, rather than by the caller.
            kept: Whether new judgements are stored; if not, the store is only read.
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
        for stored, rest in pending:
            if rest is None:
                yield stored
            else:
                yield from self._judge(chain([(stored, rest)], pending))

    def _judge(self, pending: Iterator[_Split]) -> Generator[Outcome]:
        """Judge until `pending` ends or `_HELD` stored outcomes wait to be yielded."""
        waiting = _Waiting()
        with closing(partial_outcomes(self._scorer, _left(pending, waiting))) as parts:
            for part in parts:
                yield from waiting.drained()
                progress = waiting.in_progress[id(part.task)]
                self._keep(part, progress)
                if part.last:
                    del waiting.in_progress[id(part.task)]
                    yield self._finish(progress)
        yield from waiting.drained()

    def _keep(self, part: PartialOutcome, progress: _InProgress) -> None:
        progress.outcomes.append(part.outcome)
        progress.unbooked += part.outcome.usage
        if progress.distrusted:
            self._store.withdraw(progress.sets)
            progress.unbooked = sum((outcome.usage for outcome in progress.outcomes), Usage())
        elif part.outcome.judgements and self._kept:
            self._record(part.outcome, progress)

    def _finish(self, progress: _InProgress) -> Outcome:
        judged = merge_outcomes(progress.rest, progress.outcomes)
        if progress.distrusted:
            judged = discard_if_tampered(judged)
        whole = merge_outcomes(progress.stored.task, [progress.stored, judged])
        if whole.judgements and progress.unbooked.calls and self._booked and self._kept:
            # With judgements the usage is stored with them; it is not looked for among failures.
            self._record(Outcome(task=progress.rest), progress)
        return whole

    def left(self, task: Task) -> Task | None:
        """Return the task of the categories that are not stored; None if there are none."""
        return self._split(task)[1]

    def _split(self, task: Task) -> _Split:
        digests = [category.digest for category in task.categories]
        records = self._store.load(self.identity, task.article.digest, digests)
        # The same definition may have been judged under another id.
        judgements = tuple(
            replace(records[category.digest].judgement, category=category.id)
            for category in task.categories
            if category.digest in records
        )
        model = next((record.model for record in records.values()), "")
        left = tuple(c for c in task.categories if c.digest not in records)
        known = Outcome(task=task, judgements=judgements, model=model, stored=len(judgements))
        return known, Task(task.article, left) if left else None

    def _record(self, outcome: Outcome, progress: _InProgress) -> None:
        digests = {category.id: category.digest for category in outcome.task.categories}
        sheet = JudgementSet(
            scorer=self.identity,
            article=outcome.task.article.digest,
            judgements={digests[j.category]: j for j in outcome.judgements},
            judged_at=time.time(),
            model=outcome.model,
            usage=progress.unbooked if self._booked else Usage(),
            run=self._run,
        )
        progress.sets += self._store.add(sheet)
        progress.unbooked = Usage()


def _left(pending: Iterator[_Split], waiting: _Waiting) -> Iterator[Task]:
    for stored, rest in pending:
        if rest is not None:
            waiting.in_progress[id(rest)] = _InProgress(rest, stored)
            yield rest
            continue
        waiting.known.append(stored)
        if len(waiting.known) >= _HELD:
            return
