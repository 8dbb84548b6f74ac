"""What calls will take, before they are made: tokens without a tokenizer, money by a price list.

Pure. What a run sees (`Experience`) replaces the first guesses little by little.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from classifier.models import Usage

FULL_ANSWER: Final = 110
"""Tokens: about 30 for the JSON around it, 45 for the reasoning, 35 for quotes."""
BARE_ANSWER: Final = 75
"""Likewise, for what is out and so has no quotes."""
SHORT_ANSWER: Final = 28
"""Tokens: about 20 for the JSON around it, 8 for the phrase."""
FULL_EACH: Final = 4.0
FULL_SHARE: Final = 0.05
"""At first guess an article has so many answers at length, and one for this share of all."""
SPREAD: Final = 2.0
"""How many times as long as expected an answer may well be."""
INPUT_SPREAD: Final = 1.15
"""Nine of ten articles are estimated closer than that."""
CACHED_LEAST: Final = 1024
"""Tokens a request's beginning needs at least for OpenAI to keep it."""
_CACHED_SHARE: Final = 0.5
_THINKING_SHARE: Final = 0.125
"""Of the room a reasoning model is given: what it uses of it, at first guess."""

_PIECE: Final = re.compile(r"[A-Za-z]{1,12}|[0-9]{1,3}|[!-/:-@\[-`{-~]+|\n+")
_TWO_BYTES: Final = 0.35
_THREE_BYTES: Final = 0.75

Price = Callable[[Usage], float | None]
"""From token counts to US dollars; None where the price is unknown."""


def tokens(text: str) -> int:
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
class Estimate:
    """What judging takes if every answer is usable at once. Adds up."""

    calls: int = 0
    input_tokens: int = 0
    """Includes `cached_tokens`."""
    cached_tokens: int = 0
    """Of what earlier requests began with too, so that a server may have it at a lower price."""
    output_tokens: int = 0
    low: float | None = 0.0
    """US dollars: the shared beginnings cached, short answers. None: the price is unknown."""
    expected: float | None = 0.0
    high: float | None = 0.0
    """US dollars: nothing cached, long answers."""

    def __add__(self, other: Estimate) -> Estimate:
        return Estimate(
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


def _sum(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a + b


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What is known of a call before it is made."""

    prefix: int
    """Tokens of what other articles' calls begin with too."""
    article: int
    categories: int
    """The canary included."""
    full: float
    """How many of them are likely to be answered at length, with quotes."""
    short: bool = True
    """Whether the others are answered in short."""
    thinks: int = 0
    """Tokens of room for reasoning."""
    cached: int | None = None
    """Tokens that the server's cache should have of it; None where that is unknown."""


def likely_full(categories: int, *, among: int) -> float:
    """Return how many of a call's categories are likely to be answered at length, at first guess.

    `among`: the categories an article is judged against, in all its calls.
    """
    among = max(categories, among, 1)
    return min(among, FULL_EACH + FULL_SHARE * among) * categories / among


@dataclass(slots=True)
class Mean:
    """A running mean that starts from a guess, as if that had been seen `weight` times."""

    value: float
    weight: float

    def add(self, total: float, count: float = 1.0) -> None:
        self.weight += count
        self.value += (total - self.value * count) / self.weight


@dataclass(slots=True)
class Experience:
    """What the answers of a run were like."""

    input: Mean = field(default_factory=lambda: Mean(1.0, 5))
    """Real tokens per estimated one."""
    full: Mean = field(default_factory=lambda: Mean(FULL_ANSWER, 20))
    short: Mean = field(default_factory=lambda: Mean(SHORT_ANSWER, 20))
    bare: Mean = field(default_factory=lambda: Mean(BARE_ANSWER, 20))
    """Tokens per category answered with quotes, in short, and without quotes where none may be in
    short; without reasoning ones."""
    share: Mean = field(default_factory=lambda: Mean(1.0, 20))
    """Answers with quotes that there are per one that was likely."""
    thinking: Mean = field(default_factory=lambda: Mean(_THINKING_SHARE, 2))
    """Share of the room for reasoning that is used."""
    cached: Mean = field(default_factory=lambda: Mean(_CACHED_SHARE, 5))
    """Share of the prefix that a server had cached."""

    def written(self, size: Size) -> float:
        """Return the tokens an answer is likely to have, without reasoning ones."""
        return self._tokens(min(size.full * self.share.value, size.categories), size)

    def _tokens(self, full: float, size: Size) -> float:
        return full * self.full.value + (size.categories - full) * self._rest(size).value

    def _rest(self, size: Size) -> Mean:
        return self.short if size.short else self.bare

    def learn(self, usage: Usage, size: Size, *, full: int) -> None:
        """Take in what one answered call used, where the server counted.

        `full`: answers at length among those it brought.
        """
        if not usage.input_tokens or not usage.output_tokens:
            return
        self.input.add(usage.input_tokens / (size.prefix + size.article))
        # Nothing tells which tokens went where: both kinds are off by the same factor.
        off = (usage.output_tokens - usage.reasoning_tokens) / self._tokens(full, size)
        rest, others = self._rest(size), size.categories - full
        self.full.add(off * self.full.value * full, full)
        rest.add(off * rest.value * others, others)
        self.share.add(full, size.full)
        if size.thinks:
            self.thinking.add(usage.reasoning_tokens / size.thinks)
        if size.prefix >= CACHED_LEAST:
            self.cached.add(min(1.0, usage.cached_tokens / size.prefix))


def call(size: Size, experience: Experience, price: Price | None) -> Estimate:
    """Estimate one call. Without `price` the costs are unknown."""
    read = round((size.prefix + size.article) * experience.input.value)
    cacheable = round(size.prefix * experience.input.value) * (size.prefix >= CACHED_LEAST)
    cached = cacheable * experience.cached.value if size.cached is None else size.cached
    written = experience.written(size) + size.thinks * experience.thinking.value

    def cost(read: float, cached: float, written: float) -> float | None:
        used = Usage(
            calls=1,
            input_tokens=round(read),
            cached_tokens=round(cached),
            output_tokens=round(written),
        )
        return price(used) if price else None

    return Estimate(
        calls=1,
        input_tokens=read,
        cached_tokens=cacheable if size.cached is None else size.cached,
        output_tokens=round(written),
        low=cost(read / INPUT_SPREAD, cacheable / INPUT_SPREAD, written / SPREAD),
        expected=cost(read, cached, written),
        high=cost(read * INPUT_SPREAD, 0, written * SPREAD),
    )
