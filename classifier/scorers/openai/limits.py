"""How fast and how much: the rate limiter that all calls of a run share, and the budget."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

_NUMBER: Final = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,15})?")
_DURATION: Final = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?)(ms|s|m|h|d)")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}

_MINUTE: Final = 60.0
_MAX_HOLD: Final = 300.0
"""Seconds. If a server is out for longer, the next call reports it rather than waits."""
_MAX_SLEEP: Final = 1.0
"""Seconds. What a call waits for may change meanwhile, so it looks again this often."""
_BUDGET_LOCK: Final = threading.Lock()
"""Runs in several threads may share a budget. One lock for all, so that budgets stay picklable."""


def parse_duration(value: str) -> float | None:
    """Return the seconds of a duration in a rate-limit header: `20ms`, `6m0s`, `1.5s`, `12`."""
    value = value.strip()
    if _NUMBER.fullmatch(value):
        return float(value)
    parts = _DURATION.findall(value)
    if not parts or "".join(number + unit for number, unit in parts) != value:
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


class SlidingWindow:
    """A quota for any 60 seconds, and no more than the server says is left.

    What the server says can only make a call wait longer, by a minute at most: a header that
    speaks of a day must not stop a run for a day.
    """

    def __init__(self, per_minute: float | None) -> None:
        self._quota = per_minute
        self._used: deque[tuple[float, float]] = deque()
        self._sum = 0.0
        self._left: float | None = None
        self._resets = 0.0

    def wait(self, amount: float, now: float) -> float:
        """Return seconds until `amount` may be used."""
        return max(self._own_wait(amount, now), self._server_wait(amount, now))

    def _own_wait(self, amount: float, now: float) -> float:
        if self._quota is None:
            return 0.0
        while self._used and self._used[0][0] + _MINUTE <= now:
            self._sum -= self._used.popleft()[1]
        # A call that is larger than the quota passes alone.
        excess = self._sum + amount - max(self._quota, amount)
        until = now
        for at, used in self._used:
            if excess <= 0:
                break
            excess -= used
            until = at + _MINUTE
        return until - now

    def _server_wait(self, amount: float, now: float) -> float:
        if self._left is None or self._left >= amount:
            return 0.0
        if self._resets <= now:
            self._left = None
        return max(0.0, self._resets - now)

    def use(self, amount: float, now: float) -> None:
        if self._quota is not None:
            self._used.append((now, amount))
            self._sum += amount
        if self._left is not None:
            self._left -= amount

    def learn(self, left: str | None, reset: str | None, now: float) -> None:
        span = parse_duration(reset or "")
        if left and span is not None and _NUMBER.fullmatch(left.strip()):
            self._left, self._resets = float(left), now + min(span, _MINUTE)


class Limiter(Protocol):
    """Lets calls start; see `RateLimiter`."""

    async def start(self, tokens: int) -> float: ...

    def finish(self) -> None: ...

    def succeeded(self, headers: Mapping[str, str]) -> None: ...

    def throttled(
        self, headers: Mapping[str, str], *, started: float, retry_after: float | None
    ) -> None: ...


class RateLimiter:
    """Lets calls start: limits calls in flight, calls per minute and tokens per minute.

    All calls of a run share one. A call that was throttled holds back every other until the
    server's Retry-After has passed, and halves the number of calls in flight. Successes raise it
    again, by a twentieth of the whole (or one call) per round trip: additive increase,
    multiplicative decrease (Chiu & Jain 1989). Calls start in the order they asked. For use in one
    event loop.

        started = await limiter.start(tokens)
        try:
            ...  # call, then limiter.succeeded(headers) or limiter.throttled(...)
        finally:
            limiter.finish()
    """

    def __init__(
        self,
        concurrency: int,
        *,
        rpm: float | None = None,
        tpm: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._max_in_flight = float(max(1, concurrency))
        self._window = self._max_in_flight
        self._in_flight = 0
        self._not_before = self._cut_at = float("-inf")
        self._requests = SlidingWindow(rpm)
        self._tokens = SlidingWindow(tpm)
        self._turn = asyncio.Lock()
        self._freed = asyncio.Event()

    @property
    def concurrency(self) -> float:
        """Calls that may be in flight now."""
        return self._window

    async def start(self, tokens: int) -> float:
        """Wait until a call of about `tokens` tokens may start; return when it did."""
        async with self._turn:
            while True:
                now = self._clock()
                if self._in_flight >= int(self._window):
                    self._freed.clear()
                    await self._freed.wait()
                elif (delay := self._delay(tokens, now)) > 0:
                    await asyncio.sleep(min(delay, _MAX_SLEEP))
                else:
                    break
            self._requests.use(1, now)
            self._tokens.use(tokens, now)
            self._in_flight += 1
            return now

    def _delay(self, tokens: int, now: float) -> float:
        return max(
            self._not_before - now, self._requests.wait(1, now), self._tokens.wait(tokens, now)
        )

    def finish(self) -> None:
        """Give a call's place back, however the call ended."""
        self._in_flight -= 1
        self._freed.set()

    def succeeded(self, headers: Mapping[str, str]) -> None:
        step = max(1.0, self._max_in_flight / 20)
        self._window = min(self._max_in_flight, self._window + step / self._window)
        self._freed.set()
        self._learn(headers)

    def throttled(
        self, headers: Mapping[str, str], *, started: float, retry_after: float | None
    ) -> None:
        """Hold back all calls.

        Args:
            headers: Of the response.
            started: What `start` returned for the throttled call. Calls in flight together are
                throttled together: they cut the window once.
            retry_after: Seconds the server asks to wait.
        """
        now = self._clock()
        if started > self._cut_at:
            self._window = max(1.0, self._window / 2)
            self._cut_at = now
        if retry_after is not None:
            self._not_before = max(self._not_before, now + min(retry_after, _MAX_HOLD))
        self._learn(headers)

    def _learn(self, headers: Mapping[str, str]) -> None:
        now = self._clock()
        for quota, name in ((self._requests, "requests"), (self._tokens, "tokens")):
            quota.learn(
                headers.get(f"x-ratelimit-remaining-{name}"),
                headers.get(f"x-ratelimit-reset-{name}"),
                now,
            )


