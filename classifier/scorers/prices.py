"""What a call cost, from the price list that came with genai-prices; never fetched."""

from __future__ import annotations

from dataclasses import replace

from classifier.models import Usage


def priced(usage: Usage, *, model: str, base_url: str) -> Usage:
    """Return `usage` with its cost in US dollars; None where the provider or model is unknown.

    The provider is told by the address and never by the model's name: a local server may call its
    model gpt-4o and costs nothing, or something else.
    """
    if not usage.input_tokens:
        return replace(usage, cost=None)  # the server did not count

    from genai_prices import Usage as Tokens
    from genai_prices import calc_price

    tokens = Tokens(
        input_tokens=usage.input_tokens,
        cache_read_tokens=usage.cached_tokens,
        output_tokens=usage.output_tokens,
    )
    try:
        price = calc_price(tokens, model, provider_api_url=base_url)
    except (LookupError, ValueError):
        return replace(usage, cost=None)
    return replace(usage, cost=float(price.total_price))
