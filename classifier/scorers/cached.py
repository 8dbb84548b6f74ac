"""A scorer with a store: pairs that are stored are not judged again."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import chain
from threading import Event
from typing import Final, TypeAlias

from classifier.models import Category, Failure, Outcome, Task, Usage, failures_by_reason
from classifier.scorers.base import (
    PartialOutcome,
    Scorer,
    discard_if_tampered,
    is_tampered,
    languages_of,
    merge_outcomes,
)
from classifier.scorers.contained import partial_outcomes
from classifier.store import JudgementRecord, JudgementSet, Store, held_back
from classifier.store.worker import Worker, Written

_HELD: Final = 256
"""Stored outcomes held back, at most, while the wrapped scorer has not answered yet."""
_LOOK_SECONDS: Final = 1.0
"""Between two looks, while there is other work, at what another run has claimed."""
_SHORTEST_WAIT, _LONGEST_WAIT = 0.02, 0.5
"""Between two looks when there is none; the wait grows."""

_Split: TypeAlias = tuple[Outcome, Task | None]
"""The stored outcome of a task, and the task of what is left to judge."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """Pairs that are judged again although they are stored, because they are old."""

    before: float
    """Seconds since the epoch: what was judged earlier is old."""
    pairs: Mapping[str, frozenset[str]]
    """By article digest, category digests; the articles in the order in which they are due."""

    def is_due(self, record: JudgementRecord) -> bool:
        """Whether a stored judgement is one of these; not once it has been renewed."""
        old = record.judged_at < self.before
        return old and record.category in self.pairs.get(record.article, ())


@dataclass(slots=True)
class _InProgress:
    """A task that was passed on to the wrapped scorer."""

    rest: Task
    """Held so that its `id` is not reused."""
    stored: Outcome
    """The judgements that were stored before."""
    outcomes: list[Outcome] = field(default_factory=list)
    """Partial outcomes, as they come."""
    sets: list[Written] = field(default_factory=list)
    """The judgement sets that are stored for them."""
    queued: list[Written] = field(default_factory=list)
    """All that has to be on disk before the outcome is yielded."""
    unbooked: Usage = field(default_factory=Usage)
    """Usage of calls that returned no judgement to store it with."""

    @property
    def distrusted(self) -> bool:
        """Whether one of several partial outcomes detected a prompt injection.

        A single outcome was already dropped by the scorer itself.
        """
        return len(self.outcomes) > 1 and any(map(is_tampered, self.outcomes))

    @property
    def judged(self) -> bool:
        """Whether the whole outcome has a judgement."""
        new = not self.distrusted and any(outcome.judgements for outcome in self.outcomes)
        return new or bool(self.stored.judgements)

    def whole(self) -> Outcome:
        """Wait until all is on disk; return the outcome with what was stored before."""
        for written in self.queued:
            written.result()
        judged = merge_outcomes(self.rest, self.outcomes)
        if self.distrusted:
            judged = discard_if_tampered(judged)
        return merge_outcomes(self.stored.task, [self.stored, judged])


class Cached:
    """A `Scorer` that judges only pairs that are not stored, and stores what it judges.

    Of failures only those are stored that hold an answer back: asking again would be paid again.
    Every judgement is on disk before its outcome is yielded; an `IncrementalScorer`'s as soon as
    its partial outcome comes, whether or not it was asked for. If everything is stored, the wrapped
    scorer is not called: it needs no key and loads no model.

    The store is read when a task is pulled. An article that another run is judging is put off: its
    outcome comes last, with what the other run stored of it.

    Example:
        `Cached(OpenAIScorer(...), Store.open(Path("judgements.db")))`
    """

    def __init__(  # noqa: PLR0913 - all but two by name
        self,
        scorer: Scorer,
        store: Store,
        *,
        run: int | None = None,
        booked: bool = True,
        kept: bool = True,
        stop: Event | None = None,
        renewal: Renewal | None = None,
    ) -> None:
        """Wrap a scorer.

        Args:
            scorer: The scorer to ask for pairs that are not stored.
            store: Where judgements are read and written.
            run: Number of the run that new judgements belong to.
            booked: Whether usage is stored with the judgements, rather than by the caller.
            kept: Whether new judgements are stored; if not, the store is only read.
            stop: Once set, articles that another run is judging are not waited for.
            renewal: Pairs that are judged again although they are stored.
        """
        self._scorer = scorer
        self._store = store
        self._run = run
        self._booked = booked
        self._kept = kept
        self._stop = stop
        self._renewal = renewal

    @property
    def identity(self) -> str:
        return self._scorer.identity

    @property
    def languages(self) -> frozenset[str] | None:
        return languages_of(self._scorer)

    def score(self, tasks: Iterable[Task]) -> Generator[Outcome]:
        with closing(_Session(self)) as session:
            while True:
                pending = session.pending(tasks)
                for stored, rest in pending:
                    if rest is None:
                        yield stored
                    else:
                        yield from session.judge(chain([(stored, rest)], pending))
                tasks = session.wait()
                if not tasks:
                    return

    def left(self, task: Task) -> Task | None:
        """Return the task of the categories that are not stored; None if there are none."""
        return self._split(task)[1]

    def _split(self, task: Task) -> _Split:
        digests = [category.digest for category in task.categories]
        records = self._store.load(self.identity, task.article.digest, digests)
        if self._renewal:
            due = self._renewal.is_due
            records = {name: it for name, it in records.items() if not due(it)}
        # The same definition may have been judged under another id.
        judgements = tuple(
            replace(records[category.digest].judgement, category=category.id)
            for category in task.categories
            if category.digest in records
        )
        model = next((record.model for record in records.values()), "")
        left = tuple(c for c in task.categories if c.digest not in records)
        held = self._held(task.article.digest, left) if left else {}
        known = Outcome(
            task=task,
            judgements=judgements,
            failures=failures_by_reason(held),
            model=model,
            stored=len(judgements),
        )
        left = tuple(c for c in left if c.id not in held)
        return known, task.only(left) if left else None

    def _held(self, article: str, categories: Iterable[Category]) -> dict[str, Failure]:
        """Return why categories are held back, by their id."""
        held = self._store.held(self.identity, [article]).get(article, {})
        return {c.id: held[c.digest] for c in categories if c.digest in held}


class _Session:
    """One call of `Cached.score`."""

    def __init__(self, cached: Cached) -> None:
        self._cached = cached
        self._worker: Worker | None = None
        self._known: deque[Outcome] = deque()
        """Stored outcomes that wait to be yielded."""
        self._in_progress: dict[int, _InProgress] = {}
        """By the `id` of the task that was passed on."""
        self._put_off: list[Task] = []
        """Tasks whose article another run has claimed."""
        self._next_look = 0.0

    def close(self) -> None:
        if self._worker:
            self._worker.close()

    # --- what to judge ---------------------------------------------------------------------------

    def pending(self, tasks: Iterable[Task]) -> Iterator[_Split]:
        """Yield what is stored of each task and what is left, which is claimed by then.

        Tasks that another run has claimed are put off.
        """
        for task in tasks:
            for each in (*self._looked(), task):
                if split := self._claimed(each):
                    yield split
                else:
                    self._put_off.append(each)

    def wait(self) -> list[Task]:
        """Return tasks that were put off and are free now; none if there are none, or to stop."""
        stop, seconds = self._cached._stop or Event(), _SHORTEST_WAIT
        while self._put_off and not stop.is_set():
            if free := self._free():
                return free
            stop.wait(seconds)
            seconds = min(2 * seconds, _LONGEST_WAIT)
        return []

    def _looked(self) -> list[Task]:
        """Look, but not too often, for tasks that were put off and are free now."""
        if not self._put_off or time.monotonic() < self._next_look:
            return []
        return self._free()

    def _free(self) -> list[Task]:
        assert self._worker
        taken = self._worker.taken({task.article.digest for task in self._put_off})
        free = [task for task in self._put_off if task.article.digest not in taken]
        self._put_off = [task for task in self._put_off if task.article.digest in taken]
        self._next_look = time.monotonic() + _LOOK_SECONDS
        return free

    def _claimed(self, task: Task) -> _Split | None:
        split = self._cached._split(task)
        if split[1] is None or not self._cached._kept:
            return split
        if self._worker is None:
            self._worker = self._cached._store.worker(self._cached.identity)
        article = task.article.digest
        if not self._worker.claim(article):
            return None
        split = self._cached._split(task)  # another run may just have been done with it
        if split[1] is None:
            self._worker.release(article)
        return split

    # --- judging ---------------------------------------------------------------------------------

    def judge(self, pending: Iterator[_Split]) -> Generator[Outcome]:
        """Judge until `pending` ends or `_HELD` stored outcomes wait to be yielded."""
        rests = self._rests(pending)
        scorer = self._cached._scorer
        with closing(partial_outcomes(scorer, rests, on_partial=self._arrived)) as parts:
            for part in parts:
                yield from self._drained()
                if part.last:
                    yield self._in_progress.pop(id(part.task)).whole()
        yield from self._drained()

    def _rests(self, pending: Iterator[_Split]) -> Iterator[Task]:
        for stored, rest in pending:
            if rest is not None:
                self._in_progress[id(rest)] = _InProgress(rest, stored)
                yield rest
                continue
            self._known.append(stored)
            if len(self._known) >= _HELD:
                return

    def _drained(self) -> Iterator[Outcome]:
        while self._known:
            yield self._known.popleft()

    # --- storing ---------------------------------------------------------------------------------

    def _arrived(self, part: PartialOutcome) -> Written | None:
        """Queue a partial outcome to be stored, in the thread it comes in."""
        progress = self._in_progress[id(part.task)]
        progress.outcomes.append(part.outcome)
        progress.unbooked += part.outcome.usage
        if self._worker is None:
            return None
        if progress.distrusted:
            progress.queued.append(self._worker.withdraw(progress.sets))
            progress.unbooked = sum((outcome.usage for outcome in progress.outcomes), Usage())
        elif part.outcome.judgements:
            self._record(part.outcome, progress, self._worker)
        self._hold(part.outcome, progress, self._worker)
        if part.last:
            if progress.judged and progress.unbooked.calls and self._cached._booked:
                # With judgements the usage is stored with them, not with the failures.
                self._record(Outcome(task=progress.rest), progress, self._worker)
            progress.queued.append(self._worker.release(progress.rest.article.digest))
        return progress.queued[-1] if progress.queued else None

    def _hold(self, outcome: Outcome, progress: _InProgress, worker: Worker) -> None:
        if progress.distrusted:
            outcome = discard_if_tampered(merge_outcomes(progress.rest, progress.outcomes))
        rows = held_back(
            outcome.failures,
            scorer=self._cached.identity,
            article=progress.rest.article.digest,
            digests={category.id: category.digest for category in progress.rest.categories},
        )
        if rows:
            progress.queued.append(worker.hold(rows))

    def _record(self, outcome: Outcome, progress: _InProgress, worker: Worker) -> None:
        # Not those of the outcome's task: a cascade asks its second scorer about plain definitions.
        digests = {category.id: category.digest for category in progress.rest.categories}
        booked = self._cached._booked
        sheet = JudgementSet(
            scorer=self._cached.identity,
            article=outcome.task.article.digest,
            judgements={digests[j.category]: j for j in outcome.judgements},
            judged_at=time.time(),
            model=outcome.model,
            usage=progress.unbooked if booked else Usage(),
            run=self._cached._run,
        )
        written = worker.add(sheet)
        progress.sets.append(written)
        progress.queued.append(written)
        progress.unbooked = Usage()
