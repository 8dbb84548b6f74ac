"""Any model behind an OpenAI-compatible Chat Completions server (docs/openai.md)."""

from __future__ import annotations

import asyncio
import copy
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from queue import SimpleQueue
from typing import Any, Self, TypeVar

from classifier import tracing, unexpected
from classifier.content import passages
from classifier.errors import SettingsError, UsageError
from classifier.models import Category, Outcome, Task, Usage, digest
from classifier.scorers.base import (
    Memory,
    OnPartial,
    PartialOutcome,
    discard_if_tampered,
    ignore,
    merge_partial,
)
from classifier.scorers.openai import costs, planning, responses, servers, writing
from classifier.scorers.openai import prompts as prompt_files
from classifier.scorers.openai.client import ChatClient
from classifier.scorers.openai.costs import UsageEstimate, UsageStatistics
from classifier.scorers.openai.limits import Budget, CallLimits, OwnLimits
from classifier.scorers.openai.options import OpenAIOptions, RetryPolicy
from classifier.scorers.openai.packs import ModelCheck, ask_pack, pack_outcome
from classifier.scorers.openai.planning import PromptCacheModel, Strategy, Workload
from classifier.scorers.openai.prompts import Prompts
from classifier.scorers.openai.requests import (
    ChatRequest,
    EncodedText,
    RequestBuilder,
)
from classifier.scorers.openai.servers import api_key, normalize_url

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _OpenArticle:
    """What the calls about an article share."""

    locator: passages.Locator
    without_orders: EncodedText | None
    """Its message without what speaks to the model, where there is such text."""


