"""What calls cost: estimated before they are made, priced after.

Tokens are estimated without a tokenizer. Prices are those of the genai-prices package; nothing is
fetched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final, Literal, Protocol, TypeAlias, runtime_checkable

from classifier.models import Task, Usage

Form: TypeAlias = Literal["full", "phrases", "listed", "short"]
"""How a category is answered that gets no full answer: `full`: without quotes, but else in full.
`phrases`: in short. `listed`: in short if it is touched, else by its number. `short`: the same,
with ranges of numbers."""

FULL_ANSWER: Final = 110
"""Tokens: about 30 for the JSON around it, 45 for the reasoning, 35 for quotes."""
BARE_ANSWER: Final = 75
"""Likewise for a rejected category, which has no quotes."""
SHORT_ANSWER: Final = 28
"""Tokens: about 20 for the JSON around it, 8 for the phrase."""
LISTED_ANSWER: Final = 70
"""Tokens of a full answer beside numbers: about 28 for the JSON around it, 27 for the reasoning, 15
for the first words of quotes."""
LINE: Final = 20
"""Tokens of a short one beside numbers."""
ABOUT: Final = 45
"""Tokens: about 30 for what the article is about, 15 for the names of the lists."""
NUMBER: Final = 2.0
RANGE: Final = 4.0
"""Tokens of a number, and of a range of them, with what is around them in JSON."""
_LIKELY: Final[Mapping[Form, tuple[float, float, float]]] = {
    "full": (4.0, 0.0, 0.05),
    "phrases": (4.0, 0.0, 0.05),
    "listed": (3.2, 1.2, 0.015),
    "short": (3.2, 1.2, 0.015),
}
"""First guess: an article has so many full answers, so many that say what is missing, and this
share of its categories more of either."""
SPREAD: Final = 2.0
"""An answer may be this many times as long as expected."""
INPUT_SPREAD: Final = 1.15
"""Nine of ten articles are estimated within this factor."""
MIN_CACHED: Final = 1024
"""Tokens: OpenAI caches no shorter prefix."""
_CACHED_SHARE: Final = 0.5
_THINKING_SHARE: Final = 0.125
"""First guess of the share of its budget that a reasoning model uses."""

_PIECE: Final = re.compile(r"[A-Za-z]{1,12}|[0-9]{1,3}|[!-/:-@\[-`{-~]+|\n+")
_TWO_BYTES: Final = 0.35
_THREE_BYTES: Final = 0.75

PriceFunction = Callable[[Usage], float | None]
"""From token counts to US dollars; None where the price is unknown."""


def count_tokens(text: str) -> int:
    """Estimate the tokens a GPT model reads `text` as.

    Words, groups of three digits, runs of punctuation and line breaks count as one each; other
    scripts by characters. Against o200k_base on 215 articles of six sources: 3.2 % off on average,
    6.7 % in nine of ten, 1.2 % in sum; against cl100k_base 3.4 %, 7.4 %, 0.9 %. On 72 newsgroup
    posts and news wires, with their tables and headers, it is 8 % too low. On a few sentences of
    Chinese, Japanese, Korean and Russian it was 8 % too low to 36 % too high for o200k_base; models
    with a smaller vocabulary take up to twice as many tokens for these.
    """
    pieces = len(_PIECE.findall(text))
    if text.isascii():
        return pieces
    others = len(text) - len(text.encode("ascii", "ignore"))
    size = len(text.encode("utf-8", "replace")) - (len(text) - others)
    wide = min(others, max(0, size - 2 * others))
    return pieces + round((others - wide) * _TWO_BYTES + wide * _THREE_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageEstimate:
    """What scoring takes if every first answer is usable. Estimates can be added."""

    calls: int = 0
    input_tokens: int = 0
    """Includes `cached_tokens`."""
    cached_tokens: int = 0
    """Tokens of prefixes that earlier requests had too, which a server may bill at less."""
    output_tokens: int = 0
    low: float | None = 0.0
    """US dollars, with cached prefixes and short answers. None: the price is unknown."""
    expected: float | None = 0.0
    high: float | None = 0.0
    """US dollars, with nothing cached and long answers."""

    def __add__(self, other: UsageEstimate) -> UsageEstimate:
        return UsageEstimate(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            low=_sum(self.low, other.low),
            expected=_sum(self.expected, other.expected),
            high=_sum(self.high, other.high),
        )

    @property
    def tokens(self) -> int:
        """What a limit on tokens per minute counts."""
        return self.input_tokens + self.output_tokens


@runtime_checkable
class Estimating(Protocol):
    """A scorer that costs something and can estimate it."""

    def estimate(self, task: Task) -> UsageEstimate: ...


def _sum(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a + b


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSize:
    """What is known of a call before it is made."""

    prefix: int
    """Tokens of the prefix that calls about other articles share."""
    article: int
    categories: int
    """The canary included."""
    full: float
    """Expected number of full answers, with quotes, among them."""
    touched: float = 0.0
    """Expected number of short ones, where others have numbers."""
    form: Form = "phrases"
    reasoning_budget: int = 0
    """Output tokens to allow for reasoning."""
    cached: int | None = None
    """Tokens of it that the server should have cached; None: unknown."""
    marked: bool = False
    """Whether it asks the server to cache its prefix, for which newer models charge more."""


def likely(categories: int, *, total_categories: int, form: Form) -> tuple[float, float]:
    """Return how many full and how many touched answers a call should bring, by the first guess.

    `total_categories`: those of all calls about the article.
    """
    total = max(categories, total_categories, 1)
    full_each, touched_each, share = _LIKELY[form]
    full = min(total, full_each + share * total)
    touched = min(total - full, touched_each + share * total) if touched_each else 0.0
    return full * categories / total, touched * categories / total


@dataclass(slots=True)
class RunningMean:
    """A mean that starts from a guess, as if that had been observed `weight` times."""

    value: float
    weight: float

    def add(self, total: float, count: float = 1.0) -> None:
        self.weight += count
        self.value += (total - self.value * count) / self.weight


@dataclass(slots=True)
class UsageStatistics:
    """What the calls of a run used, in place of the first guesses."""

    input: RunningMean = field(default_factory=lambda: RunningMean(1.0, 5))
    """Real tokens per estimated one."""
    full: RunningMean = field(default_factory=lambda: RunningMean(FULL_ANSWER, 20))
    short: RunningMean = field(default_factory=lambda: RunningMean(SHORT_ANSWER, 20))
    bare: RunningMean = field(default_factory=lambda: RunningMean(BARE_ANSWER, 20))
    """Output tokens per category, without reasoning: of an answer with quotes, of a short answer,
    and of one without quotes where short answers are not allowed."""
    share: RunningMean = field(default_factory=lambda: RunningMean(1.0, 20))
    touched: RunningMean = field(default_factory=lambda: RunningMean(1.0, 20))
    """Answers with quotes, and short ones of what is touched, per expected one."""
    thinking: RunningMean = field(default_factory=lambda: RunningMean(_THINKING_SHARE, 2))
    """Share of the reasoning budget that is used."""
    cached: RunningMean = field(default_factory=lambda: RunningMean(_CACHED_SHARE, 5))
    """Share of the prefix that the server had cached."""

    def answer_tokens(self, size: CallSize) -> float:
        """Return the expected tokens of an answer, without reasoning."""
        full = min(size.full * self.share.value, size.categories)
        return self._tokens(
            full, min(size.touched * self.touched.value, size.categories - full), size
        )

    def _tokens(self, full: float, touched: float, size: CallSize) -> float:
        rest = size.categories - full
        if size.form in ("full", "phrases"):
            return full * self.full.value + rest * self._rest(size).value
        numbers = NUMBER * (rest - touched)
        if size.form == "short":  # what is not out parts the ranges
            numbers = min(numbers, RANGE * (full + touched + 1))
        full *= LISTED_ANSWER / FULL_ANSWER
        touched *= LINE / SHORT_ANSWER
        return ABOUT + full * self.full.value + touched * self.short.value + numbers

    def _rest(self, size: CallSize) -> RunningMean:
        return self.bare if size.form == "full" else self.short

    def add(self, usage: Usage, size: CallSize, *, full: int, touched: int = 0) -> None:
        """Add the usage of one answered call, if the server counted it.

        Args:
            usage: What the server counted.
            size: What was expected.
            full: The number of full answers in it.
            touched: The number of short ones, where others have numbers.
        """
        if not usage.input_tokens or not usage.output_tokens:
            return
        self.input.add(usage.input_tokens / (size.prefix + size.article))
        # Usage is not itemised: all kinds of answer are taken to be off by the same factor.
        written = usage.output_tokens - usage.reasoning_tokens
        factor = written / self._tokens(full, touched, size)
        by_number = size.form in ("listed", "short")
        rest, others = self._rest(size), touched if by_number else size.categories - full
        self.full.add(factor * self.full.value * full, full)
        rest.add(factor * rest.value * others, others)
        self.share.add(full, size.full)
        self.touched.add(touched, size.touched)
        if size.reasoning_budget:
            self.thinking.add(usage.reasoning_tokens / size.reasoning_budget)
        if size.prefix >= MIN_CACHED:
            self.cached.add(min(1.0, usage.cached_tokens / size.prefix))


def estimate_call(
    size: CallSize, statistics: UsageStatistics, price: PriceFunction | None
) -> UsageEstimate:
    """Estimate one call. Without `price` the costs are None."""
    read = round((size.prefix + size.article) * statistics.input.value)
    cacheable = round(size.prefix * statistics.input.value) * (size.prefix >= MIN_CACHED)
    cached = cacheable * statistics.cached.value if size.cached is None else size.cached
    written = statistics.answer_tokens(size) + size.reasoning_budget * statistics.thinking.value

    def cost(read: float, cached: float, written: float, kept: float = 0) -> float | None:
        used = Usage(
            calls=1,
            input_tokens=round(read),
            cached_tokens=round(cached),
            cache_write_tokens=round(kept),
            output_tokens=round(written),
        )
        return price(used) if price else None

    return UsageEstimate(
        calls=1,
        input_tokens=read,
        cached_tokens=cacheable if size.cached is None else size.cached,
        output_tokens=round(written),
        low=cost(read / INPUT_SPREAD, cacheable / INPUT_SPREAD, written / SPREAD),
        expected=cost(read, cached, written),
        high=cost(
            read * INPUT_SPREAD,
            0,
            written * SPREAD,
            kept=cacheable * INPUT_SPREAD if size.marked else 0,
        ),
    )


# --- prices ----------------------------------------------------------------------------------

Tier: TypeAlias = Literal["standard", "flex", "batch"]
"""Of a model without a price for a tier, the standard price is taken."""

_CONTEXTS: Final[Mapping[Tier, Mapping[str, str] | None]] = {
    "standard": None,
    "flex": {"service_tier": "flex"},
    "batch": {"processing": "batch"},
}


def priced(usage: Usage, *, model: str, base_url: str, tier: Tier = "standard") -> Usage:
    """Return `usage` with its cost in US dollars; None where the provider or model is unknown.

    The provider is known by `base_url`, never by the model's name: a local server may call its
    model gpt-4o and cost nothing.
    """
    cost = _cost(usage, model, base_url, tier) if usage.input_tokens > 0 else None
    return usage if usage.cost == cost else replace(usage, cost=cost)


def first_priced(usage: Usage, models: Sequence[str], *, base_url: str, tier: Tier) -> Usage:
    """Do the same for the first of `models` that has a price."""
    candidates = (
        priced(usage, model=model, base_url=base_url, tier=tier) for model in dict.fromkeys(models)
    )
    return next(
        (usage for usage in candidates if usage.cost is not None), replace(usage, cost=None)
    )


def _cost(usage: Usage, model: str, base_url: str, tier: Tier) -> float | None:
    if not _has_price(model, base_url):
        return None

    from genai_prices import Usage as Tokens
    from genai_prices import calc_price

    tokens = Tokens(
        input_tokens=usage.input_tokens,
        cache_read_tokens=usage.cached_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        output_tokens=usage.output_tokens,
    )
    try:
        price = calc_price(tokens, model, provider_api_url=base_url, price_context=_CONTEXTS[tier])
        return float(price.total_price)
    except (LookupError, ValueError):
        return None


@lru_cache(maxsize=256)
def context_window(model: str, base_url: str) -> int | None:
    """Return the tokens that prompt and answer may have together; None where that is unknown."""
    from genai_prices import Usage as Tokens
    from genai_prices import calc_price

    try:
        found = calc_price(Tokens(input_tokens=1), model, provider_api_url=base_url)
    except (LookupError, ValueError):
        return None
    return found.model.context_window


@lru_cache(maxsize=256)
def _has_price(model: str, base_url: str) -> bool:
    # Cached, since a lookup that fails is slow.
    from genai_prices import Usage as Tokens
    from genai_prices import calc_price

    try:
        calc_price(Tokens(input_tokens=1), model, provider_api_url=base_url)
    except LookupError:
        return False
    return True
