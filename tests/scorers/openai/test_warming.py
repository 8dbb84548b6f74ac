from __future__ import annotations

import asyncio

import pytest

from classifier.scorers.openai import warming
from classifier.scorers.openai.warming import Warming


async def call(warmth, beginning, log, *, takes=0.01, fails=False):
    async with warmth.turn(beginning):
        log.append(("begun", beginning))
        await asyncio.sleep(takes)
        log.append(("over", beginning))
        if fails:
            raise ValueError


def test_calls_that_begin_alike_wait_for_the_first_of_them_and_for_no_other():
    log = []

    async def run():
        warmth = Warming()
        await asyncio.gather(*(call(warmth, name, log) for name in "aabbab"))

    asyncio.run(run())
    assert sorted(log[:2]) == [("begun", "a"), ("begun", "b")]
    for name in "ab":
        own = [what for what, whose in log if whose == name]
        assert own[:4] == ["begun", "over", "begun", "begun"]


def test_what_begins_like_nothing_else_waits_for_nothing():
    log = []

    async def run():
        warmth = Warming()
        await asyncio.gather(*(call(warmth, None, log) for _ in range(3)))

    asyncio.run(run())
    assert [what for what, _ in log] == ["begun"] * 3 + ["over"] * 3


def test_a_first_call_that_fails_holds_nobody_up():
    async def run():
        warmth, log = Warming(), []
        with pytest.raises(ValueError):  # noqa: PT011 - what `call` raises
            await call(warmth, "a", log, fails=True)
        await asyncio.wait_for(call(warmth, "a", log), 1)

    asyncio.run(run())


def test_a_first_call_that_takes_too_long_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(warming, "_LONGEST", 0.02)
    log = []

    async def run():
        warmth = Warming()
        await asyncio.gather(call(warmth, "a", log, takes=0.2), call(warmth, "a", log))

    asyncio.run(run())
    assert [what for what, _ in log] == ["begun", "begun", "over", "over"]
