"""How fast and how much: a pace that all calls of a run share, and hard bounds on its spending."""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

_NUMBER: Final = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,15})?")
_SPAN: Final = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?)(ms|s|m|h|d)")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}

_MINUTE: Final = 60.0
_LONGEST_HOLD: Final = 300.0
"""Seconds. A server that is out for longer is better reported by the next call than waited for."""
_LOOK_AGAIN: Final = 1.0
"""Seconds: the longest sleep, since what a waiting call has to wait for may change meanwhile."""


def parse_span(value: str) -> float | None:
    """Return seconds of a span as rate-limit headers write it: `20ms`, `6m0s`, `1.5s`, `12`."""
    value = value.strip()
    if _NUMBER.fullmatch(value):
        return float(value)
    parts = _SPAN.findall(value)
    if not parts or "".join(number + unit for number, unit in parts) != value:
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


class _Quota:
    """At most so much within any 60 seconds, and no more than the server says is left.

    What the server says is only ever a reason to wait longer, and for a minute at most: it speaks
    of minutes, and one that speaks of a day must not hold a run for as long.
    """

    def __init__(self, per_minute: float | None) -> None:
        self._most = per_minute
        self._used: deque[tuple[float, float]] = deque()
        self._sum = 0.0
        self._left: float | None = None
        self._resets = 0.0

    def wait(self, amount: float, now: float) -> float:
        """Return seconds until `amount` may be used."""
        return max(self._own_wait(amount, now), self._server_wait(amount, now))

    def _own_wait(self, amount: float, now: float) -> float:
        if self._most is None:
            return 0.0
        while self._used and self._used[0][0] + _MINUTE <= now:
            self._sum -= self._used.popleft()[1]
        # A call that is larger than the quota passes alone.
        excess = self._sum + amount - max(self._most, amount)
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
        if self._most is not None:
            self._used.append((now, amount))
            self._sum += amount
        if self._left is not None:
            self._left -= amount

    def learn(self, left: str | None, reset: str | None, now: float) -> None:
        span = parse_span(reset or "")
        if left and span is not None and _NUMBER.fullmatch(left.strip()):
            self._left, self._resets = float(left), now + min(span, _MINUTE)


class Pace:
    """Lets calls start: at most so many at once, so many a minute, so many tokens a minute.

    One Pace is shared by all calls of a run. A call that was throttled holds back every other
    until the server's Retry-After has passed, and halves the number of calls in flight. Successes
    raise it again, by a twentieth of the whole (or one call) per round trip: additive increase,
    multiplicative decrease (Chiu & Jain 1989). Calls start in the order they asked. All methods
    belong to one event loop.

        started = await pace.start(tokens)
        try:
            ...  # call, then pace.succeeded(headers) or pace.throttled(...)
        finally:
            pace.finish()
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
        self._most = float(max(1, concurrency))
        self._window = self._most
        self._in_flight = 0
        self._not_before = self._cut_at = float("-inf")
        self._requests = _Quota(rpm)
        self._tokens = _Quota(tpm)
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
                    await asyncio.sleep(min(delay, _LOOK_AGAIN))
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
        """Give a call's place back, whatever became of it."""
        self._in_flight -= 1
        self._freed.set()

    def succeeded(self, headers: Mapping[str, str]) -> None:
        step = max(1.0, self._most / 20)
        self._window = min(self._most, self._window + step / self._window)
        self._freed.set()
        self._learn(headers)

    def throttled(
        self, headers: Mapping[str, str], *, started: float, retry_after: float | None
    ) -> None:
        """Hold everyone back; `started` is what `start` returned for the call that was throttled.

        Calls in flight together are throttled together: they cut the window once.
        """
        now = self._clock()
        if started > self._cut_at:
            self._window = max(1.0, self._window / 2)
            self._cut_at = now
        if retry_after is not None:
            self._not_before = max(self._not_before, now + min(retry_after, _LONGEST_HOLD))
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
    """Hard bounds on what a run spends.

    A call reserves its estimated cost before it starts and settles with the real one, so calls in
    flight together overshoot by no more than the error of their own estimates.
    """

    max_cost: float | None = None
    """US dollars."""
    max_calls: int | None = None
    spent: float = 0.0
    reserved: float = 0.0
    calls: int = 0

    def reserve(self, cost: float) -> bool:
        """Take `cost` dollars and one call from what is left; False where it is not enough."""
        if self.max_calls is not None and self.calls >= self.max_calls:
            return False
        # Not `>`: a cost that is no number fits no bound.
        if self.max_cost is not None and not self.spent + self.reserved + cost <= self.max_cost:
            return False
        self.calls += 1
        self.reserved += cost
        return True

    def settle(self, reserved: float, spent: float) -> None:
        """Replace what a call reserved by what it spent: 0 where it failed and cost nothing."""
        self.reserved -= reserved
        self.spent += spent
