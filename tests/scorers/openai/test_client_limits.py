"""What bounds the calls of a run: pace, budget, and the counting of both."""

from __future__ import annotations

import asyncio
import pickle
from dataclasses import replace
from functools import partial
from itertools import pairwise
from types import SimpleNamespace

import pytest
from support import chat_server as chat
from support.simulated_time import Clock

from classifier.errors import UsageError
from classifier.models import Article, Category, FailureReason, Task, Usage
from classifier.scorers.openai import client as client_module
from classifier.scorers.openai import costs, limits, retry_hints
from classifier.scorers.openai.limits import Budget
from classifier.scorers.openai.options import OpenAIOptions, RetryPolicy
from classifier.scorers.openai.scorer import OpenAIScorer

BREAD = Category(id="t/bread", kind="t", title="Bread", description="Baking loaves.")
CHESS = Category(id="t/chess", kind="t", title="Chess", description="Openings, endgames.")
SWIFT = RetryPolicy(attempts=6, max_seconds=5.0, initial_wait=0.005, max_wait=0.02)


def tasks(count, *categories):
    for number in range(count):
        article = Article(id=str(number), body=f"Loaf number {number} is baked in the oven.")
        yield Task(article, categories or (BREAD,))


def make(server, *, budget=None, **options):
    given = {"timeout": 30.0, "retry": SWIFT, "canary": False} | options
    return OpenAIScorer("m", base_url=server.url, options=OpenAIOptions(**given), budget=budget)


def reasons(outcomes):
    return [failure.reason for outcome in outcomes for failure in outcome.failures]


@pytest.fixture
def starts(monkeypatch):
    """When calls started, in simulated seconds: pace, retries and the server wait by that clock."""
    clock, starts = Clock(), []

    class Noting(limits.RateLimiter):
        async def start(self, tokens):
            starts.append(await super().start(tokens))
            return starts[-1]

    monkeypatch.setattr(asyncio, "sleep", clock.sleep)
    monkeypatch.setattr(limits, "RateLimiter", partial(Noting, clock=clock))
    for module in (client_module, retry_hints):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock, time=clock))
    return starts


@pytest.fixture
def priced(monkeypatch):
    """A dollar for a thousand tokens, wherever they are read or written."""

    def price(usage, *, model, base_url, tier="standard"):
        used = usage.input_tokens + usage.output_tokens
        return replace(usage, cost=used / 1000 if used else None)

    monkeypatch.setattr(costs, "priced", price)


PAID = 1.2
"""What a call to the loopback server costs by that price: 1,000 tokens read, 200 written."""


# --- pace ----------------------------------------------------------------------------------------


def test_throttled_now_and_then_a_run_ends_complete_and_every_try_is_counted(server):
    turns = iter(range(10_000))

    def behaviour(request):
        throttle = next(turns) % 20 == 7
        return (chat.rate_limited({"Retry-After": "0.02"}) if throttle else chat.judge)(request)

    server.always = behaviour
    outcomes = list(make(server, concurrency=20).score(tasks(60)))
    assert reasons(outcomes) == []
    assert len(outcomes) == 60
    assert sum(outcome.usage.calls for outcome in outcomes) == len(server.requests) > 60


def test_a_wait_one_call_is_asked_for_holds_all_others(server, starts):
    server.play(chat.judge, chat.rate_limited({"Retry-After": "3"}))
    assert reasons(make(server, concurrency=4).score(tasks(12))) == []
    gap = max(later - before for before, later in pairwise(starts))
    assert gap == pytest.approx(3)


def test_calls_per_minute_are_kept(server, starts):
    assert reasons(make(server, concurrency=10, rpm=5).score(tasks(14))) == []
    for first, sixth in zip(starts, starts[5:], strict=False):
        assert sixth - first >= 60 - 1e-6


def test_what_the_headers_say_is_left_is_not_exceeded(server, starts):
    headers = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "300ms"}
    server.play(lambda request: replace(chat.judge(request), headers=headers))
    list(make(server, concurrency=1).score(tasks(2)))
    assert starts[1] - starts[0] == pytest.approx(0.3)


def test_a_call_that_waits_to_be_tried_again_leaves_its_place_to_others(server):
    server.play(chat.failing(503))
    policy = RetryPolicy(attempts=2, initial_wait=0.3, max_seconds=5)
    (outcome,) = make(server, concurrency=1, pack=1, retry=policy).score(tasks(1, BREAD, CHESS))
    assert [r.names for r in server.requests] == [["bread"], ["chess"], ["bread"]]
    assert outcome.failures == ()


