"""The `Scorer` protocol: anything that scores articles against categories is one, or wraps one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from classifier.models import FailureReason, Outcome, Task, Usage

if TYPE_CHECKING:
    from concurrent.futures import Future


class Scorer(Protocol):
    """Judges articles against categories.

    Example:
        A scorer of keywords, enough to run the whole pipeline:

            class Keywords:
                identity = "keywords:none:1"

                def score(self, tasks):
                    for task in tasks:
                        yield Outcome(task=task, judgements=...)
    """

    @property
    def identity(self) -> str:
        """`name:model:digest`, which changes with anything that can change a judgement.

        The article and the categories have digests of their own and are not part of it.
        """
        ...

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Yield one outcome per task, in any order.

        Tasks are pulled lazily. A failure is a value in its outcome; an exception means that the
        run cannot go on. The judgement of a pair depends on that article and that category alone,
        never on what else is in the task or the run.
        """
        ...


class Composite:
    """What a scorer is that asks others."""

    members: Sequence[Scorer]
    """Those it asks itself, in this order."""


def display_name(identity: str, model: str = "") -> str:
    """Return a scorer's identity for people, such as `openai (gpt-4o-mini)`.

    `model` is how the model named itself, where that is known.
    """
    name, _, rest = identity.partition(":")
    model = model or rest.rpartition(":")[0]
    return f"{name} ({model})" if model else name


@dataclass(frozen=True, slots=True)
class PartialOutcome:
    """The outcome of some of a task's categories, while others may still be judged."""

    task: Task
    """The whole task."""
    outcome: Outcome
    """Has a task of its own, with the finished categories alone."""
    last: bool
    """Whether this completes the task."""


@runtime_checkable
class ReadsLanguages(Protocol):
    """A scorer that may not read every language."""

    @property
    def languages(self) -> frozenset[str] | None:
        """Codes of the languages (ISO 639-1) that it reads; None: all, or nobody knows."""
        ...


def languages_of(scorer: Scorer) -> frozenset[str] | None:
    """Return the codes of the languages that a scorer reads; None: all, or nobody knows."""
    return scorer.languages if isinstance(scorer, ReadsLanguages) else None


OnPartial: TypeAlias = "Callable[[PartialOutcome], Future[int] | None]"
"""Gets a partial outcome in the moment it is there, in whatever thread; it must not block.

It may return a future that is done when the outcome is stored. Until then a paid call counts as
under way: the next one is held back, so that a crash costs no more calls than may be under way.
"""


def ignore(_: PartialOutcome) -> None:
    """Do nothing."""


class Memory(Protocol):
    """Keeps small texts by name, so that nothing is found out twice; a `Store` is one."""

    def remembered(self, name: str) -> str | None: ...

    def remember(self, name: str, value: str) -> None: ...


@runtime_checkable
class Remembering(Protocol):
    """A scorer that can keep what it finds out about its model."""

    def with_memory(self, memory: Memory) -> Scorer: ...


@runtime_checkable
class IncrementalScorer(Protocol):
    """A scorer that judges a task in several paid steps and hands over each as it is done."""

    def score_partial(
        self, tasks: Iterable[Task], *, on_partial: OnPartial = ignore
    ) -> Iterator[PartialOutcome]:
        """Yield one or more partial outcomes per task, in any order; otherwise as `score`.

        Each was given to `on_partial` before, however long the caller took to ask for it.
        """
        ...


def merge_partial(partials: Iterable[PartialOutcome]) -> Iterator[Outcome]:
    """Yield one outcome per task, once its last partial outcome has come."""
    outcomes: dict[int, list[Outcome]] = {}
    for partial in partials:
        outcomes.setdefault(id(partial.task), []).append(partial.outcome)
        if partial.last:
            yield merge_outcomes(partial.task, outcomes.pop(id(partial.task)))


def merge_outcomes(task: Task, outcomes: Sequence[Outcome]) -> Outcome:
    """Merge the outcomes of a task's categories, given in the order they came, into one."""
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
    """Whether a prompt injection was detected."""
    return any(failure.reason is FailureReason.TAMPERED for failure in outcome.failures)


def discard_if_tampered(outcome: Outcome) -> Outcome:
    """Return the outcome, without its judgements if any call detected a prompt injection.

    The same text went into all calls, so none of them can be trusted.
    """
    if not is_tampered(outcome):
        return outcome
    failure = next(f for f in outcome.failures if f.reason is FailureReason.TAMPERED)
    every = tuple(category.id for category in outcome.task.categories)
    return replace(outcome, judgements=(), failures=(replace(failure, categories=every),))
