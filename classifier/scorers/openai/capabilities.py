"""What families of models do differently, known from a model's name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final


@dataclass(frozen=True, slots=True)
class ModelFamily:
    accepts_temperature: bool = True
    reasoning_budget: int = 0
    """Output tokens to allow for reasoning, which comes before the answer."""
    needs_breakpoints: bool = False
    """Whether only a marked prefix is cached. Unmarked, the whole prompt would be written to the
    cache, at a higher price, and never be found again: it ends in an article."""


# First match wins; matched against the name after a provider's prefix ("openai/gpt-5" -> "gpt-5").
_FAMILIES: Final = (
    (re.compile(r"gpt-5[\w.]*-chat"), ModelFamily()),
    (
        re.compile(r"gpt-5[.-][6-9]|gpt-(?:[6-9]|[1-9]\d)"),
        ModelFamily(accepts_temperature=False, reasoning_budget=16_000, needs_breakpoints=True),
    ),
    (re.compile(r"o\d|gpt-5"), ModelFamily(accepts_temperature=False, reasoning_budget=16_000)),
    (
        re.compile(r"deepseek-r|qwq|magistral|.*(?:thinking|reasoner)"),
        ModelFamily(reasoning_budget=16_000),
    ),
    (re.compile(r"gpt-oss"), ModelFamily(reasoning_budget=8_000)),
)


@lru_cache(maxsize=64)
def model_family(model: str) -> ModelFamily:
    name = model.rpartition("/")[2].lower()
    return next((family for pattern, family in _FAMILIES if pattern.match(name)), ModelFamily())