def test_waiting_in_the_queue_tries_nobodys_patience(server, starts):
    policy = RetryPolicy(attempts=3, initial_wait=0.01, max_seconds=40)
    # The last call waits for longer than the policy allows, then fails once.
    failing = iter([chat.failing(503)])

    def last_fails_once(request):
        last = "number 3" in request.article
        return (next(failing, chat.judge) if last else chat.judge)(request)

    server.always = last_fails_once
    scorer = make(server, concurrency=4, rpm=1, retry=policy)
    assert reasons(scorer.score(tasks(4))) == []
    assert len(server.requests) == 5


def test_a_server_that_is_out_for_long_is_not_asked_again_by_each_call(server):
    server.always = chat.rate_limited({"Retry-After": "3600"})
    outcomes = list(make(server, concurrency=1).score(tasks(5)))
    assert reasons(outcomes) == [FailureReason.RATE_LIMITED] * 5
    assert len(server.requests) == 1
    assert [outcome.usage.calls for outcome in outcomes] == [1, 0, 0, 0, 0]


# --- budget --------------------------------------------------------------------------------------


def test_concurrent_calls_never_exceed_the_calls_allowed(server):
    server.always = chat.slow(0.02)
    outcomes = list(make(server, concurrency=50, budget=Budget(max_calls=23)).score(tasks(80)))
    assert len(server.requests) == 23
    assert reasons(outcomes) == [FailureReason.OVER_BUDGET] * 57
    message = next(f.message for o in outcomes for f in o.failures)
    assert message == "all 23 calls of `max_calls` were made; raise it to continue"


def test_concurrent_calls_use_the_money_and_no_more(server, priced):
    server.always = chat.slow(0.02)
    budget = Budget(max_cost=30.0)
    outcomes = list(make(server, concurrency=50, budget=budget).score(tasks(80)))
    assert budget.spent == pytest.approx(PAID * len(server.requests))
    assert 20 < budget.spent <= 30
    assert budget.reserved == pytest.approx(0)
    assert set(reasons(outcomes)) == {FailureReason.OVER_BUDGET}
    assert sum(o.usage.cost for o in outcomes) == pytest.approx(budget.spent)
    assert all("`max_cost` 30" in f.message for o in outcomes for f in o.failures)


def test_each_try_is_one_of_the_calls_allowed(server):
    server.always = chat.failing(503)
    (outcome,) = make(server, budget=Budget(max_calls=3)).score(tasks(1))
    assert len(server.requests) == outcome.usage.calls == 3
    assert reasons([outcome]) == [FailureReason.OVER_BUDGET]


def test_a_request_the_server_did_not_understand_is_a_call_too(server):
    server.always = chat.without("json_schema")
    (outcome,) = make(server).score(tasks(1))
    assert len(server.requests) == outcome.usage.calls == 2


@pytest.mark.parametrize(
    ("trouble", "paid"),
    [
        (chat.failing(400, "no"), False),
        (chat.rate_limited(), False),
        (chat.failing(500), True),
        (chat.dropping(0.5), True),
        (chat.slow(0.5), True),
    ],
    ids=["rejected", "throttled", "broken", "dropped", "late"],
)
def test_what_may_have_been_charged_is_counted_as_estimated(server, priced, trouble, paid):
    server.play(trouble)
    budget = Budget(max_cost=1000.0)
    scorer = make(server, budget=budget, timeout=0.2)
    (task,) = tasks(1)
    lost = scorer.estimate(task).expected if paid else 0.0
    (outcome,) = scorer.score([task])
    answered = PAID if not outcome.failures else 0.0
    assert budget.spent == pytest.approx(answered + lost)
    assert outcome.usage.cost == pytest.approx(budget.spent)
    assert outcome.usage.calls == len(server.requests)


def test_an_unreachable_server_costs_nothing(priced):
    budget = Budget(max_cost=1000.0)
    options = OpenAIOptions(retry=RetryPolicy(attempts=2, initial_wait=0.01))
    scorer = OpenAIScorer("m", base_url="http://127.0.0.1:1/v1", options=options, budget=budget)
    assert reasons(scorer.score(tasks(1))) == [FailureReason.UNAVAILABLE]
    assert budget.spent == budget.reserved == 0


