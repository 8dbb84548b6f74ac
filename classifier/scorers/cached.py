"""A scorer that asks another only for what is not on record, and records what it answers."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final, TypeAlias

from classifier.models import Outcome, Task
from classifier.scorers.base import Scorer
from classifier.store import Sheet, Store

_HELD: Final = 256
"""Articles on record that wait, at most, for the other scorer to say something."""

_Split: TypeAlias = tuple[Outcome, Task | None]
"""What is on record of a task, and what is left to judge of it."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    known: deque[Outcome] = field(default_factory=deque)
    partly: dict[int, _Split] = field(default_factory=dict)
    """By the `id` of the task that was passed on; it is in there, so that no other gets its id."""

    def drained(self) -> Iterator[Outcome]:
        while self.known:
            yield self.known.popleft()


class Cached:
    """Satisfies `Scorer`. A pair on record is not judged again; failures are not recorded.

    Every judgement is on disk before its outcome is yielded. Records are looked up when a task is
    pulled, so that two runs at the same time see each other's finished work. The other scorer is
    not called, and so needs no key and loads no model, where everything is on record.
    """

    def __init__(self, scorer: Scorer, store: Store, *, run: int | None = None) -> None:
        self._scorer = scorer
        self._store = store
        self._run = run

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
        outcomes = self._scorer.score(_left(pending, waiting))
        with closing(_generator(outcomes)) as judged:
            for outcome in judged:
                yield from waiting.drained()
                self._record(outcome)
                before, _ = waiting.partly.pop(id(outcome.task))
                yield _together(before, outcome)
        yield from waiting.drained()

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
        known = Outcome(task=task, judgements=judgements, model=model, on_record=len(judgements))
        return known, Task(task.article, left) if left else None

    def _record(self, outcome: Outcome) -> None:
        if outcome.judgements:
            digests = {category.id: category.digest for category in outcome.task.categories}
            sheet = Sheet(
                scorer=self.identity,
                article=outcome.task.article.digest,
                judgements={digests[j.category]: j for j in outcome.judgements},
                judged_at=time.time(),
                model=outcome.model,
                usage=outcome.usage,
                run=self._run,
            )
            self._store.add(sheet)


def _left(pending: Iterator[_Split], waiting: _Waiting) -> Iterator[Task]:
    for before, rest in pending:
        if rest is not None:
            waiting.partly[id(rest)] = before, rest
            yield rest
            continue
        waiting.known.append(before)
        if len(waiting.known) >= _HELD:
            return


def _together(before: Outcome, after: Outcome) -> Outcome:
    judged = {j.category: j for j in (*before.judgements, *after.judgements)}
    return replace(
        after,
        task=before.task,
        judgements=tuple(judged[c.id] for c in before.task.categories if c.id in judged),
        model=after.model or before.model,
        on_record=before.on_record,
    )


def _generator(outcomes: Iterator[Outcome]) -> Generator[Outcome]:
    """Make an iterator closable: closing a generator also closes what it yields from."""
    yield from outcomes
