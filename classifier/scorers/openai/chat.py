"""One request, one reply: what the server accepts, trying again, pace, budget, counting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Set
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from classifier.models import Usage
from classifier.scorers.openai import capabilities, estimate, prices, troubles, wire
from classifier.scorers.openai.capabilities import CACHE_KEY, CACHE_OPTIONS, SERVICE_TIER, Features
from classifier.scorers.openai.endpoint import Endpoint
from classifier.scorers.openai.estimate import CACHED_LEAST, Estimate, Experience, Size
from classifier.scorers.openai.limits import Pace
from classifier.scorers.openai.prices import Tier
from classifier.scorers.openai.retry import named_wait, no_room, out_of_credit, persist
from classifier.scorers.openai.spending import Hold, OverBudgetError, Purse
from classifier.scorers.openai.transport import Line, never_sent
from classifier.scorers.openai.warming import Warming

if TYPE_CHECKING:
    from openai import APIStatusError


@dataclass(slots=True)
class Chat:
    """An endpoint with a client and its limits, for as long as one event loop runs."""

    endpoint: Endpoint
    line: Line
    pace: Pace
    purse: Purse
    experience: Experience = field(default_factory=Experience)
    warming: Warming = field(default_factory=Warming)
    alone: bool = True
    """Whether only one article has been asked about."""
    begun: set[str] = field(default_factory=set)
    """Beginnings of the requests that were sent."""
    _closed: tuple[float, APIStatusError] | None = None
    """When a server that wants to be left alone for longer than patience lasts may be asked again,
    and how it said so. Until then nothing is sent: every call would wait for as long."""

    async def ask(self, asked: wire.Request) -> wire.Reply:
        """Never raises for what a server does: that is a reply with a failure."""
        from openai import APIError

        call = _Call(self, asked)
        try:
            reply = await self._answer(call)
        except (APIError, TimeoutError, OverBudgetError) as error:
            trouble = troubles.explain(error, secret=self.line.key)
            return wire.Reply(failure=trouble, usage=call.lost, notes=call.notes)
        return replace(reply, usage=call.lost + reply.usage, notes=(*call.notes, *reply.notes))

    async def _answer(self, call: _Call) -> wire.Reply:
        patience = self.endpoint.options.patience
        try:
            return await persist(call.attempt, patience, queued=lambda: call.queued)
        except Exception as error:
            if not (no_room(error) and self.endpoint.options.tier == "flex-first"):
                raise
        call.at_usual_price()
        return await persist(call.attempt, patience, queued=lambda: call.queued)

    def check_open(self) -> None:
        if self._closed and time.monotonic() < self._closed[0]:
            raise self._closed[1]

    def slow_down(self, error: APIStatusError, started: float) -> None:
        """Pass on to all calls what one of them was told."""
        wait = named_wait(error)
        if out_of_credit(error) or no_room(error) or (error.status_code != 429 and wait is None):
            return
        if wait is not None and wait >= self.endpoint.options.patience.total:
            self._closed = time.monotonic() + wait, error
            wait = None
        self.pace.throttled(error.response.headers, started=started, retry_after=wait)


class _Call:
    """One question: its tries, and what those that brought nothing have cost."""

    def __init__(self, chat: Chat, asked: wire.Request) -> None:
        self.lost = Usage()
        self.notes: tuple[str, ...] = ()
        self.queued = 0.0
        """Seconds spent waiting for a turn."""
        self._chat = chat
        self._asked = asked
        self._bodies: dict[Set[str], bytes] = {}
        self._without = {CACHE_KEY} if chat.alone else set()
        self._again = False
        if asked.among:
            beginning = chat.endpoint.beginning(asked)
            self._again = beginning in chat.begun
            chat.begun.add(beginning)

    def at_usual_price(self) -> None:
        self._without.add(SERVICE_TIER)
        self.notes += ("the cheaper tier had no room: asked at the usual price",)

    async def attempt(self) -> wire.Reply:
        """Send it, again at once without whatever the server turns out not to know."""
        from openai import APIStatusError

        endpoint = self._chat.endpoint
        learned = endpoint.learned
        suspected: set[str] = set()
        while True:
            without = suspected | self._without
            features = endpoint.features(self._asked, without=without, again=self._again)
            try:
                reply = await self._send(features)
            except APIStatusError as error:
                said = troubles.words(error)
                if named := capabilities.refusal(error.status_code, said, features):
                    if named == SERVICE_TIER and endpoint.options.tier == "flex":
                        raise  # nobody pays the usual price unasked
                    learned.refused.add(named)
                elif suspect := capabilities.suspect(error.status_code, features, learned.proven):
                    suspected.add(suspect)
                else:
                    raise
            else:
                learned.refused.update(suspected)
                learned.proven.update(features.names)
                self.notes += features.notes(learned.refused)
                return reply

    async def _send(self, features: Features) -> wire.Reply:
        """Send it once, not before the server has read its beginning for another call."""
        chat, since = self._chat, time.monotonic()
        size = chat.endpoint.size(self._asked, features)
        unkept = CACHE_OPTIONS in features.parameters and not features.marked
        shared = None
        if self._asked.among and not (chat.alone or unkept or size.prefix < CACHED_LEAST):
            shared = chat.endpoint.beginning(self._asked, again=self._again)
        async with chat.warming.turn(shared):
            self.queued += time.monotonic() - since
            return await self._exchange(features, size)

    async def _exchange(self, features: Features, size: Size) -> wire.Reply:
        """Send it once, when the budget and the pace allow."""
        from openai import APIError

        chat = self._chat
        tier: Tier = "flex" if SERVICE_TIER in features.parameters else "standard"
        expected = estimate.call(size, chat.experience, chat.endpoint.price(tier))
        hold, started = await self._turn(expected)
        # What is counted for a call that is cut off, as when the run ends: it may well be charged.
        lost = Usage(calls=1, cost=expected.expected)
        usage = lost
        try:
            reply = await self._post(self._body(features), started)
            usage = self._priced(reply, expected, tier)
            full = sum(not v.short if size.short else bool(v.quotes) for v in reply.verdicts)
            chat.experience.learn(usage, size, full=full)
            return replace(reply, usage=usage)
        except (APIError, TimeoutError) as error:
            usage = Usage(calls=1) if _free(error) else lost
            self.lost += usage
            raise
        finally:
            chat.pace.finish()
            hold.settle(usage.cost or 0.0)

    async def _turn(self, expected: Estimate) -> tuple[Hold, float]:
        """Wait for the budget, then for the pace; return what is set aside and when it started."""
        chat, since = self._chat, time.monotonic()
        chat.check_open()
        hold = await chat.purse.take(expected.high or 0.0)
        try:
            started = await chat.pace.start(expected.tokens)
        except BaseException:
            hold.give_back()
            raise
        self.queued += time.monotonic() - since
        return hold, started

    async def _post(self, content: bytes, started: float) -> wire.Reply:
        from openai import APIStatusError

        chat = self._chat
        try:
            async with asyncio.timeout(chat.endpoint.options.time_limit):
                answer = await chat.line.post(content)
        except APIStatusError as error:
            chat.slow_down(error, started)
            raise
        chat.pace.succeeded(answer.headers)
        return wire.read(answer.text, self._asked, chat.endpoint.prompts)

    def _body(self, features: Features) -> bytes:
        made = self._bodies.get(features.names)
        if made is None:
            made = self._bodies[features.names] = self._chat.endpoint.body(self._asked, features)
        return made

    def _priced(self, reply: wire.Reply, expected: Estimate, tier: Tier) -> Usage:
        """Price what the server counted; where it did not count, the estimate stands."""
        endpoint = self._chat.endpoint
        if reply.tier:  # a server may answer at another one than was asked for
            tier = "flex" if reply.tier == "flex" else "standard"
        models = (reply.model or endpoint.model, endpoint.model)
        usage = prices.first_priced(reply.usage, models, base_url=endpoint.base_url, tier=tier)
        return usage if usage.cost is not None else replace(usage, cost=expected.expected)


def _free(error: Exception) -> bool:
    """Whether a call that failed has certainly cost nothing.

    A rejected request is not charged. A server or a connection that breaks may do so after the
    answer was made.
    """
    from openai import APIStatusError

    if isinstance(error, APIStatusError):
        return error.status_code < 500 and error.status_code != 408
    return never_sent(error)
