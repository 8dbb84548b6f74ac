from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.models import Usage
from classifier.scorers.openai import costs
from classifier.scorers.openai.costs import (
    CallSize,
    RunningMean,
    UsageEstimate,
    UsageStatistics,
    priced,
)

SIZE = CallSize(prefix=2000, article=1000, categories=11, full=2)


def dollars(usage):
    return (usage.input_tokens - usage.cached_tokens / 2 + 4 * usage.output_tokens) / 1e6


# --- tokens --------------------------------------------------------------------------------------


# Counted with o200k_base.
@pytest.mark.parametrize(
    ("text", "real"),
    [
        ("The team releases every week, and the plan follows what users say.", 14),
        ("for number in range(10):\n    print(number ** 2)\n", 14),
        ("我们的团队每周都会发布新版本并根据用户反馈调整计划", 14),
        ("Наша команда каждую неделю выпускает новую версию.", 12),
    ],
)
def test_the_estimate_is_near_what_a_tokenizer_counts(text, real):
    assert costs.count_tokens(text) == pytest.approx(real, rel=0.6)


@given(st.text(), st.text())
def test_a_longer_text_has_no_fewer_tokens(one, other):
    assert costs.count_tokens(f"{one} {other}") >= costs.count_tokens(one) - 1


@given(st.text(st.characters(codec="utf-32")))
def test_any_text_has_a_number_of_tokens(text):
    assert 0 <= costs.count_tokens(text) <= 2 * len(text) + 1


def test_half_a_surrogate_pair_counts_as_something():
    assert costs.count_tokens("\ud800 word") >= 1


# --- calls ---------------------------------------------------------------------------------------


@given(
    st.integers(0, 100_000), st.integers(1, 100_000), st.integers(1, 100), st.integers(0, 20_000)
)
def test_low_expected_and_high_are_in_order(prefix, article, categories, budget):
    size = CallSize(
        prefix=prefix,
        article=article,
        categories=categories,
        full=min(2, categories),
        reasoning_budget=budget,
    )
    made = costs.estimate_call(size, UsageStatistics(), dollars)
    assert made.low <= made.expected <= made.high
    assert made.cached_tokens <= made.input_tokens


def test_a_short_beginning_is_not_kept_by_a_server():
    assert costs.estimate_call(SIZE, UsageStatistics(), None).cached_tokens == 2000
    short = CallSize(prefix=900, article=1000, categories=3, full=1)
    assert costs.estimate_call(short, UsageStatistics(), None).cached_tokens == 0


def test_room_for_reasoning_is_partly_counted():
    thinking = CallSize(prefix=2000, article=1000, categories=11, full=2, reasoning_budget=16_000)
    more = costs.estimate_call(thinking, UsageStatistics(), None).output_tokens
    plain = costs.estimate_call(SIZE, UsageStatistics(), None).output_tokens
    assert 0 < more - plain < 16_000


def test_what_answers_take_replaces_the_first_guess():
    statistics = UsageStatistics()
    before = costs.estimate_call(SIZE, statistics, dollars)
    for _ in range(100):
        statistics.add(
            Usage(calls=1, input_tokens=3600, cached_tokens=1900, output_tokens=330), SIZE, full=3
        )
    after = costs.estimate_call(SIZE, statistics, dollars)
    assert after.input_tokens == pytest.approx(3600, rel=0.02)
    assert after.output_tokens == pytest.approx(330, rel=0.1)
    assert after.high < before.high


def test_how_long_answers_in_full_and_in_short_are_is_learned_of_each():
    statistics, chance = UsageStatistics(), random.Random(1)
    for _ in range(400):
        full = chance.randint(0, 5)
        usage = Usage(calls=1, input_tokens=3000, output_tokens=full * 150 + (11 - full) * 25)
        statistics.add(usage, SIZE, full=full)
    assert statistics.full.value == pytest.approx(150, rel=0.15)
    assert statistics.short.value == pytest.approx(25, rel=0.15)
    assert statistics.share.value == pytest.approx(2.5 / 2, rel=0.1)


@given(st.integers(1, 200), st.integers(0, 400), st.sampled_from(["full", "phrases", "short"]))
def test_no_more_answers_are_likely_than_there_are_categories(categories, total, form):
    full, touched = costs.likely(categories, total_categories=total, form=form)
    assert 0 <= full <= full + touched <= categories + 1e-9
    assert touched == 0 or form == "short"


def test_numbers_cost_less_than_phrases_and_ranges_less_than_numbers():
    sizes = [
        CallSize(prefix=2000, article=1000, categories=121, full=5, touched=touched, form=form)
        for form, touched in (("full", 0), ("phrases", 0), ("listed", 5), ("short", 5))
    ]
    written = [UsageStatistics().answer_tokens(size) for size in sizes]
    assert written == sorted(written, reverse=True)
    assert len(set(written)) == 4


def test_what_is_written_to_a_cache_is_in_the_highest_cost():
    marked = replace(SIZE, marked=True)

    def price(usage):
        return dollars(usage) + usage.cache_write_tokens / 1e6

    plain, more = (costs.estimate_call(it, UsageStatistics(), price) for it in (SIZE, marked))
    assert (more.low, more.expected) == (plain.low, plain.expected)
    assert more.high > plain.high


def test_a_server_that_does_not_count_teaches_nothing():
    statistics = UsageStatistics()
    statistics.add(Usage(calls=1), SIZE, full=0)
    assert statistics == UsageStatistics()


def test_a_mean_is_that_of_the_guess_and_what_was_seen():
    mean = RunningMean(10.0, 2)
    mean.add(60.0, 3)
    assert mean.value == pytest.approx((2 * 10 + 60) / 5)


def test_estimates_add_up_and_an_unknown_price_stays_unknown():
    one = UsageEstimate(calls=1, input_tokens=5, low=1.0, expected=2.0, high=3.0)
    assert (one + one).high == 6.0
    assert (one + UsageEstimate(calls=1, low=None, expected=None, high=None)).expected is None
    assert sum([one, one], UsageEstimate()) == one + one


# --- prices --------------------------------------------------------------------------------------

USAGE = Usage(calls=1, input_tokens=10_000, cached_tokens=4_000, output_tokens=1_000)
OFFICIAL = "https://api.openai.com/v1"


def cost(model, base_url=OFFICIAL, usage=USAGE):
    return priced(usage, model=model, base_url=base_url).cost


def test_a_known_model_of_a_known_provider_has_a_price():
    assert 0 < cost("gpt-4o-mini") < 0.1
    assert 0 < cost("openai/gpt-4o-mini", "https://openrouter.ai/api/v1") < 0.1


def test_cached_tokens_cost_less():
    uncached = Usage(calls=1, input_tokens=10_000, output_tokens=1_000)
    assert cost("gpt-4o-mini") < cost("gpt-4o-mini", usage=uncached)


@pytest.mark.parametrize(
    ("model", "base_url"),
    [
        ("gpt-4o", "http://127.0.0.1:8080/v1"),
        ("gpt-4o", "https://llm.example.org/https://api.openai.com/v1"),
        ("a-model-of-tomorrow", OFFICIAL),
        ("", OFFICIAL),
    ],
)
def test_an_unknown_server_or_model_has_no_price_and_never_a_guess(model, base_url):
    assert cost(model, base_url) is None


@pytest.mark.parametrize("usage", [Usage(calls=1), Usage(input_tokens=1, cached_tokens=2)])
def test_counts_that_are_missing_or_make_no_sense_have_no_price(usage):
    assert cost("gpt-4o-mini", usage=usage) is None
