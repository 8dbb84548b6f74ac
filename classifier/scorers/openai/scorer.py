"""Any model behind an OpenAI-compatible Chat Completions server (docs/openai.md)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from queue import SimpleQueue
from typing import TypeVar

from classifier.content import passages
from classifier.errors import UsageError
from classifier.models import Category, Outcome, Task, digest
from classifier.scorers.base import PartialOutcome, discard_if_tampered, merge_partial
from classifier.scorers.openai import assemble, endpoint, estimate, transport, wire
from classifier.scorers.openai import prompts as prompt_files
from classifier.scorers.openai.chat import Chat
from classifier.scorers.openai.endpoint import OFFICIAL, Endpoint, Options
from classifier.scorers.openai.estimate import Estimate, Experience
from classifier.scorers.openai.event_loop import EventLoop
from classifier.scorers.openai.limits import Budget, Pace
from classifier.scorers.openai.planning import Beginnings, Load, Strategy
from classifier.scorers.openai.prompts import Prompts
from classifier.scorers.openai.spending import Purse

__all__ = ["OFFICIAL", "Budget", "Estimate", "OpenAIScorer", "Options"]


class OpenAIScorer:
    """Satisfies `Scorer`. Picklable; `score` may run several times, in several threads at once."""

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        prompts: Prompts | None = None,
        options: Options | None = None,
        budget: Budget | None = None,
    ) -> None:
        """Without `base_url` it is the official API, which needs OPENAI_API_KEY.

        All runs of this scorer spend from one `budget`; a pickled copy has one of its own.
        """
        if not model:
            raise UsageError("the openai scorer needs a model; name one with --model")
        self._endpoint = Endpoint(
            model=model,
            base_url=endpoint.address(base_url),
            prompts=prompts or prompt_files.load(),
            options=options or Options(),
        )
        self._budget = budget or Budget()
        self._beginnings = Beginnings()
        if self._budget.max_cost is not None and not self._endpoint.priced:
            raise UsageError(
                f"the price of {model!r} is unknown: bound calls with --max-calls instead"
            )

    def __repr__(self) -> str:
        return f"OpenAIScorer({self.identity!r})"

    @property
    def endpoint(self) -> Endpoint:
        """How its requests are made, for who sends them in another way."""
        return self._endpoint

    @property
    def budget(self) -> Budget:
        return self._budget

    @property
    def identity(self) -> str:
        """Not covered: speed (concurrency, timeouts, retries, tier), and the size of a pack.

        Which categories travelled together is recorded with each judgement instead: packs are of
        any size anyway where some of an article's judgements are known already.
        """
        used, options = self._endpoint, self._endpoint.options
        covered = digest(
            wire.VERSION,
            used.model,
            used.base_url,
            used.prompts.digest,
            (options.canary, options.temperature, options.effort),
        )
        return f"openai:{used.model}:{covered}"

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Yield outcomes as they finish. Closing the iterator cancels the calls in flight.

        Raises:
            UsageError: at the first outcome, where OPENAI_API_KEY is needed and not usable.
        """
        with closing(self.score_partial(tasks)) as parts:
            yield from map(discard_if_tampered, merge_partial(parts))

    def score_partial(self, tasks: Iterable[Task]) -> Generator[PartialOutcome]:
        """Do the same, and yield what each pack has brought as soon as it is there."""
        key = endpoint.key(self._endpoint.base_url)
        most, pack = self._endpoint.options.concurrency, self._endpoint.pack
        pending = iter(tasks)
        with EventLoop() as loop, self._connected(loop, key) as chat:
            done: SimpleQueue[PartialOutcome | asyncio.Task[None]] = SimpleQueue()
            ready: deque[PartialOutcome] = deque()
            running = calls = started = 0
            while True:
                begun: list[Task] = []
                # Enough to keep all calls going, and no more articles in memory than that takes.
                room = 2 * most - len(ready)
                while running < most and calls < room and (task := next(pending, None)):
                    begun.append(task)
                    running, calls = running + 1, calls + max(1, -(-len(task.categories) // pack))
                started += len(begun)
                chat.alone = started < 2
                loop.start([partial(self._judge, task, chat, done.put) for task in begun], done.put)
                if not running and not ready:
                    return
                for came in _arrived(done, wait=not ready):
                    if isinstance(came, PartialOutcome):
                        calls -= 1
                        ready.append(came)
                    else:
                        came.result()  # nothing, or an exception that ends the run
                        running -= 1
                if ready:
                    yield ready.popleft()

    def estimate(self, task: Task) -> Estimate:
        """Return what judging will take. Nothing is sent; asking again is not foreseen.

        What it was asked about before is taken to be in the server's cache.
        """
        used, experience = self._endpoint, Experience()
        price = used.price("standard" if used.options.tier == "standard" else "flex")
        text = passages.prose(task.article.body).text
        total = Estimate()
        for asked in used.requests(task, text=text):
            cached = self._beginnings.cached(
                asked.categories, head=used.head, sizes=used.sizes(asked.categories)
            )
            size = replace(used.size(asked, used.features(asked)), cached=cached)
            total += estimate.call(size, experience, price)
        return total

    def load(self, tasks: Iterable[Task]) -> Load:
        """Measure what is to be judged, for `planning.predict`. Nothing is sent."""
        used = self._endpoint
        measured = [
            (
                used.article(task, text=passages.prose(task.article.body).text).tokens,
                task.categories,
            )
            for task in tasks
        ]
        every = {c.digest: c for _, categories in measured for c in categories}
        whole = Endpoint(
            model=used.model,
            base_url=used.base_url,
            prompts=used.prompts.in_full(),
            options=used.options,
        )
        return Load(
            tasks=measured,
            sizes=used.sizes([*every.values(), used.prompts.canary]),
            heads={False: whole.head} | ({True: used.head} if used.prompts.floors else {}),
            canary=used.canary,
            thinks=used.thinks,
            price={tier: used.price(tier) for tier in ("standard", "flex", "batch")},
        )

    @property
    def strategy(self) -> Strategy:
        """How it asks."""
        used = self._endpoint
        short = bool(used.prompts.floors)
        name = f"{used.pack} per call" + ("" if short else ", in full")
        tier = "standard" if used.options.tier == "standard" else "flex"
        return Strategy(name=name, pack=used.pack, short=short, tier=tier)

    async def _judge(self, task: Task, chat: Chat, done: Callable[[PartialOutcome], None]) -> None:
        body = task.article.body
        read = passages.prose(body)
        requests = self._endpoint.requests(task, text=read.text)
        locator, scorer = passages.Locator(body, read=read), self.identity
        if not requests:
            done(PartialOutcome(task, Outcome(task=task), last=True))
        groups = [asyncio.create_task(self._group(request, chat)) for request in requests]
        for left, group in zip(
            reversed(range(len(groups))), asyncio.as_completed(groups), strict=True
        ):
            came = await group
            pack = Task(task.article, came.first.asked.asked)
            outcome = assemble.outcome(pack, came, locator=locator, scorer=scorer)
            done(PartialOutcome(task, outcome, last=not left))

    async def _group(self, asked: wire.Request, chat: Chat) -> assemble.Group:
        """Ask about a pack, then once more, alone, about each category that was left out."""
        reply = await chat.ask(asked)
        first = assemble.Exchange(asked, reply)
        if wire.tampered(reply, asked):
            return assemble.Group(first)

        async def alone(category: Category) -> assemble.Exchange:
            others = () if category is asked.canary else (category,)
            request = wire.request(asked.user, others, canary=asked.canary)
            return assemble.Exchange(request, await chat.ask(request))

        # Where nothing was answered, there is nothing the canary alone would vouch for.
        missing = [c for c in reply.missing if reply.verdicts or c is not asked.canary]
        again = await asyncio.gather(*(alone(category) for category in missing))
        return assemble.Group(first, tuple(again))

    @contextmanager
    def _connected(self, loop: EventLoop, key: str) -> Iterator[Chat]:
        chat = loop.run(self._chat(key))
        try:
            yield chat
        finally:
            loop.cancel()  # before the line goes: what is in flight still uses it
            loop.run(chat.line.close())

    async def _chat(self, key: str) -> Chat:
        options = self._endpoint.options
        base_url = self._endpoint.base_url
        return Chat(
            self._endpoint,
            await transport.connect(base_url, key, connections=options.concurrency),
            Pace(options.concurrency, rpm=options.rpm, tpm=options.tpm),
            Purse(self._budget),
        )


_T = TypeVar("_T")


def _arrived(queue: SimpleQueue[_T], *, wait: bool) -> Iterator[_T]:
    """Take what is there; with `wait`, at least one."""
    if wait:
        yield queue.get()
    while not queue.empty():
        yield queue.get()
