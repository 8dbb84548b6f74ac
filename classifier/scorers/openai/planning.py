"""What a run will take, and what it would take if the model were asked in another way. Pure.

A call costs its rubric, its categories and its article. The more categories share a call, the
fewer times rubric and article are read, so the largest pack is the cheapest, as long as input and
output fit. The size of a pack is therefore a question of quality, not of cost: see `requests.PACK`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

from classifier import unexpected
from classifier.models import Category, Failure, Task, Usage
from classifier.scorers.openai import costs
from classifier.scorers.openai.costs import MIN_CACHED, CallSize, PriceFunction, UsageStatistics
from classifier.scorers.openai.injection import place_canaries
from classifier.scorers.openai.requests import RequestBuilder, split_packs

if TYPE_CHECKING:
    from classifier.scorers.openai.costs import Form

_CACHED_STEP: Final = 128
"""Tokens: the length of a cached prefix is a multiple of it."""

_FIRST_TOKEN: Final = 1.0
_PER_SECOND: Final = 80.0
"""The guessed duration of a call: seconds to the first token, tokens per second after it."""


class PromptCacheModel:
    """Which prefixes a server has cached, by the rules OpenAI publishes for its cache."""

    def __init__(self) -> None:
        self._read: set[tuple[str, ...]] = set()

    def cached_tokens(
        self, order: Sequence[Category], *, head: int, sizes: Mapping[str, int]
    ) -> int:
        """Return the tokens of a request that are cached, then count the request as cached.

        Args:
            order: Its categories.
            head: Tokens before them.
            sizes: Tokens of each category, by digest.
        """
        shared, whole = 0, head
        for end in range(len(order) + 1):
            whole += sizes[order[end - 1].digest] if end else 0
            start = tuple(category.digest for category in order[:end])
            if start in self._read:
                shared = whole
            self._read.add(start)
        tokens = shared // _CACHED_STEP * _CACHED_STEP
        return tokens if tokens >= MIN_CACHED else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What is to be judged, measured in tokens."""

    tasks: Sequence[tuple[int, tuple[Category, ...]]]
    """The tokens of each article in the prompt, and the categories to judge it against."""
    sizes: Mapping[str, int]
    """Tokens of each category by its digest."""
    heads: Mapping[bool, int]
    """Tokens of rubric and schema, with short answers (True) and without."""
    canary: Callable[[tuple[Category, ...]], tuple[Category, int] | None] = lambda pack: None  # noqa: ARG005
    """The canary category of a pack, with its tokens."""
    form: Form = "phrases"
    """Of short answers."""
    context: int | None = None
    """Tokens that prompt and answer may have together; None: unknown."""
    room: Callable[[int], int] = lambda categories: 0  # noqa: ARG005
    """Output tokens to allow for, of a call with so many categories, the canary included."""
    marks: bool = False
    """Whether a prefix is cached only where a call marks it, which the second one does."""
    reasoning_budget: int = 0
    """Output tokens to allow for reasoning."""
    price: Mapping[str, PriceFunction | None] = field(default_factory=dict)
    """By tier."""

    @property
    def pairs(self) -> int:
        return sum(len(categories) for _, categories in self.tasks)

    @property
    def short(self) -> bool:
        """Whether short answers are possible."""
        return True in self.heads


