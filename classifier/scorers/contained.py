"""Ask a scorer so that its unexpected errors are failures of single articles."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass

from classifier import unexpected
from classifier.models import Outcome, Task
from classifier.scorers.base import (
    IncrementalScorer,
    OnPartial,
    PartialOutcome,
    Scorer,
    ignore,
    merge_partial,
)


def whole_outcomes(scorer: Scorer, tasks: Iterable[Task]) -> Generator[Outcome]:
    """Yield what `scorer.score` yields; otherwise as `partial_outcomes`."""
    with closing(partial_outcomes(_Whole(scorer), tasks)) as parts:
        for part in parts:
            yield part.outcome


def partial_outcomes(
    scorer: Scorer, tasks: Iterable[Task], *, on_partial: OnPartial = ignore
) -> Generator[PartialOutcome]:
    """Yield partial outcomes as the scorer has them; most scorers have whole ones only.

    Where the scorer raises an unexpected error, each task that it had begun is judged alone, and
    those that raise one again have a failure. Closing this generator closes the scorer's.

    Raises:
        ClassifierError: The run cannot go on.
    """
    asked = _Asked(tasks, on_partial)
    while True:
        try:
            with closing(_asked(scorer, asked, asked.arrived)) as parts:
                for part in parts:
                    asked.handed_over(part)
                    yield part
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001 - raised again where it is of the run
            if asked.outside is not None or not asked.open:
                unexpected.let_it_end_the_run(error)
            unexpected.failure(error, article="")  # raises it where CLASSIFY_DEBUG is set
        else:
            return
        yield from asked.waiting()
        for task in asked.left():
            part = _alone(scorer, task, asked.judged(task))
            asked.arrived(part)
            asked.handed_over(part)
            yield part


@dataclass(frozen=True, slots=True)
class _Whole:
    """A scorer without its partial outcomes."""

    scorer: Scorer

    @property
    def identity(self) -> str:
        return self.scorer.identity

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        return self.scorer.score(tasks)


class _Asked:
    """The tasks as a scorer pulls them, and what it has not answered yet."""

    def __init__(self, tasks: Iterable[Task], on_partial: OnPartial) -> None:
        self._tasks = iter(tasks)
        self._on_partial = on_partial
        self.open: dict[int, Task] = {}
        """Tasks whose last partial outcome has not arrived, by `id`."""
        self.outside: BaseException | None = None
        """An error of those who give the tasks or take the outcomes: not the scorer's."""
        self._judged: dict[int, set[str]] = {}
        """Ids of the categories in partial outcomes of open tasks."""
        self._waiting: dict[int, PartialOutcome] = {}
        """What has arrived and was not yielded."""

    def __iter__(self) -> Iterator[Task]:
        return self

    def __next__(self) -> Task:
        try:
            task = next(self._tasks)
        except StopIteration:
            raise
        except BaseException as error:
            self.outside = error
            raise
        self.open[id(task)] = task
        return task

    def arrived(self, part: PartialOutcome) -> Future[int] | None:
        try:
            stored = self._on_partial(part)
        except BaseException as error:
            self.outside = error
            raise
        self._waiting[id(part)] = part
        ids = {category.id for category in part.outcome.task.categories}
        self._judged.setdefault(id(part.task), set()).update(ids)
        if part.last:
            self.open.pop(id(part.task), None)
            self._judged.pop(id(part.task), None)
        return stored

    def handed_over(self, part: PartialOutcome) -> None:
        self._waiting.pop(id(part), None)

    def waiting(self) -> Iterator[PartialOutcome]:
        while self._waiting:
            yield self._waiting.pop(next(iter(self._waiting)))

    def left(self) -> list[Task]:
        return list(self.open.values())

    def judged(self, task: Task) -> set[str]:
        return self._judged.get(id(task), set())


def _asked(
    scorer: Scorer, tasks: Iterable[Task], on_partial: OnPartial
) -> Generator[PartialOutcome]:
    if isinstance(scorer, IncrementalScorer):
        yield from scorer.score_partial(tasks, on_partial=on_partial)
        return
    outcomes = scorer.score(tasks)
    try:
        for outcome in outcomes:
            part = PartialOutcome(outcome.task, outcome, last=True)
            on_partial(part)
            yield part
    finally:
        if isinstance(outcomes, Generator):
            outcomes.close()


def _alone(scorer: Scorer, task: Task, judged: set[str]) -> PartialOutcome:
    """Judge one task; what raises again, or is judged in part already, is a failure."""
    rest = task.only(tuple(c for c in task.categories if c.id not in judged))
    ids = tuple(category.id for category in rest.categories)

    def judge() -> Outcome:
        if judged:
            raise RuntimeError("the scorer gave up in the middle of an article")
        with closing(_asked(scorer, [task], ignore)) as parts:
            return next(merge_partial(parts))

    outcome = unexpected.contain(judge, article=task.article.id, categories=ids)
    if not isinstance(outcome, Outcome):
        outcome = Outcome(task=rest, failures=(outcome,))
    return PartialOutcome(task, outcome, last=True)
