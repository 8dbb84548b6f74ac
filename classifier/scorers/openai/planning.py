"""How what is to be judged is best asked, and what it will take. Pure.

A call costs its rubric, its categories and its article. The more categories share a call, the
fewer times rubric and article are read, so the largest pack is the cheapest one, as long as what
goes in and comes out has room. What a pack may hold is for that reason no question of money but of
whether the model judges as well: see `PACK`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from classifier.models import Category, Usage
from classifier.scorers.openai import estimate, wire
from classifier.scorers.openai.estimate import CACHED_LEAST, Experience, Price

PACK: Final = 10
"""Categories a call, unless a measurement says that the model stands more. How well a model judges
many at a time differs from model to model; `classify eval --pack` measures it."""

_CACHED_STEP: Final = 128
"""Tokens: what is found in the cache is a multiple of it."""

_BEGIN: Final = 1.0
_PER_SECOND: Final = 80.0
"""What the time of a call is guessed by: seconds to the first token, tokens a second after it."""


class Beginnings:
    """What a server has read before, by the rules OpenAI gives for its cache."""

    def __init__(self) -> None:
        self._read: set[tuple[str, ...]] = set()

    def cached(self, order: Sequence[Category], *, head: int, sizes: Mapping[str, int]) -> int:
        """Return how many tokens another request had in common with one, then count that in too.

        `order`: its categories. `head`: tokens before them. `sizes`: tokens of each, by digest.
        """
        shared, whole = 0, head
        for end in range(len(order) + 1):
            whole += sizes[order[end - 1].digest] if end else 0
            start = tuple(category.digest for category in order[:end])
            if start in self._read:
                shared = whole
            self._read.add(start)
        tokens = shared // _CACHED_STEP * _CACHED_STEP
        return tokens if tokens >= CACHED_LEAST else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is to be judged, measured in tokens."""

    tasks: Sequence[tuple[int, tuple[Category, ...]]]
    """Of each article its length as it stands in the prompt, and what it is judged against."""
    sizes: Mapping[str, int]
    """Of each category by its digest, the canary too."""
    heads: Mapping[bool, int]
    """Of rubric and schema, with short answers (True) and without."""
    canary: Category | None = None
    thinks: int = 0
    """Room for reasoning."""
    price: Mapping[str, Price | None] = field(default_factory=dict)
    """By tier."""

    @property
    def pairs(self) -> int:
        return sum(len(categories) for _, categories in self.tasks)

    @property
    def short(self) -> bool:
        """Whether there may be short answers."""
        return True in self.heads


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    name: str
    pack: int
    short: bool
    tier: str = "standard"
    watched: bool = True
    """Whether the canary travels along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    concurrency: int
    rpm: float | None = None
    tpm: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    strategy: Strategy
    usage: Usage
    """The cost is None where the price is unknown."""
    seconds: float | None
    """None where nobody can tell, as of a batch."""


def strategies(load: Load, chosen: Strategy) -> list[Strategy]:
    """Return what could be done instead of what was chosen, the dearest first."""
    widest = max((len(categories) for _, categories in load.tasks), default=0)
    packs = [size for size in (20, 40) if chosen.pack < size < widest]
    found = [
        Strategy(name="one call per pair, in full", pack=1, short=False, watched=False),
        Strategy(name=f"{chosen.pack} per call, in full", pack=chosen.pack, short=False),
        *(Strategy(name=f"{n} per call", pack=n, short=chosen.short) for n in packs),
    ]
    if chosen.tier == "standard":
        for tier in ("flex", "batch"):
            name = "the same, --tier flex" if tier == "flex" else "the same, as a batch"
            found.append(Strategy(name=name, pack=chosen.pack, short=chosen.short, tier=tier))
    same = (chosen.pack, chosen.short, chosen.tier)
    return [it for it in found if (it.pack, it.short, it.tier) != same]


def predict(
    load: Load, strategy: Strategy, *, rates: Rates, experience: Experience | None = None
) -> Prediction:
    """Predict what judging takes if every answer is usable at once."""
    experience, beginnings = experience or Experience(), Beginnings()
    canary = load.canary if strategy.watched else None
    short = strategy.short and load.short
    head = load.heads[short]
    nothing = wire.part("")
    calls, read, cached, written = 0, 0, 0, 0.0
    for article, categories in load.tasks:
        for pack in wire.packs(categories, strategy.pack):
            order = wire.request(nothing, pack, canary=canary).categories
            size = estimate.Size(
                prefix=head + sum(load.sizes[category.digest] for category in order),
                article=article,
                categories=len(order),
                full=estimate.likely_full(len(order), among=len(categories)),
                short=short,
            )
            calls += 1
            read += size.prefix + article
            written += experience.written(size) + load.thinks * experience.thinking.value
            if strategy.tier != "batch":  # a day is longer than any cache lasts
                cached += beginnings.cached(order, head=head, sizes=load.sizes)
    usage = Usage(
        calls=calls,
        input_tokens=round(read * experience.input.value),
        cached_tokens=round(cached * experience.input.value),
        output_tokens=round(written),
        cost=None,
    )
    priced = _priced(usage, load.price.get(strategy.tier))
    return Prediction(strategy=strategy, usage=priced, seconds=_seconds(priced, strategy, rates))


def _priced(usage: Usage, price: Price | None) -> Usage:
    """Price the mean call: of one that is long enough, each token may cost more."""
    if price is None or not usage.calls:
        return usage if usage.calls else Usage()
    each = Usage(
        calls=1,
        input_tokens=round(usage.input_tokens / usage.calls),
        cached_tokens=round(usage.cached_tokens / usage.calls),
        output_tokens=round(usage.output_tokens / usage.calls),
    )
    cost = price(each)
    return usage if cost is None else replace(usage, cost=cost * usage.calls)


def _seconds(usage: Usage, strategy: Strategy, rates: Rates) -> float | None:
    if strategy.tier != "standard" or not usage.calls:
        return None if usage.calls else 0.0
    each = _BEGIN + usage.output_tokens / usage.calls / _PER_SECOND
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
