"""What a call cost, from the price list that came with genai-prices; never fetched."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from classifier.models import Usage


def priced(usage: Usage, *, model: str, base_url: str) -> Usage:
    """Return `usage` with its cost in US dollars; None where the provider or model is unknown.

    The provider is told by the address and never by the model's name: a local server may call its
    model gpt-4o and costs nothing, or something else.
    """
    cost = _cost(usage, model, base_url) if usage.input_tokens else None  # else it did not count
    return usage if usage.cost == cost else replace(usage, cost=cost)


def _cost(usage: Usage, model: str, base_url: str) -> float | None:
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
        return float(calc_price(tokens, model, provider_api_url=base_url).total_price)
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
