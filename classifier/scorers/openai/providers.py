"""Providers that a model's name may begin with, such as `anthropic/` or `gemini/`.

A name means a provider only where no `base_url` is set: servers such as OpenRouter have models that
are called so, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple


@dataclass(frozen=True, slots=True)
class Provider:
    """A server that is known by name."""

    name: str
    address: str
    """Where it is, as `base_url` has it."""
    protocol: Literal["openai", "anthropic", "google"]
    key_variable: str = ""
    """Environment variable with its key; empty: it takes none."""


PROVIDERS: Final[dict[str, Provider]] = {
    provider.name: provider
    for provider in (
        Provider("anthropic", "https://api.anthropic.com", "anthropic", "ANTHROPIC_API_KEY"),
        Provider("gemini", "https://generativelanguage.googleapis.com", "google", "GEMINI_API_KEY"),
        Provider("ollama", "http://127.0.0.1:11434/v1", "openai"),
    )
}


class NamedModel(NamedTuple):
    """A model as its server calls it, and where that is."""

    model: str
    base_url: str | None
    """None: the official API of OpenAI."""


def resolve(model: str, base_url: str | None) -> NamedModel:
    """Return the model's own name and the address of the provider that `model` begins with."""
    found = named(model, base_url)
    if found is None:
        return NamedModel(model, base_url)
    return NamedModel(model.partition("/")[2], found.address)


def named(model: str, base_url: str | None) -> Provider | None:
    """Return the provider that a model's name begins with; None where it names none."""
    name, slash, own = model.partition("/")
    return PROVIDERS.get(name) if base_url is None and slash and own else None


def at(base_url: str) -> Provider | None:
    """Return the provider whose address this is."""
    return next((it for it in PROVIDERS.values() if it.address == base_url), None)
