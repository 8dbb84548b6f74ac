from __future__ import annotations

import asyncio
import threading
from functools import partial
from queue import SimpleQueue

import pytest

from classifier.scorers.openai.scorer import EventLoop


async def double(number):
    await asyncio.sleep(0)
    return 2 * number


def test_a_coroutine_runs_in_another_thread_and_its_result_comes_back():
    async def where():
        return threading.current_thread()

    with EventLoop() as loop:
        assert loop.run(double(4)) == 8
        assert loop.run(where()) is not threading.current_thread()


def test_whatever_ends_is_handed_on_results_and_errors():
    async def broken():
        raise ValueError("broken")

    done = SimpleQueue()
    with EventLoop() as loop:
        loop.start([partial(double, 1), broken, partial(double, 2)], done.put)
        ended = [done.get(timeout=60) for _ in range(3)]
    assert sorted(task.result() for task in ended if not task.exception()) == [2, 4]
    (error,) = [task.exception() for task in ended if task.exception()]
    assert str(error) == "broken"


def test_what_still_runs_at_the_end_is_cancelled_and_no_thread_is_left():
    done = SimpleQueue()
    before = threading.active_count()
    with EventLoop() as loop:
        loop.start([partial(asyncio.sleep, 3600)], done.put)
    assert done.get(timeout=60).cancelled()
    assert threading.active_count() == before


def test_an_error_inside_ends_the_loop_all_the_same():
    before = threading.active_count()
    with pytest.raises(KeyError), EventLoop():
        raise KeyError
    assert threading.active_count() == before
