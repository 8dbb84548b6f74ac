from __future__ import annotations

import pytest

from classifier.errors import UsageError
from classifier.scorers.openai import providers
from classifier.scorers.openai.options import NO_KEY, OFFICIAL, api_key
from classifier.scorers.openai.scorer import OpenAIScorer


@pytest.mark.parametrize(
    ("name", "model", "base_url"),
    [
        ("gpt-4o-mini", "gpt-4o-mini", OFFICIAL),
        ("anthropic/claude-sonnet-4-5", "claude-sonnet-4-5", "https://api.anthropic.com"),
        ("gemini/flash", "flash", "https://generativelanguage.googleapis.com"),
        ("ollama/hf.co/some/model:8b", "hf.co/some/model:8b", "http://127.0.0.1:11434/v1"),
        ("ft:gpt-4o/mine", "ft:gpt-4o/mine", OFFICIAL),
        ("anthropic/", "anthropic/", OFFICIAL),
    ],
)
def test_a_name_may_begin_with_a_provider(name: str, model: str, base_url: str) -> None:
    builder = OpenAIScorer(name).builder
    assert (builder.model, builder.base_url) == (model, base_url)


def test_with_an_address_of_its_own_a_name_stays_as_it_is() -> None:
    builder = OpenAIScorer("anthropic/claude", base_url="https://openrouter.example/v1").builder
    assert builder.model == "anthropic/claude"
    assert builder.base_url == "https://openrouter.example/v1"


def test_prices_and_contexts_of_providers_are_known() -> None:
    for name in ("anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash"):
        builder = OpenAIScorer(name).builder
        assert builder.has_price
        assert (builder.context_window or 0) >= 200_000
    assert not OpenAIScorer("ollama/gpt-4o").builder.has_price


def test_each_provider_gets_its_own_key_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OPENAI", "ANTHROPIC", "GEMINI"):
        monkeypatch.setenv(f"{variable}_API_KEY", variable)
    got = {name: api_key(it.address) for name, it in providers.PROVIDERS.items()}
    assert got == {"anthropic": "ANTHROPIC", "gemini": "GEMINI", "ollama": NO_KEY}
    assert api_key(OFFICIAL) == "OPENAI"
    assert api_key("https://api.anthropic.com", send=False) == NO_KEY
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    with pytest.raises(UsageError, match="ANTHROPIC_API_KEY is not set"):
        api_key("https://api.anthropic.com")
