from __future__ import annotations

import time
from email.utils import formatdate
from types import SimpleNamespace

import pytest
from httpx2 import Headers

from classifier.scorers.openai import retry_hints
from classifier.scorers.openai.retry_hints import seconds_to_wait

NOW = 1_800_000_000.25


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr(retry_hints, "time", SimpleNamespace(time=lambda: NOW))


def header(value, name="Retry-After"):
    return seconds_to_wait(Headers({name: value}), None)


@pytest.mark.parametrize(
    "value", ["3", "3.0", " 3 ", "+3", '"3"', "3s", "3000ms", "3 seconds", "0m3s", "3, 3"]
)
def test_a_header_is_a_number_or_a_duration(value):
    assert header(value) == 3


@pytest.mark.parametrize(
    "value",
    [
        formatdate(NOW + 60, usegmt=True),
        time.strftime("%A, %d-%b-%y %H:%M:%S GMT", time.gmtime(NOW + 60)),
        time.asctime(time.gmtime(NOW + 60)),
        time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW + 60)),
        str(int(NOW) + 60),
        str((int(NOW) + 60) * 1000),
    ],
    ids=range(6),
)
def test_a_header_is_a_date(value):
    assert header(value) == pytest.approx(60, abs=0.5)


def test_milliseconds_are_more_exact_and_a_date_in_the_past_is_no_wait():
    assert seconds_to_wait(Headers({"retry-after-ms": "2600", "retry-after": "30"}), None) == 2.6
    assert header("Wed, 21 Oct 2015 07:28:00 GMT") == 0


@pytest.mark.parametrize("value", ["soon", "-5", "", "nan", "inf", "1e999", "3 apples", "3s4", ","])
def test_nonsense_is_no_wait(value):
    assert header(value) is None
    assert header(value, "retry-after-ms") is None


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ({"message": "Rate limit reached. Please try again in 2.9s. Visit us."}, 2.9),
        ({"message": "Please try again in 20ms."}, 0.02),
        ({"message": "on tokens per day. Please try again in 7h12m0.5s. Need more?"}, 25920.5),
        ({"message": "over the rate limit. Please retry after 3 seconds."}, 3),
        ({"message": "Try again after 1 minute and 5 seconds"}, 65),
        ({"message": "x", "details": [{"@type": "RetryInfo", "retryDelay": "37s"}]}, 37),
        ({"message": "You are being rate limited.", "retry_after": 0.5}, 0.5),
        ({"message": "Too many requests, try again in a moment"}, None),
        ({"message": "try again in 5 mistakes"}, None),
        ({"message": "We retry 3 s"}, None),
        ({"retry_after": True}, None),
        ({"retry_after": "x" * 100}, None),
        (None, None),
        ("Please retry in 4 s", 4),
    ],
    ids=range(14),
)
def test_some_servers_say_it_in_the_error_alone(body, seconds):
    assert seconds_to_wait(Headers(), body) == (seconds and pytest.approx(seconds))


def test_the_header_goes_before_the_words():
    assert seconds_to_wait(Headers({"retry-after": "2"}), {"retry_after": 9}) == 2
    assert seconds_to_wait(Headers({"retry-after": "soon"}), {"retry_after": 9}) == 9


def test_a_hostile_error_is_read_in_bounded_time():
    seconds_to_wait(
        Headers({"retry-after": "1, " * 20_000}), {"message": "retry in " + "1s " * 9_999}
    )
