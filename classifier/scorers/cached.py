"""A scorer that asks another only for what is not on record, and records what it answers."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace

from classifier.models import Outcome, Task
from classifier.scorers.base import Scorer
from classifier.store import Sheet, Store


class Cached:
    """Satisfies `Scorer`. A pair on record is not judged again; failures are not recorded.

    Every judgement is on disk before its outcome is yielded. Records are looked up when a task is
    pulled, so that two runs at the same time see each other's finished work.
    """

    def __init__(self, scorer: Scorer, store: Store, *, run: int | None = None) -> None:
        self._scorer = scorer
        self._store = store
        self._run = run

    @property
    def identity(self) -> str:
        return self._scorer.identity

    def score(self, tasks: Iterable[Task]) -> Generator[Outcome]:
        known: deque[Outcome] = deque()
        partly: dict[int, tuple[Outcome, Task]] = {}
        outcomes = self._scorer.score(self._left(tasks, known, partly))
        with closing(_generator(outcomes)) as judged:
            for outcome in judged:
                yield from _drained(known)
                self._record(outcome)
                before, _ = partly.pop(id(outcome.task))
                yield _together(before, outcome)
        yield from _drained(known)

    def _left(
        self,
        tasks: Iterable[Task],
        known: deque[Outcome],
        partly: dict[int, tuple[Outcome, Task]],
    ) -> Iterator[Task]:
        """Yield what is left to judge of each task; `partly` has the rest, by the task's `id`."""
        for task in tasks:
            before = self._on_record(task)
            judged = {judgement.category for judgement in before.judgements}
            left = tuple(c for c in task.categories if c.id not in judged)
            if left:
                rest = Task(task.article, left)
                partly[id(rest)] = before, rest  # holds it, so that no other gets its id
                yield rest
            else:
                known.append(before)

    def _on_record(self, task: Task) -> Outcome:
        digests = [category.digest for category in task.categories]
        found = self._store.load(self.identity, task.article.digest, digests)
        # A record may have been made of the same definition under another id.
        judgements = (
            replace(found[category.digest].judgement, category=category.id)
            for category in task.categories
            if category.digest in found
        )
        model = next((record.model for record in found.values()), "")
        return Outcome(task=task, judgements=tuple(judgements), model=model)

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


def _together(before: Outcome, after: Outcome) -> Outcome:
    judged = {j.category: j for j in (*before.judgements, *after.judgements)}
    return replace(
        after,
        task=before.task,
        judgements=tuple(judged[c.id] for c in before.task.categories if c.id in judged),
        model=after.model or before.model,
    )


def _generator(outcomes: Iterator[Outcome]) -> Generator[Outcome]:
    """Make an iterator closable: closing a generator also closes what it yields from."""
    yield from outcomes


def _drained(outcomes: deque[Outcome]) -> Iterator[Outcome]:
    while outcomes:
        yield outcomes.popleft()
