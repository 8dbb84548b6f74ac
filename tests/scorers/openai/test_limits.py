"""Calls never exceed a limit and never stall; the budget holds. All in simulated time."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.simulated_time import now, simulate

from classifier.scorers.openai.limits import Budget, RateLimiter, parse_duration


def rate_limiter(
    concurrency: int = 100, *, rpm: float | None = None, tpm: float | None = None
) -> RateLimiter:
    return RateLimiter(concurrency, rpm=rpm, tpm=tpm, clock=now)


async def call(limiter: RateLimiter, tokens: int = 0, lasts: float = 0.0) -> float:
    started = await limiter.start(tokens)
    try:
        await asyncio.sleep(lasts)
        limiter.succeeded({})
    finally:
        limiter.finish()
    return started


calls = st.lists(
    st.tuples(st.floats(0, 90), st.integers(0, 1500), st.floats(0, 40)), min_size=1, max_size=40
)


@given(calls, st.integers(1, 5), st.integers(1, 20), st.integers(100, 3000))
@settings(max_examples=60, deadline=None)
def test_no_window_of_a_minute_goes_over_a_limit_and_every_call_starts_in_turn(
    wanted: list[tuple[float, int, float]], concurrency: int, rpm: int, tpm: int
) -> None:
    log: list[tuple[float, int]] = []
    order: list[int] = []
    in_flight = most = 0

    async def one(
        limiter: RateLimiter, place: int, after: float, tokens: int, lasts: float
    ) -> None:
        nonlocal in_flight, most
        await asyncio.sleep(after)
        asked.append(place)
        log.append((await limiter.start(tokens), tokens))
        order.append(place)
        in_flight += 1
        most = max(most, in_flight)
        await asyncio.sleep(lasts)
        in_flight -= 1
        limiter.finish()

    async def main() -> None:
        limiter = rate_limiter(concurrency, rpm=rpm, tpm=tpm)
        async with asyncio.TaskGroup() as group:
            for place, (after, tokens, lasts) in enumerate(wanted):
                group.create_task(one(limiter, place, after, tokens, lasts))

    asked: list[int] = []
    simulate(main)
    assert order == asked
    assert len(log) == len(wanted)
    assert most <= concurrency
    for at, _ in log:
        window = [tokens for start, tokens in log if at <= start < at + 60 - 1e-6]
        assert len(window) <= rpm
        # A call that is larger than the quota passes, but alone.
        within = [tokens for tokens in window if tokens]
        assert sum(within) <= tpm or len(within) == 1


def test_a_quota_is_used_up_and_not_only_kept() -> None:
    async def main() -> list[float]:
        limiter = rate_limiter(rpm=10)
        return [await call(limiter) for _ in range(21)]

    starts = simulate(main)
    assert starts == [0.0] * 10 + [60.0] * 10 + [120.0]


def test_retry_after_of_one_call_holds_all() -> None:
    async def main() -> list[float]:
        limiter = rate_limiter()
        started = await limiter.start(0)
        limiter.throttled({}, started=started, retry_after=7.5)
        limiter.finish()
        return list(await asyncio.gather(*(call(limiter) for _ in range(5))))

    assert simulate(main) == pytest.approx([7.5] * 5)


def test_a_shorter_retry_after_does_not_shorten_a_longer_one() -> None:
    async def main() -> float:
        limiter = rate_limiter()
        limiter.throttled({}, started=0.0, retry_after=20.0)
        limiter.throttled({}, started=0.0, retry_after=1.0)
        return await call(limiter)

    assert simulate(main) == pytest.approx(20.0)


def test_a_server_that_is_out_for_a_day_is_asked_again_in_minutes() -> None:
    async def main() -> tuple[float, float]:
        limiter = rate_limiter()
        limiter.throttled({}, started=0.0, retry_after=86_400.0)
        first = await call(limiter)
        limiter.succeeded(remaining("requests", "0", "24h"))
        return first, await call(limiter)

    assert simulate(main) == pytest.approx((300.0, 360.0))


def test_a_hold_that_begins_while_a_call_waits_holds_it_too() -> None:
    async def main() -> float:
        limiter = rate_limiter(rpm=1)
        await call(limiter)
        waiting = asyncio.create_task(call(limiter))
        await asyncio.sleep(30)
        limiter.throttled({}, started=0.0, retry_after=50.0)
        return await waiting

    assert simulate(main) == pytest.approx(80.0)


def test_a_cut_that_comes_while_a_call_waits_counts_for_it() -> None:
    async def main() -> float:
        limiter = rate_limiter(2, rpm=2)
        first = asyncio.create_task(call(limiter, lasts=100))
        await call(limiter)
        waiting = asyncio.create_task(call(limiter))
        await asyncio.sleep(30)
        limiter.throttled({}, started=0.0, retry_after=None)
        started = await waiting
        await first
        return started

    assert simulate(main) == pytest.approx(100.0)


def test_calls_that_are_throttled_together_cut_once_and_recovery_is_gradual() -> None:
    async def main() -> list[float]:
        limiter = rate_limiter(8)
        together = [await limiter.start(0) for _ in range(8)]
        await asyncio.sleep(1)
        for started in together:
            limiter.throttled({}, started=started, retry_after=None)
            limiter.finish()
        seen = [limiter.concurrency]
        for _ in range(4):  # a round trip of four calls
            limiter.succeeded({})
        seen.append(limiter.concurrency)
        for _ in range(100):
            limiter.succeeded({})
        seen.append(limiter.concurrency)
        await asyncio.sleep(1)
        limiter.throttled({}, started=now(), retry_after=None)
        return [*seen, limiter.concurrency]

    cut, after_one, at_last, cut_again = simulate(main)
    assert cut == 4
    assert 4.8 < after_one <= 5
    assert at_last == 8
    assert cut_again == 4


@pytest.mark.parametrize("concurrency", [1, 3, 200])
def test_the_worst_throttling_leaves_one_call_and_is_made_good_in_few_round_trips(
    concurrency: int,
) -> None:
    async def main() -> tuple[float, int]:
        limiter = rate_limiter(concurrency)
        for _ in range(20):
            await asyncio.sleep(1)
            limiter.throttled({}, started=now(), retry_after=None)
        lowest, trips = limiter.concurrency, 0
        while limiter.concurrency < concurrency:
            for _ in range(int(limiter.concurrency)):
                limiter.succeeded({})
            trips += 1
        return lowest, trips

    lowest, trips = simulate(main)
    assert lowest == 1
    assert trips <= 25


def remaining(name: str, left: str, reset: str) -> dict[str, str]:
    return {f"x-ratelimit-remaining-{name}": left, f"x-ratelimit-reset-{name}": reset}


@pytest.mark.parametrize(
    ("headers", "tokens", "waits"),
    [
        (remaining("requests", "0", "6s"), 10, 6.0),
        (remaining("tokens", "99", "1m0s"), 100, 60.0),
        (remaining("tokens", "100", "1m0s"), 100, 0.0),
        (remaining("requests", "0", "0s"), 10, 0.0),
        (remaining("requests", "0", "-1s"), 10, 0.0),
        (remaining("requests", "0", "soon"), 10, 0.0),
        (remaining("requests", "²", "6s"), 10, 0.0),
        (remaining("requests", "9" * 400, "6s"), 10, 0.0),
        ({"x-ratelimit-remaining-requests": "0"}, 10, 0.0),
    ],
)
def test_what_a_server_says_is_left_is_waited_for(
    headers: dict[str, str], tokens: int, waits: float
) -> None:
    async def main() -> float:
        limiter = rate_limiter()
        limiter.succeeded(headers)
        return await call(limiter, tokens)

    assert simulate(main) == pytest.approx(waits)


def test_what_is_left_is_counted_down_between_answers() -> None:
    async def main() -> list[float]:
        limiter = rate_limiter()
        limiter.succeeded(remaining("requests", "2", "10s"))
        return [await call(limiter) for _ in range(4)]

    assert simulate(main) == pytest.approx([0.0, 0.0, 10.0, 10.0])


def test_better_news_from_a_server_is_not_slept_through() -> None:
    async def main() -> float:
        limiter = rate_limiter()
        limiter.succeeded(remaining("tokens", "0", "50s"))
        waiting = asyncio.create_task(call(limiter, 10))
        await asyncio.sleep(5)
        limiter.succeeded(remaining("tokens", "5000", "1s"))
        return await waiting

    assert simulate(main) <= 6.0


def test_a_cancelled_waiter_leaves_its_place_to_the_next() -> None:
    async def main() -> list[float]:
        limiter = rate_limiter(1)
        long = asyncio.create_task(call(limiter, lasts=10))
        await asyncio.sleep(1)
        first, second, third = (asyncio.create_task(call(limiter, lasts=5)) for _ in range(3))
        await asyncio.sleep(1)
        first.cancel()  # waits for a place
        third.cancel()  # waits for its turn
        await asyncio.gather(first, third, return_exceptions=True)
        return [await long, await second, await call(limiter)]

    assert simulate(main) == [0.0, 10.0, 15.0]


def test_a_call_cancelled_while_it_waits_uses_nothing_up() -> None:
    async def main() -> float:
        limiter = rate_limiter(rpm=2, tpm=100)
        await call(limiter, 60)
        large = asyncio.create_task(call(limiter, 90))
        await asyncio.sleep(1)
        large.cancel()
        await asyncio.gather(large, return_exceptions=True)
        return await call(limiter, 40)

    assert simulate(main) == 1.0


def test_a_call_cancelled_in_flight_gives_its_place_back() -> None:
    async def main() -> float:
        limiter = rate_limiter(1)
        running = asyncio.create_task(call(limiter, lasts=100))
        await asyncio.sleep(1)
        running.cancel()
        return await call(limiter)

    assert simulate(main) == 1.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("20ms", 0.02),
        ("6m0s", 360.0),
        ("1.5s", 1.5),
        ("12", 12.0),
        (" 0.25 ", 0.25),
        ("1d2h3m4s5ms", 93_784.005),
        ("", None),
        ("s", None),
        ("1s!", None),
        ("-3s", None),
        ("²s", None),
        ("inf", None),
        ("1e9", None),
    ],
)
def test_spans_are_read_as_servers_write_them(value: str, seconds: float | None) -> None:
    assert parse_duration(value) == (None if seconds is None else pytest.approx(seconds))


@given(st.text(alphabet="0123456789.smhd \u00b2-", max_size=30))
def test_no_span_makes_trouble(value: str) -> None:
    seconds = parse_duration(value)
    assert seconds is None or seconds >= 0


# --- budget --------------------------------------------------------------------------------------

cents = st.integers(0, 200).map(lambda n: n / 64)  # exact in binary, so that sums are


@given(st.lists(st.tuples(cents, cents, st.booleans())), cents, st.integers(0, 12))
def test_reservations_never_exceed_the_bounds_whatever_is_settled_when(
    wanted: list[tuple[float, float, bool]], max_cost: float, max_calls: int
) -> None:
    budget = Budget(max_cost=max_cost, max_calls=max_calls)
    open_calls: list[tuple[float, float]] = []
    spent = underestimated = 0.0
    calls_made = 0
    for estimate, real, settle_one in wanted:
        fits = spent + sum(e for e, _ in open_calls) + estimate <= max_cost
        assert budget.reserve(estimate) == (fits and calls_made < max_calls)
        if fits and calls_made < max_calls:
            calls_made += 1
            open_calls.append((estimate, real))
        if settle_one and open_calls:
            reserved, cost = open_calls.pop(0)
            budget.settle(reserved, cost)
            spent += cost
            underestimated += max(0.0, cost - reserved)
        assert budget.spent == spent
        assert budget.spent + budget.reserved <= max_cost + underestimated
        assert budget.calls <= max_calls


def test_settling_for_less_gives_room_back_and_for_more_takes_it() -> None:
    budget = Budget(max_cost=1.0)
    assert budget.reserve(1.0)
    assert not budget.reserve(0.25)
    budget.settle(1.0, 0.5)
    assert budget.reserve(0.5)
    budget.settle(0.5, 0.75)
    assert not budget.reserve(0.0)
    assert (budget.spent, budget.calls) == (1.25, 2)


def test_a_budget_without_bounds_refuses_nothing_and_counts_all() -> None:
    budget = Budget()
    assert all(budget.reserve(1e9) for _ in range(10))
    assert (budget.reserved, budget.calls) == (1e10, 10)


def test_a_cost_that_is_no_number_fits_no_bound() -> None:
    assert not Budget(max_cost=1.0).reserve(float("nan"))
