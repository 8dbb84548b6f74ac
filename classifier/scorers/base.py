"""The one port: whatever scores articles against categories is this, or wraps it."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from classifier.models import FailureReason, Outcome, Task, Usage


class Scorer(Protocol):
    @property
    def identity(self) -> str:
        """`name:model:digest`; changes with all that can change a judgement.

        Except the article and the categories, which have digests of their own.
        """
        ...

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Yield one outcome per task, in any order.

        Tasks are pulled lazily. A failure is a value in its outcome; an exception means that the
        run cannot go on. A pair's judgement depends on that article and that category alone,
        never on which others are in the task or in the run.
        """
        ...


def display_name(identity: str, model: str = "") -> str:
    """Return a scorer's identity for people, such as `openai (gpt-4o-mini)`.

    `model` is how the model named itself, where that is known.
    """
    name, _, rest = identity.partition(":")
    model = model or rest.rpartition(":")[0]
    return f"{name} ({model})" if model else name


@dataclass(frozen=True, slots=True)
class PartialOutcome:
    """Some of a task's categories that are done with, while others may still be judged."""

    task: Task
    """The whole."""
    outcome: Outcome
    """Of these categories alone, as is its task."""
    last: bool
    """Whether nothing more comes of the task."""


@runtime_checkable
class IncrementalScorer(Protocol):
    """A scorer that pays for a task in pieces, each worth keeping as soon as it is there."""

    def score_partial(self, tasks: Iterable[Task]) -> Iterator[PartialOutcome]:
        """Yield at least one part per task, in any order. Else as `Scorer.score`."""
        ...


def partial_outcomes(scorer: Scorer, tasks: Iterable[Task]) -> Generator[PartialOutcome]:
    """Yield parts as soon as the scorer has them: of most, whole outcomes. Closing closes it."""
    if isinstance(scorer, IncrementalScorer):
        yield from scorer.score_partial(tasks)
        return
    outcomes = scorer.score(tasks)
    try:
        for outcome in outcomes:
            yield PartialOutcome(outcome.task, outcome, last=True)
    finally:
        if isinstance(outcomes, Generator):
            outcomes.close()


def merge_partial(parts: Iterable[PartialOutcome]) -> Iterator[Outcome]:
    """Yield one outcome per task, when its last part is there."""
    found: dict[int, list[Outcome]] = {}
    for part in parts:
        found.setdefault(id(part.task), []).append(part.outcome)
        if part.last:
            yield merge_outcomes(part.task, found.pop(id(part.task)))


def merge_outcomes(task: Task, outcomes: Sequence[Outcome]) -> Outcome:
    """Make one of all outcomes that a task's categories have had, in the order they came."""
    places = {category.id: place for place, category in enumerate(task.categories)}

    def first(outcome: Outcome) -> int:
        return min((places[category.id] for category in outcome.task.categories), default=0)

    ordered = sorted(outcomes, key=first)
    judgements = [judgement for outcome in ordered for judgement in outcome.judgements]
    return Outcome(
        task=task,
        judgements=tuple(sorted(judgements, key=lambda judgement: places[judgement.category])),
        failures=tuple(failure for outcome in ordered for failure in outcome.failures),
        usage=sum((outcome.usage for outcome in ordered), Usage()),
        model=next((outcome.model for outcome in reversed(outcomes) if outcome.model), ""),
        notes=tuple(dict.fromkeys(note for outcome in ordered for note in outcome.notes)),
        stored=sum(outcome.stored for outcome in ordered),
    )


def is_tampered(outcome: Outcome) -> bool:
    return any(failure.reason is FailureReason.TAMPERED for failure in outcome.failures)


def discard_if_tampered(whole: Outcome) -> Outcome:
    """Return it without judgements where the article has talked the model into something.

    In any call: the same text went into all of them.
    """
    if not is_tampered(whole):
        return whole
    failure = next(f for f in whole.failures if f.reason is FailureReason.TAMPERED)
    every = tuple(category.id for category in whole.task.categories)
    return replace(whole, judgements=(), failures=(replace(failure, categories=every),))