def test_a_server_that_does_not_count_is_paid_as_estimated(server, priced):
    def uncounted(request):
        reply = chat.judge(request)
        return replace(reply, body={**reply.body, "usage": None})

    server.always = uncounted
    (task,) = tasks(1)
    scorer = make(server, budget=Budget(max_cost=1000.0))
    (outcome,) = scorer.score([task])
    assert outcome.usage.cost == pytest.approx(scorer.estimate(task).expected)


def test_a_bound_on_money_needs_a_price(server):
    with pytest.raises(UsageError, match="the price of 'm' is unknown: limit calls with"):
        make(server, budget=Budget(max_cost=1.0))
    make(server, budget=Budget(max_calls=1))


def test_all_runs_of_a_scorer_share_its_budget_and_a_copy_has_its_own(server):
    scorer = make(server, budget=Budget(max_calls=3))
    copy = pickle.loads(pickle.dumps(scorer))
    assert len(reasons([*scorer.score(tasks(2)), *scorer.score(tasks(2))])) == 1
    assert reasons(copy.score(tasks(3))) == []


def test_a_run_that_is_ended_gives_back_what_was_not_sent(server):
    server.play(chat.judge)
    server.always = chat.slow(30)
    budget = Budget(max_calls=100)
    outcomes = make(server, concurrency=8, rpm=3, timeout=60, budget=budget).score(tasks(9))
    next(outcomes)
    outcomes.close()
    assert 1 <= len(server.requests) <= budget.calls <= 3


# --- what is told --------------------------------------------------------------------------------


def test_the_notes_say_what_the_server_refused(server):
    server.always = chat.without("json_schema", "temperature")
    first, second = make(server, concurrency=1).score(tasks(2))
    assert first.notes == second.notes
    assert set(first.notes) == {
        "the server does not support json_schema: used json_object instead",
        "the server rejected temperature: sent without it",
    }


def test_an_answer_in_words_only_is_noted(server):
    server.always = chat.without("json_schema", "json_object")
    (outcome,) = make(server).score(tasks(1))
    assert outcome.notes == (
        "the server does not support json_schema: described the format in the prompt instead",
    )


def test_a_server_that_refuses_nothing_leaves_no_note(server):
    (outcome,) = make(server).score(tasks(1))
    assert outcome.notes == ()


# --- estimates -----------------------------------------------------------------------------------


def test_an_estimate_sends_nothing_and_foresees_the_calls(server, priced):
    scorer = make(server, pack=1)
    (task,) = tasks(1, BREAD, CHESS)
    expected = scorer.estimate(task)
    assert server.requests == []
    assert expected.calls == 2
    assert expected.low < expected.expected < expected.high
    (outcome,) = scorer.score([task])
    assert outcome.usage.calls == 2


def test_without_a_price_tokens_are_estimated_all_the_same(server):
    (task,) = tasks(1)
    scorer = make(server)
    expected, again = scorer.estimate(task), scorer.estimate(task)
    assert (expected.low, expected.expected, expected.high) == (None, None, None)
    assert expected.input_tokens > 1000
    assert expected.cached_tokens == 0
    assert 0 < again.cached_tokens < again.input_tokens
    assert expected.output_tokens > 0


def test_nothing_to_judge_is_estimated_as_nothing(server, priced):
    expected = make(server).estimate(Task(Article(id="a", body="Text."), ()))
    assert (expected.calls, expected.input_tokens, expected.high) == (0, 0, 0.0)


def test_a_price_list_knows_the_official_model():
    scorer = OpenAIScorer("gpt-4o-mini", budget=Budget(max_cost=1.0))
    (task,) = tasks(1)
    expected = scorer.estimate(task)
    assert 0 < expected.low < expected.expected < expected.high < 0.01
    assert costs.priced(
        Usage(calls=1, input_tokens=1000),
        model="gpt-4o-mini",
        base_url="https://api.openai.com/v1",
    ).cost


def test_a_connection_that_breaks_before_the_answer_is_not_called_slow(server):
    server.always = chat.dropping(0.0)
    (outcome,) = make(server).score(tasks(1))
    (failure,) = outcome.failures
    assert failure.reason is FailureReason.UNAVAILABLE
    assert "connection" in failure.message
