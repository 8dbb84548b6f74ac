"""One pack of categories: the calls about it, and what their replies add up to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from classifier.content import document, passages
from classifier.errors import ModelError
from classifier.models import (
    Article,
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
from classifier.scorers.openai.requests import (
    ChatRequest,
    EncodedText,
    RequestBuilder,
    encode,
    make_request,
    split_packs,
)
from classifier.scorers.openai.responses import (
    CANARY_THRESHOLD,
    ModelAnswer,
    Reply,
    tampered,
)

if TYPE_CHECKING:
    from classifier.scorers.base import Memory
    from classifier.scorers.openai.client import ChatClient

_FEW: Final = 3
"""So many categories that were left out are asked about again one by one."""
NEUTRAL: Final = (
    Article(
        id="",
        title="Three boxes",
        body="The shelf in the hall holds three grey boxes. One is empty. Nobody left a note.",
    ),
    Article(
        id="",
        title="The side door",
        body="The side door sticks a little. It was painted on a Tuesday, and once more later.",
    ),
)
"""They belong to nothing. One wrong answer may be chance, so a model fails with both."""

_FIRST_WORDS: Final = 10
"""A quote of so few words is the beginning of a sentence, of which a reader is shown the rest."""
_FLAT_FROM: Final = 0.3
"""Confidence (0-1) from which the same scores for all categories say that a model did not judge."""
_PASSED_FOR: Final = 30 * 24 * 3600.0
"""Seconds: a server may have another model under the same name by then."""


@dataclass(frozen=True, slots=True)
class Exchange:
    request: ChatRequest
    reply: Reply

    @property
    def checked(self) -> bool:
        """Whether all canaries were answered. Without that no answer is trusted."""
        return not self.unchecked

    @property
    def unchecked(self) -> tuple[Category, ...]:
        """The canaries without an answer."""
        answered = [answer.category for answer in self.reply.answers]
        return tuple(canary for canary in self.request.canaries if canary not in answered)


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
        """By category id, without canaries; that of a repeated call goes before the first."""
        return {
            answer.category.id: answer
            for exchange in self.exchanges
            for answer in exchange.reply.answers
            if answer.category not in exchange.request.canaries
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


# --- calls ---------------------------------------------------------------------------------------


async def ask_pack(
    client: ChatClient,
    request: ChatRequest,
    *,
    check: ModelCheck,
    without_orders: EncodedText | None = None,
) -> PackReplies:
    """Ask about a pack, then once more about what was left out.

    Each category alone, if these are few: then nothing can draw attention from it. Many are asked
    about together: a model that stopped half-way did not stumble over single ones.

    Args:
        client: Sends requests.
        request: The first one.
        check: Tells a model that cannot follow the rubric from a prompt injection.
        without_orders: The article without what speaks to the model, where there is such text.

    Raises:
        ModelError: the model cannot follow the rubric.
    """
    reply = await client.ask(request)
    first = Exchange(request, reply)
    checked = await check.doubt(reply, request, client)
    if tampered(reply, request):
        return PackReplies(first, checked=checked)

    async def again(targets: tuple[Category, ...], canaries: tuple[Category, ...]) -> Exchange:
        repeat = make_request(request.message, targets, canaries=canaries)
        return Exchange(repeat, await client.ask(repeat))

    # Nothing of these is cached: the canary that the article knows least is enough.
    canaries = request.canaries[-1:]
    left = [c for c in reply.missing if c not in request.canaries]
    packs = split_packs(left, 1 if len(left) <= _FEW else client.builder.pack)
    asking = [again(pack, canaries) for pack in packs]
    # Without any answer there is nothing that canaries alone could vouch for.
    if reply.answers and first.unchecked:
        asking.append(again((), first.unchecked))
    repeats = await asyncio.gather(*asking) if asking else ()
    replies = PackReplies(first, tuple(repeats), checked=checked)
    if without_orders is None or not replies.high:
        return replies
    other = make_request(without_orders, replies.high, canaries=canaries)
    return replace(replies, without_orders=Exchange(other, await client.ask(other)))


class ModelCheck:
    """Asks about a neutral text, at most once, unless the model has passed before.

    Where that goes wrong it asks about another, with another canary.
    """

    def __init__(self, builder: RequestBuilder, scorer: str, memory: Memory | None) -> None:
        """Check the model of `builder`.

        Args:
            builder: Makes the requests.
            scorer: Identity of the scorer: model, server and prompts.
            memory: Where it is kept that a model has passed; None: nowhere.
        """
        self._builder = builder
        self._name = f"model check {scorer}"
        self._memory = memory
        self._asking = asyncio.Lock()
        self._done = False

    async def doubt(self, reply: Reply, request: ChatRequest, client: ChatClient) -> Usage:
        """Check the model if this answer is doubtful; return what it took.

        Raises:
            ModelError: the model scores the canary, or everything alike, for neutral texts too.
        """
        if not (tampered(reply, request) or flat(reply)):
            return Usage()
        return await self._ask(request.targets, request.canaries, client)

    async def before(self, categories: Iterable[Category], client: ChatClient) -> Usage:
        """Check the model before anything is paid; otherwise as `doubt`."""
        request, *_ = self._builder.build(Task(NEUTRAL[0], tuple(categories)))
        return await self._ask(request.targets, request.canaries, client)

    async def _ask(
        self, categories: Sequence[Category], canaries: tuple[Category, ...], client: ChatClient
    ) -> Usage:
        async with self._asking:
            if self._done or await asyncio.to_thread(self.has_passed):
                return Usage()
            first, other = NEUTRAL
            reply, fails = await self._answer(first, categories, canaries, client)
            usage, passed = reply.usage, bool(reply.answers) and not fails
            if fails:
                drawn = self._builder.other_canaries(other, categories)
                reply, fails = await self._answer(other, categories, drawn, client)
                usage += reply.usage
            self._done = True
        if fails:
            raise ModelError(
                f"the model {self._builder.model!r} cannot follow the rubric: it scores texts that "
                "belong to no category as if they did; use a larger model, or `scorer=embedded`"
            )
        if self._memory is not None and passed:
            await asyncio.to_thread(self._memory.remember, self._name, f"{time.time():.0f}")
        return usage

    async def _answer(
        self,
        article: Article,
        categories: Sequence[Category],
        canaries: tuple[Category, ...],
        client: ChatClient,
    ) -> tuple[Reply, bool]:
        """Ask about a neutral text; return the reply, and whether it does not follow the rubric."""
        message = encode(self._builder.prompts.article(article, text=article.body))
        request = make_request(message, categories, canaries=canaries)
        reply = await client.ask(request)
        return reply, tampered(reply, request) or flat(reply)

    def has_passed(self) -> bool:
        """Whether the model has passed lately."""
        passed = "" if self._memory is None else self._memory.remembered(self._name) or ""
        return passed.isdecimal() and time.time() - int(passed) < _PASSED_FOR


def flat(reply: Reply) -> bool:
    """Tell whether three categories or more have the same scores, and high ones."""
    scores = [tuple(answer.aspects.values()) for answer in reply.answers]
    high = all(answer.confidence >= _FLAT_FROM for answer in reply.answers)
    return len(scores) >= 3 and len(set(scores)) == 1 and high


# --- the outcome; pure ---------------------------------------------------------------------------


def pack_outcome(
    task: Task, pack: PackReplies, *, locator: passages.Locator, scorer: str
) -> Outcome:
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
        if answer.category not in pack.without_orders.request.canaries
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
    alone = any(e.checked and not e.request.targets for e in pack.repeats)
    for exchange in pack.exchanges:
        if exchange.checked or (exchange is pack.first and alone):
            ids = exchange.request.target_ids
            for answer in exchange.reply.answers:
                if answer.category not in exchange.request.canaries:
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
    if len(quote.split()) <= _FIRST_WORDS and (whole := locator.complete(quote)):
        return Evidence(whole.text, whole.start, whole.end)
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