def measure(builder: RequestBuilder, tasks: Iterable[Task]) -> Workload:
    """Measure what is to be judged. Nothing is sent."""
    measured = []
    for task in tasks:
        text = unexpected.contain(partial(builder.read, task.article), article=task.article.id)
        if not isinstance(text, Failure):
            measured.append((text.message.tokens, task.categories))
    every = {c.digest: c for _, categories in measured for c in categories}
    full = RequestBuilder(
        model=builder.model,
        base_url=builder.base_url,
        prompts=builder.prompts.in_full(),
        options=builder.options,
    )
    heads = {False: full.shared_tokens}
    if builder.prompts.floors:
        heads[True] = builder.shared_tokens
    return Workload(
        tasks=measured,
        sizes=builder.category_tokens(every.values()),
        heads=heads,
        canary=builder.measured_canary,
        form=builder.prompts.form,
        context=builder.context_window,
        room=builder.room,
        marks=builder.marks_prefixes,
        reasoning_budget=builder.reasoning_budget,
        price={tier: builder.price(tier) for tier in ("standard", "flex", "batch")},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """One way to ask."""

    name: str
    pack: int
    short: bool
    tier: str = "standard"
    canary: bool = True
    """Whether calls have the canary category."""


ONE_BY_ONE: Final = Strategy(name="one call per pair, in full", pack=1, short=False, canary=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The limits that decide how long a run takes."""

    concurrency: int
    rpm: float | None = None
    tpm: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    strategy: Strategy
    usage: Usage
    """The cost is None where the price is unknown."""
    seconds: float | None
    """None: unknown, as for a batch."""


def alternatives(workload: Workload, chosen: Strategy) -> list[Strategy]:
    """Return other strategies than `chosen`, the most expensive first."""
    widest = max((len(categories) for _, categories in workload.tasks), default=0)
    packs = [size for size in (20, 40, widest) if chosen.pack < size <= widest]
    others = [
        ONE_BY_ONE,
        Strategy(name=f"{chosen.pack} per call, in full", pack=chosen.pack, short=False),
        *(Strategy(name=f"{n} per call", pack=n, short=chosen.short) for n in dict.fromkeys(packs)),
    ]
    return [
        replace(other, tier=chosen.tier)
        for other in others
        if (other.pack, other.short) != (chosen.pack, chosen.short) and _fits(workload, other)
    ]


def cheaper_tiers(workload: Workload) -> list[str]:
    """Return the tiers whose prices are known to be below those of live calls."""
    call = Usage(calls=1, input_tokens=10_000, output_tokens=1_000)
    prices = {
        tier: cost
        for tier, price in workload.price.items()
        if price is not None and (cost := price(call)) is not None
    }
    live = prices.get("standard", 0.0)
    return [tier for tier, cost in prices.items() if cost < live]


def _fits(workload: Workload, strategy: Strategy) -> bool:
    """Tell whether the largest call, with a long answer, fits the model's context."""
    if workload.context is None:
        return True
    head = workload.heads[strategy.short and workload.short]
    widest = sorted(workload.sizes.values(), reverse=True)[: strategy.pack]
    longest = max((article for article, _ in workload.tasks), default=0)
    answers = round(costs.FULL_ANSWER * costs.SPREAD * min(strategy.pack, len(workload.sizes)))
    read = round((head + sum(widest) + longest) * costs.INPUT_SPREAD)
    return read + answers + workload.reasoning_budget <= workload.context


def predict(
    workload: Workload,
    strategy: Strategy,
    *,
    rates: Rates,
    statistics: UsageStatistics | None = None,
) -> Prediction:
    """Predict what judging takes if every first answer is usable."""
    statistics, cache = statistics or UsageStatistics(), PromptCacheModel()
    sizes, canary_of = dict(workload.sizes), lru_cache(maxsize=256)(workload.canary)
    short = strategy.short and workload.short
    head, form = workload.heads[short], workload.form if short else "full"
    calls, read, cached, kept, written = 0, 0, 0, 0, 0.0
    for article, categories in workload.tasks:
        for pack in _packs(workload, strategy, article, categories):
            found = canary_of(pack) if strategy.canary else None
            order = place_canaries(pack, found[:1] if found else ())
            sizes |= {found[0].digest: found[1]} if found else {}
            prefix = head + sum(sizes[category.digest] for category in order)
            size = _size(prefix, article, len(order), total=len(categories), form=form)
            calls += 1
            read += size.prefix + article
            written += statistics.answer_tokens(size)
            written += workload.reasoning_budget * statistics.thinking.value
            if strategy.tier != "batch":  # a day is longer than any cache lasts
                hit = cache.cached_tokens(order, head=head, sizes=sizes)
                cached += hit
                kept += max(0, size.prefix - hit) if workload.marks else 0
    usage = Usage(
        calls=calls,
        input_tokens=round(read * statistics.input.value),
        cached_tokens=round(cached * statistics.input.value),
        cache_write_tokens=round(kept * statistics.input.value),
        output_tokens=round(written),
        cost=None,
    )
    priced = _priced(usage, workload.price.get(strategy.tier))
    return Prediction(strategy=strategy, usage=priced, seconds=seconds(priced, strategy, rates))


def _size(prefix: int, article: int, categories: int, *, total: int, form: Form) -> CallSize:
    full, touched = costs.likely(categories, total_categories=total, form=form)
    return CallSize(
        prefix=prefix,
        article=article,
        categories=categories,
        full=full,
        touched=touched,
        form=form,
    )


def _packs(
    workload: Workload, strategy: Strategy, article: int, categories: Sequence[Category]
) -> list[tuple[Category, ...]]:
    """Split an article's categories as a run does: smaller where the context asks for that."""
    head = workload.heads[strategy.short and workload.short] + article

    def fits(pack: Sequence[Category]) -> bool:
        assert workload.context is not None
        read = head + sum(workload.sizes[category.digest] for category in pack)
        return round(read * costs.INPUT_SPREAD) + workload.room(len(pack) + 1) <= workload.context

    size = strategy.pack
    while size and workload.context is not None:
        packs = split_packs(categories, size)
        if all(map(fits, packs)):
            return packs
        size //= 2
    return split_packs(categories, strategy.pack)


def scaled(usage: Usage, times: float) -> Usage:
    """Return the usage of so many times the work."""
    return Usage(
        calls=round(usage.calls * times),
        input_tokens=round(usage.input_tokens * times),
        cached_tokens=round(usage.cached_tokens * times),
        cache_write_tokens=round(usage.cache_write_tokens * times),
        output_tokens=round(usage.output_tokens * times),
        cost=None if usage.cost is None else usage.cost * times,
    )


def _priced(usage: Usage, price: PriceFunction | None) -> Usage:
    """Price the mean call: prices per token may depend on the length of a call."""
    if price is None or not usage.calls:
        return usage if usage.calls else Usage()
    each = Usage(
        calls=1,
        input_tokens=round(usage.input_tokens / usage.calls),
        cached_tokens=round(usage.cached_tokens / usage.calls),
        cache_write_tokens=round(usage.cache_write_tokens / usage.calls),
        output_tokens=round(usage.output_tokens / usage.calls),
    )
    cost = price(each)
    return usage if cost is None else replace(usage, cost=cost * usage.calls)


def seconds(usage: Usage, strategy: Strategy, rates: Rates) -> float | None:
    """Guess how long calls take; None: unknown, as for a batch."""
    if strategy.tier != "standard" or not usage.calls:
        return None if usage.calls else 0.0
    each = _FIRST_TOKEN + usage.output_tokens / usage.calls / _PER_SECOND
    minutes = [
        max(0.0, amount / limit - 1)
        for amount, limit in (
            (usage.calls, rates.rpm),
            (usage.input_tokens + usage.output_tokens, rates.tpm),
        )
        if limit is not None
    ]
    at_once = min(rates.concurrency, usage.calls)
    return max(usage.calls * each / at_once, each + 60 * max(minutes, default=0.0))
