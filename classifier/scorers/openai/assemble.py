"""From the replies about an article to its outcome. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from classifier.content import passages
from classifier.models import (
    Category,
    ConfidenceKind,
    Evidence,
    Failure,
    FailureReason,
    Judgement,
    Outcome,
    Task,
    Usage,
)
from classifier.scorers.openai import wire


@dataclass(frozen=True, slots=True)
class Exchange:
    asked: wire.Request
    reply: wire.Reply

    @property
    def watched(self) -> bool:
        """Whether the canary was answered. No check, no labels."""
        canary = self.asked.canary
        return canary is None or any(v.category is canary for v in self.reply.verdicts)


@dataclass(frozen=True, slots=True)
class Group:
    """A pack's call, and one call each for what it left out."""

    first: Exchange
    again: tuple[Exchange, ...] = ()

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        return (self.first, *self.again)


def outcome(task: Task, group: Group, *, locator: passages.Locator, scorer: str) -> Outcome:
    """`task`: one pack. `locator`: of the article's body."""
    replies = [exchange.reply for exchange in group.exchanges]
    judged: dict[str, Judgement] = {}
    failures: tuple[Failure, ...]
    if any(wire.tampered(exchange.reply, exchange.asked) for exchange in group.exchanges):
        failures = (_tampered(task),)
    else:
        judged.update(_judgements(group, locator, scorer))
        failures = tuple(_failures(group, judged))
    return Outcome(
        task=task,
        judgements=tuple(judged[c.id] for c in task.categories if c.id in judged),
        failures=failures,
        usage=sum((reply.usage for reply in replies), Usage()),
        model=next((reply.model for reply in replies if reply.model), ""),
        notes=tuple(dict.fromkeys(note for reply in replies for note in reply.notes)),
    )


def _tampered(task: Task) -> Failure:
    message = (
        "the model scored a category nothing can belong to: the article's text seems to have "
        "talked it into that; read the article, or judge it with --scorer embedded"
    )
    return Failure(FailureReason.TAMPERED, message, tuple(c.id for c in task.categories))


def _judgements(
    group: Group, locator: passages.Locator, scorer: str
) -> Iterator[tuple[str, Judgement]]:
    canary_alone = any(exchange.watched and not exchange.asked.asked for exchange in group.again)
    for exchange in group.exchanges:
        if exchange.watched or (exchange is group.first and canary_alone):
            pack = exchange.asked.pack
            for verdict in exchange.reply.verdicts:
                if verdict.category is not exchange.asked.canary:
                    made = _judgement(verdict, locator, scorer=scorer, pack=pack)
                    yield verdict.category.id, made


def _judgement(
    verdict: wire.Verdict, locator: passages.Locator, *, scorer: str, pack: tuple[str, ...]
) -> Judgement:
    return Judgement(
        category=verdict.category.id,
        confidence=verdict.confidence,
        kind=ConfidenceKind.STATED,
        scorer=scorer,
        aspects=verdict.aspects,
        exclusion=verdict.exclusion,
        reasoning=verdict.reasoning,
        evidence=tuple(_evidence(quote, locator) for quote in verdict.quotes),
        pack=pack,
    )


def _evidence(quote: str, locator: passages.Locator) -> Evidence:
    found = locator.find(quote)
    return Evidence(quote, *found) if found else Evidence(quote)


def _failures(group: Group, judged: Iterable[str]) -> Iterator[Failure]:
    """One for each reason; what a call of its own brought goes before what the pack's call did."""
    left = {c.id: c for c in group.first.asked.asked if c.id not in judged}
    for exchange in reversed(group.exchanges):
        # A call about the canary alone concerns all it was to vouch for.
        concerned = exchange.asked.pack or group.first.asked.pack
        here = tuple(name for name in concerned if name in left)
        if exchange.reply.failure and here:
            yield Failure(*exchange.reply.failure, here)
            left = {name: c for name, c in left.items() if name not in here}
    if left:
        yield Failure(FailureReason.MISSING, _missing(group, tuple(left.values())), tuple(left))


def _missing(group: Group, left: Sequence[Category]) -> str:
    if all(any(v.category is c for e in group.exchanges for v in e.reply.verdicts) for c in left):
        return (
            "the model did not score the canary category, so its answers cannot be trusted "
            "(--no-canary disables this check)"
        )
    titles = ", ".join(repr(category.title) for category in left)
    also = ", also when asked again" if group.again else "; it is asked again at the next run"
    return f"the model gave no usable answer for {titles}{also}"
