"""--tier flex: half the price, and what happens where there is no room for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support import chat_server as chat

from classifier.errors import UsageError
from classifier.models import Article, Category, FailureReason, Task
from classifier.scorers.openai import costs
from classifier.scorers.openai.options import OpenAIOptions, RetryPolicy
from classifier.scorers.openai.scorer import OpenAIScorer

BREAD = Category(id="t/bread", kind="t", title="Bread", description="Baking loaves.")
TASK = Task(Article(id="a", body="A loaf is baked in the oven."), (BREAD,))
SWIFT = RetryPolicy(attempts=3, max_seconds=5.0, initial_wait=0.005, max_wait=0.02)
RATES = {"standard": 1.0, "flex": 0.5}


@pytest.fixture(autouse=True)
def priced(monkeypatch):
    """A dollar a call, half of it with flex."""

    def price(usage, *, model, base_url, tier="standard"):
        return replace(usage, cost=RATES[tier] if usage.input_tokens else None)

    monkeypatch.setattr(costs, "priced", price)


def make(server, tier, **options):
    given = OpenAIOptions(timeout=30.0, retry=SWIFT, canary=False, tier=tier, **options)
    return OpenAIScorer("m", base_url=server.url, options=given)


def one(server, tier):
    (outcome,) = make(server, tier).score([TASK])
    return outcome


def tiers(server):
    return [request.body.get("service_tier") for request in server.requests]


def at(tier):
    """The tier a server says it answered at."""

    def behaviour(request):
        reply = chat.judge(request)
        return replace(reply, body={**reply.body, "service_tier": tier})

    return behaviour


full = chat.failing(429, "Resource unavailable", code="resource_unavailable")


def test_the_tier_is_asked_for_and_paid_for_and_no_part_of_who_judges(server):
    outcome = one(server, "flex")
    assert (tiers(server), outcome.usage.cost) == (["flex"], 0.5)
    assert make(server, "flex").estimate(TASK).expected == 0.5
    assert make(server, "flex").identity == make(server, "standard").identity
    assert one(server, "standard").usage.cost == 1.0
    assert tiers(server) == ["flex", None]


@pytest.mark.parametrize(("said", "cost"), [("flex", 0.5), ("default", 1.0)])
def test_what_the_server_says_it_answered_at_is_what_is_paid(server, said, cost):
    server.always = at(said)
    assert one(server, "flex").usage.cost == cost


def test_without_room_flex_alone_is_tried_again_and_never_at_the_usual_price(server):
    server.always = full
    (failure,) = one(server, "flex").failures
    assert failure.reason is FailureReason.RATE_LIMITED
    assert tiers(server) == ["flex"] * SWIFT.attempts


def test_without_room_flex_first_goes_on_at_the_usual_price_and_says_so(server):
    server.play(*[full] * SWIFT.attempts)
    outcome = one(server, "flex-first")
    assert (outcome.failures, outcome.usage.cost) == ((), 1.0)
    assert tiers(server) == ["flex"] * SWIFT.attempts + [None]
    assert outcome.notes == ("the flex tier had no capacity: used the standard tier instead",)


def test_room_that_is_found_at_a_second_try_is_used(server):
    server.play(full)
    outcome = one(server, "flex-first")
    assert (tiers(server), outcome.usage.cost, outcome.notes) == (["flex", "flex"], 0.5, ())


def test_a_429_that_asks_to_slow_down_does_not_change_the_tier(server):
    server.always = chat.rate_limited()
    (failure,) = one(server, "flex-first").failures
    assert failure.reason is FailureReason.RATE_LIMITED
    assert set(tiers(server)) == {"flex"}


def test_a_tier_without_room_holds_no_other_call_back(server):
    server.play(lambda request: replace(full(request), headers={"Retry-After": "3600"}))
    (first,) = make(server, "flex-first", pack=1).score([TASK])
    assert first.failures == ()
    assert tiers(server) == ["flex", None]


def test_a_model_without_the_tier_is_asked_without_it_only_where_that_is_allowed(server):
    server.always = chat.without("service_tier")
    (failure,) = one(server, "flex").failures
    assert failure.reason is FailureReason.REJECTED
    assert "service_tier" in failure.message
    outcome = one(server, "flex-first")
    assert (outcome.failures, outcome.usage.cost) == ((), 1.0)
    assert outcome.notes == ("the server rejected service_tier: sent without it",)


def test_slow_answers_are_waited_for_longer_unless_a_time_is_given():
    assert OpenAIOptions().time_limit == 120
    assert (
        OpenAIOptions(tier="flex").time_limit == OpenAIOptions(tier="flex-first").time_limit == 900
    )
    assert OpenAIOptions(tier="flex", timeout=5).time_limit == 5
    with pytest.raises(UsageError, match="timeout"):
        OpenAIOptions(timeout=0)
