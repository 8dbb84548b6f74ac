"""From the replies about an article to its outcome. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Final

from classifier.content import document, passages
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
from classifier.scorers.openai import injection
from classifier.scorers.openai.requests import ChatRequest
from classifier.scorers.openai.responses import (
    CANARY_THRESHOLD,
    ModelAnswer,
    Reply,
    tampered,
)


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
    """The call for a pack, and those for the categories it left out."""

    first: Exchange
    repeats: tuple[Exchange, ...] = ()
    without_orders: Exchange | None = None
    """The call about what was scored high, without the text that speaks to the model."""
    checked: Usage = field(default_factory=Usage)
    """What a check of the model took."""

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        return (self.first, *self.repeats)

    @property
    def answers(self) -> dict[str, ModelAnswer]:
        """By category id, without the canary; that of a repeated call goes before the first."""
        return {
            answer.category.id: answer
            for exchange in self.exchanges
            for answer in exchange.reply.answers
            if answer.category is not exchange.request.canary
        }

    @property
    def high(self) -> tuple[Category, ...]:
        """What may become a label."""
        found = self.answers
        return tuple(
            c
            for c in self.first.request.targets
            if c.id in found and found[c.id].confidence >= CANARY_THRESHOLD
        )


def outcome(task: Task, pack: PackReplies, *, locator: passages.Locator, scorer: str) -> Outcome:
    """Return the outcome of one pack.

    Args:
        task: The article with the categories of the pack alone.
        pack: All replies about them.
        locator: Finds quotes in the article's body.
        scorer: Identity of the scorer.
    """
    every = (*pack.exchanges, *filter(None, [pack.without_orders]))
    replies = [exchange.reply for exchange in every]
    judged: dict[str, Judgement] = {}
    failures: tuple[Failure, ...]
    if any(tampered(exchange.reply, exchange.request) for exchange in every):
        failures = (_tampered(task, _CANARY_SCORED),)
    elif _swayed(pack):
        failures = (_tampered(task, _SWAYED),)
    else:
        judged.update(_judgements(pack, locator, scorer))
        failures = tuple(_failures(pack, judged))
        held = _unverified(task, pack, judged, locator)
        judged = {name: judgement for name, judgement in judged.items() if name not in held}
        failures += (_not_in_the_article(task, held),) if held else ()
    return Outcome(
        task=task,
        judgements=tuple(judged[c.id] for c in task.categories if c.id in judged),
        failures=failures,
        usage=sum((reply.usage for reply in replies), pack.checked),
        model=next((reply.model for reply in replies if reply.model), ""),
        notes=tuple(dict.fromkeys(note for reply in replies for note in reply.notes)),
    )


_CANARY_SCORED: Final = "the model scored the canary category, which no article belongs to"
_SWAYED: Final = "the model scores it differently without the text in it that speaks to models"


def _tampered(task: Task, why: str) -> Failure:
    message = (
        f"possible prompt injection: {why}; review the article, ask again with `retry_failed`, or "
        "use `scorer=embedded`"
    )
    return Failure(FailureReason.TAMPERED, message, tuple(c.id for c in task.categories))


def _swayed(pack: PackReplies) -> bool:
    """Whether what speaks to the model has changed a score."""
    if pack.without_orders is None:
        return False
    before = pack.answers
    return any(
        abs(before[answer.category.id].confidence - answer.confidence) >= CANARY_THRESHOLD
        for answer in pack.without_orders.reply.answers
        if answer.category is not pack.without_orders.request.canary
    )


def _unverified(
    task: Task, pack: PackReplies, judged: Iterable[str], locator: passages.Locator
) -> Set[str]:
    """Return what was scored high without any quote that is in the article.

    What speaks to the model is no evidence. An article that has such text needs a quote, or the
    same answer without it; in others a model may leave quotes out.
    """
    article, answers = task.article, pack.answers
    names = {category.id for category in pack.high} & set(judged)
    if not names:
        return frozenset()
    parts = article.title, article.description, document.prose(article).text
    read, seen = "\n".join(parts), "\n".join(map(injection.without_orders, parts))
    agreed = (
        {a.category.id for a in pack.without_orders.reply.answers} if pack.without_orders else ()
    )

    def vouched(quotes: Sequence[str]) -> bool:
        if seen != read:
            return any(passages.has_words(seen, quote) for quote in quotes)
        return not quotes or any(
            locator.find(quote) or passages.has_words(seen, quote) for quote in quotes
        )

    def fine(name: str) -> bool:
        return vouched(answers[name].quotes) or (not answers[name].quotes and name in agreed)

    return {name for name in names if not fine(name)}


def _not_in_the_article(task: Task, held: Set[str]) -> Failure:
    titles = ", ".join(repr(c.title) for c in task.categories if c.id in held)
    message = (
        f"the model's quotes for {titles} are not in the article, so its scores cannot be trusted; "
        "review the article, ask again with `retry_failed`, or try another model"
    )
    ids = tuple(c.id for c in task.categories if c.id in held)
    return Failure(FailureReason.UNVERIFIED, message, ids)


def _judgements(
    pack: PackReplies, locator: passages.Locator, scorer: str
) -> Iterator[tuple[str, Judgement]]:
    canary_alone = any(e.checked and not e.request.targets for e in pack.repeats)
    for exchange in pack.exchanges:
        if exchange.checked or (exchange is pack.first and canary_alone):
            ids = exchange.request.target_ids
            for answer in exchange.reply.answers:
                if answer.category is not exchange.request.canary:
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
            "(`canary=False` disables this check)"
        )
    titles = ", ".join(repr(category.title) for category in left)
    again = ", even when asked again" if pack.repeats else "; the next run asks again"
    return f"the model gave no usable answer for {titles}{again}"