class OpenAIScorer:
    """Scores with a language model. Picklable; `score` may run in several threads at once."""

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        prompts: Prompts | None = None,
        options: OpenAIOptions | None = None,
        budget: Budget | None = None,
    ) -> None:
        """Make a scorer; nothing is sent.

        Args:
            model: Name of the model, as the server knows it; without `base_url` it may begin with
                a provider, such as `anthropic/`.
            base_url: Address of the server; None for the official API, which needs OPENAI_API_KEY.
            prompts: Templates; None for those that come with the package.
            options: Limits, tier, retries.
            budget: What all runs of this scorer may spend; a pickled copy has its own.

        Raises:
            UsageError: no model is named, `base_url` is not a URL, or the budget limits the cost
                of a model without a known price.
        """
        if not model:
            raise UsageError("the openai scorer needs a model; set one with `model`")
        named = servers.resolve(model, base_url)
        self._builder = RequestBuilder(
            model=named.model,
            base_url=normalize_url(named.base_url),
            prompts=prompts or prompt_files.load(),
            options=options or OpenAIOptions(),
        )
        self._budget = budget or Budget()
        self._memory: Memory | None = None
        self._limits: CallLimits = OwnLimits(self._budget)
        self._prompt_cache = PromptCacheModel()
        if self._budget.max_cost is not None and not self._builder.has_price:
            raise UsageError(
                f"the price of {model!r} is unknown: limit calls with `max_calls` instead"
            )

    def __repr__(self) -> str:
        return f"OpenAIScorer({self.identity!r})"

    def with_memory(self, memory: Memory) -> OpenAIScorer:
        """Return the same scorer, budget included, that keeps there what it finds out."""
        twin = copy.copy(self)
        twin._memory = memory
        return twin

    def with_limits(self, limits: CallLimits) -> OpenAIScorer:
        """Return the same scorer, with other limits and another budget for its calls."""
        twin = copy.copy(self)
        twin._limits = limits
        return twin

    def check_model(self, categories: Sequence[Category]) -> Usage:
        """Ask about a neutral text whether the model can follow the rubric, if that is not known.

        A server that does not answer at once is no objection. Returns what the call took.

        Raises:
            ModelError: the model scores the neutral text as if it belonged.
        """
        if self._check(self._builder).has_passed():
            return Usage()
        usual = self._builder
        builder = RequestBuilder(
            model=usual.model,
            base_url=usual.base_url,
            prompts=usual.prompts,
            options=replace(usual.options, retry=RetryPolicy(attempts=1)),
        )
        with EventLoop() as loop, self._connected(loop, self._key(), builder) as client:
            return loop.run(self._check(builder).before(categories, client))

    def write(self, system: str, user: str) -> writing.Written:
        """Have the model write a text, in one call of the budget; nothing in it is checked.

        Raises:
            ModelError: There is none, with the reason.
            UsageError: The key is needed and not usable.
        """
        with EventLoop() as loop, self._connected(loop, self._key(), self._builder) as client:
            return loop.run(writing.write(client, system, user))

    def _check(self, builder: RequestBuilder) -> ModelCheck:
        return ModelCheck(builder, self.identity, self._memory)

    @property
    def builder(self) -> RequestBuilder:
        """Makes its requests; batches send the same ones."""
        return self._builder

    @property
    def budget(self) -> Budget:
        return self._budget

    @property
    def identity(self) -> str:
        """`openai:MODEL:DIGEST` of all that can change a judgement.

        Not covered are the version of our prose (a paid judgement is worth more than a mark of
        emphasis), speed (concurrency, timeouts, retries, tier) and the size of a pack. Which
        categories were judged together is stored with each judgement instead: packs are of any
        size anyway if some of an article's judgements are stored already.
        """
        builder, options = self._builder, self._builder.options
        covered = digest(
            responses.VERSION,
            builder.model,
            builder.base_url,
            builder.prompts.digest,
            (options.canary, options.temperature, options.effort),
        )
        return f"openai:{builder.model}:{covered}"

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Yield outcomes as they finish. Closing the iterator cancels the calls in flight.

        Raises:
            UsageError: at the first outcome, if OPENAI_API_KEY is needed and not usable.
        """
        with closing(self.score_partial(tasks)) as parts:
            yield from map(discard_if_tampered, merge_partial(parts))

    def _key(self) -> str:
        """Return the key to send. Raises what `score` does, before anything is sent."""
        options = self._builder.options
        if options.refusal:
            raise SettingsError(options.refusal)
        return api_key(self._builder.base_url, send=options.send_key)

    def score_partial(
        self, tasks: Iterable[Task], *, on_partial: OnPartial = ignore
    ) -> Generator[PartialOutcome]:
        """Do the same, but yield the outcome of each pack as soon as it is there."""
        key = self._key()
        concurrency, pack = self._builder.options.concurrency, self._builder.pack
        pending = iter(tasks)
        with EventLoop() as loop, self._connected(loop, key, self._builder) as client:
            done: SimpleQueue[PartialOutcome | asyncio.Task[None]] = SimpleQueue()
            ready: deque[PartialOutcome] = deque()
            running = calls = started = 0
            check = self._check(self._builder)

            arrived = _then(on_partial, done.put)
            slots = client.places = asyncio.Semaphore(concurrency)

            while True:
                new: list[Task] = []
                # Enough to keep all calls going, and no more articles in memory than that takes.
                room = 2 * concurrency - len(ready)
                while running < concurrency and calls < room and (task := next(pending, None)):
                    new.append(task)
                    running, calls = running + 1, calls + max(1, -(-len(task.categories) // pack))
                started += len(new)
                client.single_article = started < 2
                loop.start(
                    [partial(self._judge, task, client, slots, arrived, check) for task in new],
                    done.put,
                )
                if not running and not ready:
                    return
                for item in _take(done, wait=not ready):
                    if isinstance(item, PartialOutcome):
                        calls -= 1
                        ready.append(item)
                    else:
                        item.result()  # nothing, or an exception that ends the run
                        running -= 1
                if ready:
                    yield ready.popleft()

    def estimate(self, task: Task) -> UsageEstimate:
        """Return what scoring will take, without repeated calls. Nothing is sent.

        The prefixes of tasks that were estimated before count as cached by the server.
        """
        builder, statistics = self._builder, UsageStatistics()
        price = builder.price(self._tier)
        total = UsageEstimate()
        for request in builder.build(task):
            cached = self._prompt_cache.cached_tokens(
                request.categories,
                head=builder.shared_tokens,
                sizes=builder.category_tokens(request.categories),
            )
            size = replace(builder.size(request, builder.features(request)), cached=cached)
            total += costs.estimate_call(size, statistics, price)
        return total

    def workload(self, tasks: Iterable[Task]) -> Workload:
        """Measure what is to be judged, for `planning.predict`. Nothing is sent."""
        return planning.measure(self._builder, tasks)

    @property
    def strategy(self) -> Strategy:
        """How the model is asked."""
        builder = self._builder
        short = bool(builder.prompts.floors)
        name = f"{builder.pack} per call" + ("" if short else ", in full")
        return Strategy(name=name, pack=builder.pack, short=short, tier=self._tier)

    @property
    def _tier(self) -> costs.Tier:
        """The tier that calls are first made at."""
        return "standard" if self._builder.options.tier == "standard" else "flex"

    async def _judge(
        self,
        task: Task,
        client: ChatClient,
        slots: asyncio.Semaphore,
        done: OnPartial,
        check: ModelCheck,
    ) -> None:
        if task.trace is not None:
            tracing.attach(task)
        try:
            text = self._builder.read(task.article)
            locator = passages.Locator(task.article.body, read=text.prose)
            requests = self._builder.build(task)
        except BaseException as error:  # noqa: BLE001 - raised again where it is not the article's
            failure = unexpected.failure(error, article=task.article.id, categories=_ids(task))
            done(PartialOutcome(task, Outcome(task=task, failures=(failure,)), last=True))
            return
        article = _OpenArticle(locator, text.without_orders)
        if not requests:
            done(PartialOutcome(task, Outcome(task=task), last=True))
        left = len(requests)

        async def ask(request: ChatRequest) -> None:
            # What comes after the answer waits for no other: until it is stored, a kill costs it.
            nonlocal left
            pack = Task(task.article, request.targets)
            async with slots:
                outcome = await self._judge_pack(pack, request, client, check, article)
                left -= 1
                if stored := done(PartialOutcome(task, outcome, last=not left)):
                    await asyncio.wrap_future(stored)

        await asyncio.gather(*map(ask, requests))

    async def _judge_pack(
        self,
        pack: Task,
        request: ChatRequest,
        client: ChatClient,
        check: ModelCheck,
        article: _OpenArticle,
    ) -> Outcome:
        try:
            replies = await ask_pack(
                client, request, check=check, without_orders=article.without_orders
            )
            return pack_outcome(pack, replies, locator=article.locator, scorer=self.identity)
        except BaseException as error:  # noqa: BLE001 - raised again where it is not the article's
            found = unexpected.failure(error, article=pack.article.id, categories=_ids(pack))
            return Outcome(task=pack, failures=(found,))

    @contextmanager
    def _connected(
        self, loop: EventLoop, key: str, builder: RequestBuilder
    ) -> Iterator[ChatClient]:
        client = loop.run(ChatClient.open(builder, key, self._limits))
        try:
            yield client
        finally:
            loop.cancel()  # before the connection closes: what is in flight still uses it
            loop.run(client.connection.close())


def _then(on_partial: OnPartial, hand_on: Callable[[PartialOutcome], None]) -> OnPartial:
    def arrived(part: PartialOutcome) -> Future[int] | None:
        stored = on_partial(part)
        hand_on(part)
        return stored

    return arrived


def _ids(task: Task) -> tuple[str, ...]:
    return tuple(category.id for category in task.categories)


def _take(queue: SimpleQueue[_T], *, wait: bool) -> Iterator[_T]:
    """Yield what the queue holds; with `wait`, at least one item."""
    if wait:
        yield queue.get()
    while not queue.empty():
        yield queue.get()


# --- the event loop ------------------------------------------------------------------------------


class EventLoop:
    """An event loop in a thread of its own, for callers who know nothing of asyncio.

    Works inside a running event loop too, which `asyncio.run` does not. A context manager; whatever
    was started and still runs is cancelled when it ends.
    """

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        # A daemon, so that a program that ends in the middle of a run does end.
        self._thread = threading.Thread(
            target=self._serve, args=(ready,), name="classifier-event-loop", daemon=True
        )
        self._thread.start()
        ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.cancel()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def run(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def start(
        self,
        calls: Sequence[Callable[[], Coroutine[Any, Any, _T]]],
        done: Callable[[asyncio.Task[_T]], object],
    ) -> None:
        """Run all `calls` and hand each to `done`, in the loop's thread, when it has ended.

        Wakes the loop once for all of them.
        """

        def begin() -> None:
            for call in calls:
                task = self._loop.create_task(call())
                self._tasks.add(task)  # the loop itself would not keep it
                task.add_done_callback(self._tasks.discard)
                task.add_done_callback(done)

        if calls:
            self._loop.call_soon_threadsafe(begin)

    def cancel(self) -> None:
        """Cancel all that runs and wait until it has ended."""
        self.run(_cancel_others())

    def _serve(self, ready: threading.Event) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            self._loop.call_soon(ready.set)
            self._loop.run_forever()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
