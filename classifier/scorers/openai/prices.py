"""What a call cost, from the price list that came with genai-prices; never fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from classifier.models import Usage

Tier: TypeAlias = Literal["standard", "flex", "batch"]
"""How soon an answer is wanted. A model without a price of its own for one has the usual price."""

_CONTEXTS: Final[Mapping[Tier, Mapping[str, str] | None]] = {
    "standard": None,
    "flex": {"service_tier": "flex"},
    "batch": {"processing": "batch"},
}


def priced(usage: Usage, *, model: str, base_url: str, tier: Tier = "standard") -> Usage:
    """Return `usage` with its cost in US dollars; None where the provider or model is unknown.

    The provider is told by the address and never by the model's name: a local server may call its
    model gpt-4o and costs nothing, or something else.
    """
    counted = usage.input_tokens > 0
    cost = _cost(usage, model, base_url, tier) if counted else None
    return usage if usage.cost == cost else replace(usage, cost=cost)


def first_priced(usage: Usage, models: Sequence[str], *, base_url: str, tier: Tier) -> Usage:
    """Do the same for the first of `models` (at least one) that has a price."""
    found = (priced(usage, model=m, base_url=base_url, tier=tier) for m in dict.fromkeys(models))
    return next((it for it in found if it.cost is not None), replace(usage, cost=None))


def _cost(usage: Usage, model: str, base_url: str, tier: Tier) -> float | None:
    if not _listed(model, base_url):
        return None

    from genai_prices import Usage as Tokens
    from genai_prices import calc_price

    tokens = Tokens(
        input_tokens=usage.input_tokens,
        cache_read_tokens=usage.cached_tokens,
        output_tokens=usage.output_tokens,
    )
    try:
        found = calc_price(tokens, model, provider_api_url=base_url, price_context=_CONTEXTS[tier])
        return float(found.total_price)
    except (LookupError, ValueError):
        return None


@lru_cache(maxsize=256)
def _listed(model: str, base_url: str) -> bool:
    """Tell whether there is a price. To look for one in vain takes long: once is enough."""
    from genai_prices import Usage as Tokens
    from genai_prices import calc_price

    try:
        calc_price(Tokens(input_tokens=1), model, provider_api_url=base_url)
    except LookupError:
        return False
    return True
