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
from classifier.scorers.openai.requests import ChatRequest
from classifier.scorers.openai.responses import ModelAnswer, Reply, tampered


@dataclass(frozen=True, slots=True)
class Exchange:
    request: ChatRequest
    reply: Reply

    @property
    def checked(self) -> bool:
        """Whether the canary was answered, or there is none. Without it no answer is trusted."""
        canary = self.request.canary
        return canary is None or any(a.category is canary for a in self.reply.answers)


@dataclass(frozen=True, slots=True)
class PackReplies:
    """The call for a pack, and one call each for the categories it left out."""

    first: Exchange
    repeats: tuple[Exchange, ...] = ()

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        return (self.first, *self.repeats)


def outcome(task: Task, pack: PackReplies, *, locator: passages.Locator, scorer: str) -> Outcome:
    """Return the outcome of one pack.

    Args:
        task: The article with the categories of the pack alone.
        pack: All replies about them.
        locator: Finds quotes in the article's body.
        scorer: Identity of the scorer.
    """
    replies = [exchange.reply for exchange in pack.exchanges]
    judged: dict[str, Judgement] = {}
    failures: tuple[Failure, ...]
    if any(tampered(exchange.reply, exchange.request) for exchange in pack.exchanges):
        failures = (_tampered(task),)
    else:
        judged.update(_judgements(pack, locator, scorer))
        failures = tuple(_failures(pack, judged))
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
        "possible prompt injection: the model scored the canary category, which no article "
        "belongs to; review the article, or use --scorer embedded"
    )
    return Failure(FailureReason.TAMPERED, message, tuple(c.id for c in task.categories))


def _judgements(
    pack: PackReplies, locator: passages.Locator, scorer: str
) -> Iterator[tuple[str, Judgement]]:
    canary_alone = any(e.checked and not e.request.targets for e in pack.repeats)
    for exchange in pack.exchanges:
        if exchange.checked or (exchange is pack.first and canary_alone):
            for answer in exchange.reply.answers:
                if answer.category is not exchange.request.canary:
                    ids = exchange.request.target_ids
                    yield answer.category.id, _judgement(answer, locator, scorer=scorer, pack=ids)


def _judgement(
    answer: ModelAnswer, locator: passages.Locator, *, scorer: str, pack: tuple[str, ...]
) -> Judgement:
    return Judgement(
        category=answer.category.id,
        confidence=answer.confidence,
        kind=ConfidenceKind.STATED,
        scorer=scorer,
        aspects=answer.aspects,
        exclusion=answer.exclusion,
        reasoning=answer.reasoning,
        evidence=tuple(_evidence(quote, locator) for quote in answer.quotes),
        pack=pack,
    )


def _evidence(quote: str, locator: passages.Locator) -> Evidence:
    place = locator.find(quote)
    return Evidence(quote, *place) if place else Evidence(quote)


def _failures(pack: PackReplies, judged: Iterable[str]) -> Iterator[Failure]:
    """Yield one failure for each reason; that of a repeated call goes before that of the first."""
    left = {c.id: c for c in pack.first.request.targets if c.id not in judged}
    for exchange in reversed(pack.exchanges):
        # A call about the canary alone concerns all categories of the pack.
        concerned = exchange.request.target_ids or pack.first.request.target_ids
        here = tuple(name for name in concerned if name in left)
        if exchange.reply.failure and here:
            yield Failure(*exchange.reply.failure, here)
            left = {name: c for name, c in left.items() if name not in here}
    if left:
        yield Failure(FailureReason.MISSING, _missing(pack, tuple(left.values())), tuple(left))


def _missing(pack: PackReplies, left: Sequence[Category]) -> str:
    answered = [a.category for e in pack.exchanges for a in e.reply.answers]
    if all(any(category is c for c in answered) for category in left):
        return (
            "the model did not score the canary category, so its answers cannot be trusted "
            "(--no-canary disables this check)"
        )
    titles = ", ".join(repr(category.title) for category in left)
    again = ", even when asked again" if pack.repeats else "; the next run asks again"
    return f"the model gave no usable answer for {titles}{again}"
