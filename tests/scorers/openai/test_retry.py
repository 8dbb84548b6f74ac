from __future__ import annotations

import time
from itertools import pairwise
from types import SimpleNamespace

import pytest
from support.simulated_time import now, simulate

from classifier.scorers.openai import retry
from classifier.scorers.openai.retry import Patience, is_transient, persist


@pytest.fixture(autouse=True)
def simulated(monkeypatch):
    monkeypatch.setattr(retry, "time", SimpleNamespace(monotonic=now, time=time.time))


def attempts(patience, error):
    """The times of the tries, in simulated seconds."""
    tries = []

    async def attempt():
        tries.append(now())
        raise error

    with pytest.raises(type(error)):
        simulate(lambda: persist(attempt, patience))
    return tries


def test_tries_are_bounded():
    assert len(attempts(Patience(tries=3, first=0.001), TimeoutError())) == 3


def test_no_try_starts_after_the_total_time():
    tries = attempts(Patience(tries=1000, total=0.2, first=0.02, longest=0.04), TimeoutError())
    assert 3 <= len(tries) < 30
    assert tries[-1] - tries[0] < 0.2


def test_waits_are_neither_nothing_nor_longer_than_doubling_allows():
    tries = attempts(Patience(tries=6, first=0.01, longest=10), TimeoutError())
    waits = [after - before for before, after in pairwise(tries)]
    assert min(waits) >= 0.005
    assert sum(waits) < 0.01 * (1 + 2 + 4 + 8 + 16)


def test_an_error_of_our_own_is_not_tried_again():
    assert len(attempts(Patience(first=0.001), KeyError("bug"))) == 1
    assert not is_transient(KeyError())