@dataclass(slots=True, kw_only=True)
class Budget:
    """Hard limits on what a run spends.

    A call reserves its estimated cost before it starts and settles with the real one, so calls in
    flight together exceed the limit by no more than the error of their own estimates.
    """

    max_cost: float | None = None
    """US dollars."""
    max_calls: int | None = None
    spent: float = 0.0
    reserved: float = 0.0
    calls: int = 0

    def reserve(self, cost: float) -> bool:
        """Take `cost` dollars and one call from what is left; False if that is not enough."""
        if self.no_calls_left:
            return False
        # Not `>`, so that NaN fits no limit.
        if self.max_cost is not None and not self.spent + self.reserved + cost <= self.max_cost:
            return False
        self.calls += 1
        self.reserved += cost
        return True

    def settle(self, reserved: float, spent: float) -> None:
        """Replace what a call reserved by what it spent: 0 if it failed and cost nothing."""
        self.reserved -= reserved
        self.spent += spent

    def explain(self, cost: float) -> str:
        """Return why a call of `cost` dollars cannot be made."""
        if self.no_calls_left:
            return f"all {self.max_calls} calls of `max_calls` were made; raise it to continue"
        left = max(0.0, (self.max_cost or 0.0) - self.spent - self.reserved)
        return (
            f"the next call may cost ${cost:.4f}, and ${left:.4f} of `max_cost` "
            f"{self.max_cost:g} is left; raise it to continue"
        )

    @property
    def no_calls_left(self) -> bool:
        return self.max_calls is not None and self.calls >= self.max_calls


class OverBudgetError(Exception):
    """The message says which limit was reached and how to raise it."""


class Reserved(Protocol):
    """What is reserved for one call; see `Reservation`."""

    def settle(self, spent: float) -> None: ...

    def cancel(self) -> None: ...


class Gate(Protocol):
    """Lets calls pass as far as the budget allows; see `BudgetGate`."""

    async def reserve(self, cost: float) -> Reserved: ...


class CallLimits(Protocol):
    """Where the calls of a scorer get their limits: its own, or those of several processes."""

    def limiter(
        self, model: str, *, concurrency: int, rpm: float | None, tpm: float | None
    ) -> Limiter:
        """Return what lets calls start, the same for all that name this model of a server."""
        ...

    def gate(self) -> Gate:
        """Return what lets calls pass as far as the budget allows."""
        ...


@dataclass(slots=True)
class Reservation:
    """What is reserved for one call; settled or cancelled exactly once."""

    _gate: BudgetGate
    _amount: float

    def settle(self, spent: float) -> None:
        """Replace what was reserved by the dollars spent, as far as known."""
        self._gate.close(self._amount, spent, sent=True)

    def cancel(self) -> None:
        """Undo the reservation of a call that was never sent."""
        self._gate.close(self._amount, 0.0, sent=False)


class BudgetGate:
    """Lets calls pass as far as the budget allows. For one event loop; the budget may be shared."""

    def __init__(self, budget: Budget | None) -> None:
        self._budget = budget or Budget()
        self._open = 0
        self._changed = asyncio.Event()

    async def reserve(self, cost: float) -> Reservation:
        """Reserve `cost` dollars and one call.

        If they are not left, but calls in flight may turn out cheaper than reserved, wait for
        those.

        Raises:
            OverBudgetError: no call in flight could free enough.
        """
        while not self._try(cost):
            if self._open == 0 or self._budget.no_calls_left:
                raise OverBudgetError(self._budget.explain(cost))
            self._changed.clear()
            await self._changed.wait()
        self._open += 1
        return Reservation(self, cost)

    def close(self, amount: float, spent: float, *, sent: bool) -> None:
        with _BUDGET_LOCK:
            self._budget.settle(amount, spent)
            self._budget.calls -= not sent
        self._open -= 1
        self._changed.set()

    def _try(self, cost: float) -> bool:
        with _BUDGET_LOCK:
            return self._budget.reserve(cost)


@dataclass(frozen=True, slots=True)
class OwnLimits:
    """Limits of one run in this process, whose budget may be another's, too."""

    budget: Budget

    def limiter(
        self, _: str, *, concurrency: int, rpm: float | None, tpm: float | None
    ) -> RateLimiter:
        return RateLimiter(concurrency, rpm=rpm, tpm=tpm)

    def gate(self) -> BudgetGate:
        return BudgetGate(self.budget)
