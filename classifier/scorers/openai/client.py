"""One request, one reply: connection, retries, limits, and the cost of each attempt."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Set
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeVar

from classifier.models import Usage
from classifier.scorers.openai import api_errors, completions, costs, responses, servers
from classifier.scorers.openai.api_errors import UnusableResponseError
from classifier.scorers.openai.completions import CallFailure
from classifier.scorers.openai.connection import Connection, Port, Response
from classifier.scorers.openai.costs import (
    MIN_CACHED,
    CallSize,
    Tier,
    UsageEstimate,
    UsageStatistics,
)
from classifier.scorers.openai.limits import (
    CallLimits,
    Gate,
    Limiter,
    OverBudgetError,
    Reserved,
)
from classifier.scorers.openai.options import RetryPolicy
from classifier.scorers.openai.requests import (
    CACHE_KEY,
    CACHE_OPTIONS,
    SERVICE_TIER,
    ChatRequest,
    Features,
    RequestBuilder,
)
from classifier.scorers.openai.responses import Reply
from classifier.tracing import Tracing

if TYPE_CHECKING:
    from openai import APIStatusError
    from tenacity import AsyncRetrying, RetryCallState

    from classifier.scorers.openai.call_tracing import CallTracing

T = TypeVar("T")

_MAX_GATE_WAIT: Final = 30.0
"""Seconds: no cache is worth a longer wait."""


@dataclass(slots=True)
class ChatClient:
    """Sends requests to one server, within the limits of a run. For one event loop."""

    builder: RequestBuilder
    connection: Port
    limiter: Limiter
    budget: Gate
    statistics: UsageStatistics = field(default_factory=UsageStatistics)
    gate: FirstCallGate = field(default_factory=lambda: FirstCallGate())
    single_article: bool = True
    """Whether only one article was asked about so far: then nothing will share its prefixes."""
    prefixes: set[str] = field(default_factory=set)
    """Prefix keys of the requests so far."""
    places: asyncio.Semaphore | None = None
    """Held by the callers of `ask`; a call that waits to be tried again leaves its place."""
    tracing: CallTracing | None = None
    _closed: tuple[float, APIStatusError] | None = None
    """When a server may be asked again that asked for a wait longer than retries last, and the
    error that said so. Until then nothing is sent: every call would wait for as long."""

    @classmethod
    async def open(cls, builder: RequestBuilder, key: str, limits: CallLimits) -> ChatClient:
        """Connect to the server of `builder`; nothing is sent. Close `connection` at the end.

        Raises:
            UsageError: its address, proxy or certificates cannot be used, or a package is missing.
        """
        options, provider = builder.options, servers.provider_at(builder.base_url)
        most, seconds = options.concurrency, options.time_limit
        connection: Port
        if provider is None or provider.protocol == "openai":
            connection = await Connection.open(
                builder.base_url, key, max_connections=most, time_limit=seconds
            )
        else:
            from classifier.scorers.openai.provider_connection import ProviderConnection

            connection = ProviderConnection.open(
                provider, builder.model, key, max_connections=most, time_limit=seconds
            )
        limiter = limits.limiter(
            f"{builder.model} {builder.base_url}",
            concurrency=options.concurrency,
            rpm=options.rpm,
            tpm=options.tpm,
        )
        return cls(builder, connection, limiter, limits.gate(), tracing=_tracing(builder))

    async def ask(self, request: ChatRequest) -> Reply:
        """Return the reply; whatever fails at the server is a reply with a failure."""
        call = Call(self, request)
        if self.tracing is None:
            return await self._ask(call)
        with self.tracing.call() as done:
            reply = await self._ask(call)
            done.request, done.response = call.sent, call.received
            done.usage, done.model = reply.usage, reply.model
            done.error = str(reply.failure.reason) if reply.failure else ""
        return reply

    async def _ask(self, call: Call) -> Reply:
        from openai import APIError

        try:
            reply = await self._answer(call)
        except (APIError, TimeoutError, OverBudgetError, UnusableResponseError) as error:
            failure = self.explain(error)
            return Reply(failure=failure, usage=call.lost, notes=call.notes)
        return replace(reply, usage=call.lost + reply.usage, notes=(*call.notes, *reply.notes))

    async def _answer(self, call: Call) -> Reply:
        policy = self.builder.options.retry
        try:
            return await retry(call.attempt, policy, queued=lambda: call.queued, pause=self._pause)
        except Exception as error:
            if not (api_errors.no_capacity(error) and self.builder.options.tier == "flex-first"):
                raise
        call.use_standard_tier()
        return await retry(call.attempt, policy, queued=lambda: call.queued, pause=self._pause)

    async def _pause(self, seconds: float) -> None:
        if self.places is None:
            return await asyncio.sleep(seconds)
        self.places.release()
        try:
            await asyncio.sleep(seconds)
        finally:
            await self.places.acquire()

    def explain(self, error: Exception) -> CallFailure:
        """Return what a call of this server has failed with."""
        variable = servers.key_variable(self.builder.base_url)
        return api_errors.explain(error, secret=self.connection.key, key_variable=variable)

    def check_open(self) -> None:
        """Raise the error of a server that must not be asked yet."""
        if self._closed and time.monotonic() < self._closed[0]:
            raise self._closed[1]

    def slow_down(self, error: APIStatusError, started: float) -> None:
        """Hold back all calls, if the error of one asks for that."""
        wait = api_errors.retry_after(error)
        if api_errors.out_of_credit(error) or api_errors.no_capacity(error):
            return
        if error.status_code != 429 and wait is None:
            return
        if wait is not None and wait >= self.builder.options.retry.max_seconds:
            self._closed = time.monotonic() + wait, error
            wait = None
        self.limiter.throttled(error.response.headers, started=started, retry_after=wait)


def _tracing(builder: RequestBuilder) -> CallTracing | None:
    if not builder.options.tracing:
        return None
    from classifier.scorers.openai.call_tracing import CallTracing

    return CallTracing(Tracing.start(), builder.model, builder.base_url)


class Call:
    """One request: its attempts, and what those without an answer have cost."""

    def __init__(self, client: ChatClient, request: ChatRequest) -> None:
        self.lost = Usage()
        """Usage of failed attempts."""
        self.notes: tuple[str, ...] = ()
        self.queued = 0.0
        """Seconds spent waiting for limits."""
        self.sent = b""
        """The body of the last attempt."""
        self.received: object = None
        """The body of its response, decoded; None if there was none."""
        self._client = client
        self._builder = client.builder
        self._request = request
        self._bodies: dict[Set[str], bytes] = {}
        self._without = {CACHE_KEY} if client.single_article else set()
        self._prefix_seen = False
        if request.total_categories:
            key = self._builder.prefix_key(request)
            self._prefix_seen = key in client.prefixes
            client.prefixes.add(key)

    def use_standard_tier(self) -> None:
        self._without.add(SERVICE_TIER)
        self.notes += ("the flex tier had no capacity: used the standard tier instead",)

    async def attempt(self) -> Reply:
        """Send it; again at once without features that the server turns out not to support."""
        from openai import APIStatusError

        server = self._builder.server
        suspects: set[str] = set()
        while True:
            features = self._builder.features(
                self._request, without=suspects | self._without, prefix_seen=self._prefix_seen
            )
            try:
                reply = await self._send(features)
            except APIStatusError as error:
                if named := api_errors.refused_feature(error, features):
                    if named == SERVICE_TIER and self._builder.options.tier == "flex":
                        raise  # the standard price is not paid unasked
                    server.refused.add(named)
                elif found := api_errors.suspected_features(error, features, server.proven):
                    suspects |= found
                else:
                    raise
            else:
                server.refused.update(suspects - server.proven)
                server.proven.update(features.names)
                self.notes += features.notes(server.refused)
                return reply

    async def _send(self, features: Features) -> Reply:
        """Send it once, after the first call with the same prefix."""
        since = time.monotonic()
        size = self._builder.size(self._request, features)
        async with self._client.gate.wait(self._shared_prefix(features, size)):
            self.queued += time.monotonic() - since
            return await self._exchange(features, size)

    def _shared_prefix(self, features: Features, size: CallSize) -> str | None:
        """Return the key of a prefix that is worth waiting for until the server has cached it."""
        uncached = CACHE_OPTIONS in features.parameters and not features.marked
        if self._client.single_article or uncached or size.prefix < MIN_CACHED:
            return None
        if not self._request.total_categories:
            return None
        return self._builder.prefix_key(self._request, seen=self._prefix_seen)

    async def _exchange(self, features: Features, size: CallSize) -> Reply:
        """Send it once, when the budget and the limits allow."""
        from openai import APIError

        client = self._client
        tier: Tier = "flex" if SERVICE_TIER in features.parameters else "standard"
        estimate = costs.estimate_call(size, client.statistics, self._builder.price(tier))
        reservation, started = await self._admit(estimate)
        # What is counted for a call that is cut off, as when the run ends: it may well be charged.
        usage = lost = Usage(calls=1, cost=estimate.expected)
        try:
            reply = await self._post(self._body(features), started, size)
            usage = self._priced(reply, estimate, tier)
            with_quotes = size.form == "full"
            full = sum(bool(a.quotes) if with_quotes else not a.short for a in reply.answers)
            touched = sum(a.short and not a.bare for a in reply.answers)
            by_number = size.form in ("listed", "short")
            client.statistics.add(usage, size, full=full, touched=touched if by_number else 0)
            return replace(reply, usage=usage)
        except (APIError, TimeoutError, UnusableResponseError) as error:
            usage = Usage(calls=1) if api_errors.is_free(error) else lost
            self.lost += usage
            raise
        finally:
            client.limiter.finish()
            reservation.settle(usage.cost or 0.0)

    async def _admit(self, estimate: UsageEstimate) -> tuple[Reserved, float]:
        """Wait for the budget, then for the limiter; return the reservation and the start."""
        client, since = self._client, time.monotonic()
        client.check_open()
        reservation = await client.budget.reserve(estimate.high or 0.0)
        try:
            started = await client.limiter.start(estimate.tokens)
        except BaseException:
            reservation.cancel()
            raise
        self.queued += time.monotonic() - since
        return reservation, started

    async def _post(self, content: bytes, started: float, size: CallSize) -> Reply:
        from openai import APIStatusError

        client = self._client
        self.sent, self.received = content, None
        try:
            response = await client.connection.post(content)
            body = self.received = _decoded(response)
            if error := completions.error_within(body):
                headers = list(response.headers.items())
                raise api_errors.from_body(client.connection.url, *error, headers=headers)
        except APIStatusError as error:
            client.slow_down(error, started)
            raise
        client.limiter.succeeded(response.headers)
        if body is None:
            return responses.not_json()
        prompts, prefix = self._builder.prompts, size.prefix
        return responses.read_json(body, self._request, prompts, prefix_tokens=prefix)

    def _body(self, features: Features) -> bytes:
        body = self._bodies.get(features.names)
        if body is None:
            body = self._bodies[features.names] = self._builder.body(self._request, features)
        return body

    def _priced(self, reply: Reply, estimate: UsageEstimate, tier: Tier) -> Usage:
        """Price what the server counted; if it did not count, the estimate stands."""
        if reply.tier:  # a server may answer at another one than was asked for
            tier = "flex" if reply.tier == "flex" else "standard"
        models = (reply.model or self._builder.model, self._builder.model)
        base_url = self._builder.base_url
        usage = costs.first_priced(reply.usage, models, base_url=base_url, tier=tier)
        return usage if usage.cost is not None else replace(usage, cost=estimate.expected)


async def retry(
    attempt: Callable[[], Awaitable[T]],
    policy: RetryPolicy,
    *,
    queued: Callable[[], float] = lambda: 0.0,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """Await `attempt()` until it succeeds, fails for good, or `policy` ends; then its last error.

    `queued` returns the seconds that attempts have waited for limits so far. They do not count: a
    call at the end of a long queue has as much time as the first. `pause` waits between attempts.
    """
    start = time.monotonic()
    try:
        return await attempt()
    except Exception as error:
        if not api_errors.is_transient(error):
            raise
        first_error = error
    # tenacity starts here: as part of every call it would take a tenth of the processor time.

    def passed() -> float:
        return time.monotonic() - start - queued()

    async for trial in _retrying(policy, passed=passed, pause=pause):
        with trial:
            if trial.retry_state.attempt_number == 1:
                raise first_error
            return await attempt()
    raise AssertionError("unreachable")  # the last error is raised


def _retrying(
    policy: RetryPolicy,
    *,
    passed: Callable[[], float],
    pause: Callable[[float], Awaitable[None]],
) -> AsyncRetrying:
    from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt
    from tenacity.wait import wait_random_exponential

    attempts = stop_after_attempt(policy.attempts)
    backoff = wait_random_exponential(
        multiplier=policy.initial_wait, max=policy.max_wait, min=policy.initial_wait / 2
    )

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        return max(backoff(state), api_errors.retry_after(error) or 0.0)

    def stop(state: RetryCallState) -> bool:
        # With the wait to come: a Retry-After that is longer than what is left ends it at once.
        return attempts(state) or passed() + state.upcoming_sleep >= policy.max_seconds

    return AsyncRetrying(
        retry=retry_if_exception(api_errors.is_transient),
        wait=wait,
        stop=stop,
        sleep=pause,
        reraise=True,
    )


class FirstCallGate:
    """Lets one call of each prefix go first: until a server has read a prefix, none is cached."""

    def __init__(self) -> None:
        self._cached: dict[str, asyncio.Event] = {}

    @asynccontextmanager
    async def wait(self, prefix: str | None) -> AsyncIterator[None]:
        """Enter at once as the first call of `prefix` (or with None), else when that has ended."""
        if prefix is None:
            yield
        elif cached := self._cached.get(prefix):
            with suppress(TimeoutError):
                await asyncio.wait_for(cached.wait(), _MAX_GATE_WAIT)
            yield
        else:
            ended = self._cached[prefix] = asyncio.Event()
            try:
                yield
            finally:
                ended.set()


def _decoded(response: Response) -> object:
    """Return the JSON of a response; None if it is none."""
    try:
        return completions.decode(response.text)
    except (ValueError, RecursionError):
        return None
