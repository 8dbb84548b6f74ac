from __future__ import annotations

import pytest

from classifier.models import Usage
from classifier.scorers.openai.prices import priced

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
