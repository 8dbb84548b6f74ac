from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.models import Category, Usage
from classifier.scorers.openai import planning
from classifier.scorers.openai.planning import (
    PromptCacheModel,
    Rates,
    Strategy,
    Workload,
    predict,
)

CATEGORIES = tuple(Category(id=f"t/{n:02}", kind="t", title=f"Title {n}") for n in range(40))
SIZES = {category.digest: 250 for category in CATEGORIES}
RATES = Rates(concurrency=4)


def dollars(usage):
    fresh = usage.input_tokens - usage.cached_tokens
    return (fresh + usage.cached_tokens / 10 + 8 * usage.output_tokens) / 1e6


def load(articles=20, categories=CATEGORIES, **more):
    given_ = {
        "tasks": [(900, tuple(categories))] * articles,
        "sizes": SIZES,
        "heads": {True: 1300, False: 1200},
        "price": {"standard": dollars, "batch": lambda usage: dollars(usage) / 2},
    }
    return Workload(**given_ | more)


def strategy(pack, *, short=True, tier="standard"):
    return Strategy(name="", pack=pack, short=short, tier=tier)


@given(st.integers(1, 30), st.integers(1, 40), st.integers(1, 40), st.booleans())
def test_a_larger_pack_never_costs_more(articles, one, other, short):
    small, large = sorted((one, other))
    work = load(articles)
    costs = [
        predict(work, strategy(n, short=short), rates=RATES).usage.cost for n in (small, large)
    ]
    assert costs[1] <= costs[0] * 1.01  # the sums of rounded tokens


def test_strategies_that_do_not_fit_the_context_are_not_offered():
    def packs(context):
        found = planning.alternatives(load(context=context), strategy(10))
        return {it.pack for it in found}

    assert 20 in packs(None)
    assert 20 in packs(200_000)
    assert 20 not in packs(8_000)
    assert 1 in packs(8_000)


def test_what_the_server_has_to_cache_first_is_counted_where_calls_mark_it():
    plain = predict(load(), strategy(10), rates=RATES).usage
    marked = predict(load(marks=True), strategy(10), rates=RATES).usage
    assert plain.cache_write_tokens == 0
    # Each of the four packs once, and what 19 more articles leave beside whole steps.
    assert 4 * 2_500 < marked.cache_write_tokens < marked.input_tokens - marked.cached_tokens


def test_short_answers_are_cheaper_and_need_their_rubric():
    work = load()
    full = predict(work, strategy(10, short=False), rates=RATES).usage
    short = predict(work, strategy(10), rates=RATES).usage
    assert short.output_tokens < 0.6 * full.output_tokens
    assert short.cost < full.cost
    without = replace(work, heads={False: 1200})
    assert predict(without, strategy(10), rates=RATES).usage == full


def test_all_but_the_first_article_find_their_beginning_cached():
    found = predict(load(20), strategy(10), rates=RATES).usage
    assert found.calls == 80
    step = (1300 + 10 * 250) // 128 * 128
    first = 1300 // 128 * 128 * 3  # the rubric, for all packs but the first of all
    assert found.cached_tokens == 19 * 4 * step + first


def test_a_batch_finds_nothing_cached_and_has_its_own_price():
    live = predict(load(), strategy(10), rates=RATES)
    batch = predict(load(), strategy(10, tier="batch"), rates=RATES)
    assert batch.usage.cached_tokens == 0
    assert batch.usage.input_tokens == live.usage.input_tokens
    assert batch.seconds is None


def test_calls_per_minute_bound_the_time_and_more_at_once_shortens_it():
    quick = predict(load(), strategy(10), rates=Rates(concurrency=40)).seconds
    slow = predict(load(), strategy(10), rates=Rates(concurrency=4)).seconds
    bound = predict(load(), strategy(10), rates=Rates(concurrency=40, rpm=10)).seconds
    tight = predict(load(), strategy(10), rates=Rates(concurrency=40, tpm=10_000)).seconds
    assert quick < slow < bound < tight
    assert bound == pytest.approx(60 * (80 / 10 - 1), rel=0.05)


def test_nothing_to_judge_costs_and_takes_nothing():
    found = predict(load(0), strategy(10), rates=RATES)
    assert (found.usage.calls, found.usage.cost, found.seconds) == (0, 0.0, 0.0)


def test_an_unknown_price_stays_unknown():
    found = predict(load(price={}), strategy(10), rates=RATES)
    assert found.usage.cost is None
    assert found.usage.input_tokens > 0


def test_what_is_chosen_is_not_among_the_alternatives():
    chosen = strategy(10)
    found = planning.alternatives(load(), chosen)
    assert [it.pack for it in found] == [1, 10, 20, 40]
    assert all((it.pack, it.short) != (10, True) for it in found)
    assert {it.tier for it in found} == {"standard"}
    flex = strategy(10, tier="flex")
    assert {it.tier for it in planning.alternatives(load(), flex)} == {"flex"}


def test_a_tier_is_cheaper_where_its_price_is_known_to_be_lower():
    def priced(each):
        return lambda usage: each * usage.input_tokens

    tiers = {"standard": priced(2), "flex": priced(2), "batch": priced(1)}
    assert planning.cheaper_tiers(load(price=tiers)) == ["batch"]
    assert planning.cheaper_tiers(load(price={"standard": None, "batch": None})) == []


def test_usage_of_so_many_times_the_work():
    usage = Usage(calls=3, input_tokens=100, cached_tokens=50, output_tokens=10, cost=0.5)
    assert planning.scaled(usage, 2.5) == Usage(
        calls=8, input_tokens=250, cached_tokens=125, output_tokens=25, cost=1.25
    )
    assert planning.scaled(replace(usage, cost=None), 2).cost is None


ids = st.lists(st.sampled_from(CATEGORIES), max_size=6, unique=True)


@given(st.lists(ids, max_size=8), st.integers(0, 3000))
def test_what_is_cached_is_what_an_earlier_request_began_with(orders, head):
    cache, seen = PromptCacheModel(), []
    for order in orders:
        cached = cache.cached_tokens(order, head=head, sizes=SIZES)
        common = max(
            (sum(1 for _ in _same(order, other)) * 250 + head for other in seen), default=0
        )
        assert cached % 128 == 0
        assert cached == 0 or cached >= 1024
        assert cached <= common
        assert common - cached < 1024
        seen.append(order)


def _same(one, other):
    for a, b in zip(one, other, strict=False):
        if a is not b:
            return
        yield a
