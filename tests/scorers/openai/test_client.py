from __future__ import annotations

import asyncio
from itertools import pairwise
from types import SimpleNamespace

import pytest
from support.chat_server import ChatServer
from support.simulated_time import now, simulate

from classifier.scorers.openai import api_errors, client
from classifier.scorers.openai.client import FirstCallGate, retry
from classifier.scorers.openai.connection import Connection
from classifier.scorers.openai.options import RetryPolicy

# --- connection ----------------------------------------------------------------------------------

# Of the connection and of the client's own retries and time limits, which are ours.
OF_THE_SENDER = {
    *("host", "connection", "content-length", "accept-encoding", "x-stainless-retry-count"),
    *("x-stainless-read-timeout", "x-stainless-raw-response"),
}


async def ours(url: str, content: bytes) -> None:
    connection = await Connection.open(url, "sk-test", max_connections=1, time_limit=60)
    await connection.post(content)
    await connection.close()


async def theirs(url: str, content: bytes) -> None:
    from openai import AsyncOpenAI

    async with AsyncOpenAI(api_key="sk-test", base_url=url) as client:
        await client.post("/chat/completions", cast_to=object, content=content)


@pytest.mark.parametrize("end", ["", "/"])
def test_a_request_is_what_the_official_client_would_send(end: str) -> None:
    content = b'{"model": "m", "messages": [{"role": "user", "content": "hello"}]}'
    with ChatServer() as server:
        asyncio.run(ours(server.url + end, content))
        asyncio.run(theirs(server.url + end, content))
    mine, official = server.requests
    assert (mine.path, mine.raw) == (official.path, official.raw)
    different = {
        name
        for name in {*mine.headers, *official.headers} - OF_THE_SENDER
        if mine.headers.get(name) != official.headers.get(name)
    }
    assert not different


# --- retries -------------------------------------------------------------------------------------


def attempts(policy, error):
    """The times of the attempts, in simulated seconds."""
    started = []

    async def attempt():
        started.append(now())
        raise error

    with pytest.raises(type(error)):
        simulate(lambda: retry(attempt, policy))
    return started


@pytest.fixture
def simulated(monkeypatch):
    monkeypatch.setattr(client, "time", SimpleNamespace(monotonic=now))


@pytest.mark.usefixtures("simulated")
def test_tries_are_bounded():
    assert len(attempts(RetryPolicy(attempts=3, initial_wait=0.001), TimeoutError())) == 3


@pytest.mark.usefixtures("simulated")
def test_no_try_starts_after_the_total_time():
    tries = attempts(
        RetryPolicy(attempts=1000, max_seconds=0.2, initial_wait=0.02, max_wait=0.04),
        TimeoutError(),
    )
    assert 3 <= len(tries) < 30
    assert tries[-1] - tries[0] < 0.2


@pytest.mark.usefixtures("simulated")
def test_waits_are_neither_nothing_nor_longer_than_doubling_allows():
    tries = attempts(RetryPolicy(attempts=6, initial_wait=0.01, max_wait=10), TimeoutError())
    waits = [after - before for before, after in pairwise(tries)]
    assert min(waits) >= 0.005
    assert sum(waits) < 0.01 * (1 + 2 + 4 + 8 + 16)


@pytest.mark.usefixtures("simulated")
def test_an_error_of_our_own_is_not_tried_again():
    assert len(attempts(RetryPolicy(initial_wait=0.001), KeyError("bug"))) == 1
    assert not api_errors.is_transient(KeyError())


# --- the first call of a prefix ------------------------------------------------------------------


async def call(gate, prefix, log, *, takes=0.01, fails=False):
    async with gate.wait(prefix):
        log.append(("begun", prefix))
        await asyncio.sleep(takes)
        log.append(("over", prefix))
        if fails:
            raise ValueError


def test_calls_with_a_prefix_wait_for_the_first_of_them_and_for_no_other():
    log = []

    async def run():
        gate = FirstCallGate()
        await asyncio.gather(*(call(gate, name, log) for name in "aabbab"))

    asyncio.run(run())
    assert sorted(log[:2]) == [("begun", "a"), ("begun", "b")]
    for name in "ab":
        own = [what for what, whose in log if whose == name]
        assert own[:4] == ["begun", "over", "begun", "begun"]


def test_a_call_without_a_prefix_waits_for_nothing():
    log = []

    async def run():
        gate = FirstCallGate()
        await asyncio.gather(*(call(gate, None, log) for _ in range(3)))

    asyncio.run(run())
    assert [what for what, _ in log] == ["begun"] * 3 + ["over"] * 3


def test_a_first_call_that_fails_holds_nobody_up():
    async def run():
        gate, log = FirstCallGate(), []
        with pytest.raises(ValueError):  # noqa: PT011 - what `call` raises
            await call(gate, "a", log, fails=True)
        await asyncio.wait_for(call(gate, "a", log), 1)

    asyncio.run(run())


def test_a_first_call_that_takes_too_long_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(client, "_MAX_GATE_WAIT", 0.02)
    log = []

    async def run():
        gate, other_is_over = FirstCallGate(), asyncio.Event()

        async def first():
            async with gate.wait("a"):
                await other_is_over.wait()

        async def other():
            await call(gate, "a", log)
            other_is_over.set()

        await asyncio.wait_for(asyncio.gather(first(), other()), 60)

    asyncio.run(run())
    assert log == [("begun", "a"), ("over", "a")]
