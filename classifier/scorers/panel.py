"""A panel: several scorers judge every pair, and their confidences become one."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, Literal, TypeAlias

from classifier.errors import UsageError
from classifier.models import (
    READ,
    Category,
    ConfidenceKind,
    Evidence,
    Judgement,
    Outcome,
    Task,
    Usage,
    digest,
)
from classifier.scorers.base import (
    Composite,
    Scorer,
    discard_if_tampered,
    is_tampered,
    languages_of,
    merge_partial,
)
from classifier.scorers.contained import partial_outcomes

Combination: TypeAlias = Literal["mean", "least"]
DISPUTED: Final = 0.4
"""Difference between two confidences (0-1) from which the reasoning opens with it."""
_HELD: Final = 256
"""Articles held back, at most, while the next scorer has not answered yet."""


class Panel(Composite):
    """A `Scorer` that asks several others about every pair.

    The mean of unlike judges ranks better than each of them, because they err differently (the
    sum rule of Kittler et al. 1998, "On Combining Classifiers"). A pair is judged only when every
    member has judged it, so that it does not depend on who was there. If one member detects a
    prompt injection, all judgements of the article are dropped.

    Example:
        `Panel([Cached(EmbeddedScorer(), store), Cached(OpenAIScorer("gpt-4o-mini"), store)])`
    """

    def __init__(self, members: Sequence[Scorer], confidence: Combination = "mean") -> None:
        """Make a panel.

        Args:
            members: The scorers, two or more, in the order in which they are asked: the next one
                is not asked about what one before it could not judge.
            confidence: `mean` of the members' confidences, or the `least` of them: then a label
                needs every member, and what they dispute is left to a person.

        Raises:
            UsageError: There are fewer than two, or one of them is named twice.
        """
        if len(members) < 2:
            raise UsageError("a panel needs two scorers or more")
        self.members = tuple(members)
        self.confidence: Combination = confidence
        self.names = _names([member.identity for member in members])
        """Of the members, for people: aspects of its judgements are called so."""

    @property
    def identity(self) -> str:
        """Covers all members and how their confidences are combined."""
        identities = [member.identity for member in self.members]
        models = "+".join(_model(identity) for identity in identities)
        return f"panel:{models}:{digest(*identities, self.confidence)}"

    @property
    def languages(self) -> frozenset[str] | None:
        """Those that every member reads."""
        limited = [it for member in self.members if (it := languages_of(member)) is not None]
        return frozenset.intersection(*limited) if limited else None

    def score(self, tasks: Iterable[Task]) -> Generator[Outcome]:
        identity = self.identity
        asked: Iterator[_Asked] = (_Asked(task) for task in tasks)
        with ExitStack() as stack:
            for member in self.members:
                asked = stack.enter_context(closing(_by(member, asked)))
            for each in asked:
                yield discard_if_tampered(self._outcome(each, identity))

    def _outcome(self, asked: _Asked, identity: str) -> Outcome:
        outcomes = asked.outcomes
        own = [{j.category: j for j in outcome.judgements} for outcome in outcomes]
        by_all = asked.open if len(own) == len(self.members) else ()
        return Outcome(
            task=asked.task,
            judgements=tuple(
                self._combined([one[category.id] for one in own], identity) for category in by_all
            ),
            failures=tuple(failure for outcome in outcomes for failure in outcome.failures),
            usage=sum((outcome.usage for outcome in outcomes), Usage()),
            model=next((outcome.model for outcome in reversed(outcomes) if outcome.model), ""),
            notes=tuple(dict.fromkeys(note for outcome in outcomes for note in outcome.notes)),
        )

    def _combined(self, judgements: Sequence[Judgement], identity: str) -> Judgement:
        confidences = [judgement.confidence for judgement in judgements]
        rules = [rule for judgement in judgements if (rule := judgement.exclusion) is not None]
        needed = 1 if self.confidence == "least" else len(judgements) / 2
        aspects = dict(zip(self.names, confidences, strict=True))
        if shares := [j.aspects[READ] for j in judgements if READ in j.aspects]:
            aspects[READ] = min(shares)
        mean = sum(confidences) / len(confidences)
        return Judgement(
            category=judgements[0].category,
            confidence=min(confidences) if self.confidence == "least" else mean,
            kind=ConfidenceKind.COMBINED,
            scorer=identity,
            aspects=aspects,
            exclusion=rules[0] if len(rules) >= needed else None,
            reasoning=self._reasoning(judgements),
            evidence=_evidence(judgements),
            pack=next((judgement.pack for judgement in judgements if judgement.pack), ()),
        )

    def _reasoning(self, judgements: Sequence[Judgement]) -> str:
        named = list(zip(self.names, judgements, strict=True))
        parts = [f"{name}: {it.reasoning}" for name, it in named if it.reasoning]
        confidences = [it.confidence for it in judgements]
        if max(confidences) - min(confidences) >= DISPUTED:
            apart = ", ".join(f"{name} {it.confidence:.2f}" for name, it in named)
            parts.insert(0, f"The scorers disagree ({apart}).")
        return " ".join(parts)


def categories_for(member: Scorer, categories: Sequence[Category]) -> tuple[Category, ...]:
    """Return the categories as a member sees them.

    What the embedded scorer has learned must not make the answers of others stale.
    """
    if member.identity.startswith("embedded:"):
        return tuple(categories)
    return tuple(category.uncorrected for category in categories)


@dataclass(slots=True)
class _Asked:
    """A task on its way through the members."""

    task: Task
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def open(self) -> tuple[Category, ...]:
        """The categories that every member so far has judged."""
        if not self.outcomes:
            return self.task.categories
        last = self.outcomes[-1]
        judged = () if is_tampered(last) else {j.category for j in last.judgements}
        return tuple(category for category in self.task.categories if category.id in judged)


def _by(member: Scorer, asked: Iterator[_Asked]) -> Generator[_Asked]:
    """Ask a member about what is open; yield all, whether or not something was."""
    for each in asked:
        if each.open:
            yield from _judged(member, chain([each], asked))
        else:
            yield each


def _judged(member: Scorer, asked: Iterator[_Asked]) -> Generator[_Asked]:
    """Ask a member until `asked` ends or `_HELD` articles wait with nothing to ask."""
    waiting: deque[_Asked] = deque()
    under_way: dict[int, tuple[Task, _Asked]] = {}

    def tasks() -> Iterator[Task]:
        for each in asked:
            if categories := each.open:
                task = each.task.only(categories_for(member, categories))
                under_way[id(task)] = task, each
                yield task
                continue
            waiting.append(each)
            if len(waiting) >= _HELD:
                return

    with closing(partial_outcomes(member, tasks())) as parts:
        for outcome in merge_partial(parts):
            while waiting:
                yield waiting.popleft()
            _, each = under_way.pop(id(outcome.task))
            each.outcomes.append(outcome)
            yield each
    yield from waiting


def _evidence(judgements: Sequence[Judgement]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(quote for it in judgements for quote in it.evidence))


def _names(identities: Sequence[str]) -> tuple[str, ...]:
    """Return the names of scorers, with their models where names alone are not unique."""
    short = [identity.partition(":")[0] for identity in identities]
    names = tuple(
        name if short.count(name) == 1 else f"{name} {_model(identity)}"
        for name, identity in zip(short, identities, strict=True)
    )
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise UsageError(f"a panel has {twice!r} twice: its scorers need different models")
    return names


def _model(identity: str) -> str:
    return identity.partition(":")[2].rpartition(":")[0]
