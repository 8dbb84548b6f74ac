"""How a language model is asked: limits, tier, retries; and where, with which key."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import urlsplit

from classifier.errors import UsageError
from classifier.scorers.openai import addresses, providers

OFFICIAL: Final = "https://api.openai.com/v1"
NO_KEY: Final = "no-key-needed"
"""Sent where there is no key: the SDK insists on one."""

_OPENAI_HOST: Final = "api.openai.com"

Effort = Literal["none", "minimal", "low", "medium", "high"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    attempts: int = 6
    max_seconds: float = 300.0
    """No attempt starts later than this after the first."""
    initial_wait: float = 0.5
    """Seconds before the second attempt, about; doubled before each further one."""
    max_wait: float = 60.0
    """Seconds. A longer wait that the server asks for in Retry-After is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIOptions:
    """Settings of `OpenAIScorer`.

    Raises:
        UsageError: a number is too small.
    """

    pack: int | None = None
    """Maximum number of categories per call. None: `planning.PACK`."""
    context: int | None = None
    """Tokens that prompt and answer may have together. None: what the price list says, if
    anything."""
    canary: bool = True
    """Whether each call has a category that nothing can belong to, to detect prompt injection."""
    concurrency: int = 4
    """Maximum number of calls in flight; fewer while the server throttles."""
    rpm: float | None = None
    """Maximum number of calls per minute. None: as many as the server's headers allow."""
    tpm: float | None = None
    """Maximum number of tokens per minute, likewise; input and output, estimated before a call."""
    timeout: float | None = None
    """Seconds for one attempt. None: 120, and 900 for a tier that may be slow."""
    tier: Literal["standard", "flex", "flex-first"] = "standard"
    """`flex`: half the price, slower, may have no capacity. `flex-first`: standard where flex has
    no capacity."""
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    temperature: float | None = 0.0
    """None: the server's default. Never sent to models known to reject it."""
    effort: Effort | None = None
    """How much a reasoning model reasons. None: the server's default."""
    cache_key: bool | None = None
    """Whether requests name their shared prefix for the prompt cache. None: only for OpenAI."""

    send_key: bool = True
    """Whether the server gets OPENAI_API_KEY."""
    refusal: str = ""
    """Why nothing may be sent to the server; empty where it may be used."""

    def __post_init__(self) -> None:
        least = {
            "pack": 1,
            "context": 1024,
            "concurrency": 1,
            "rpm": 0.001,
            "tpm": 1,
            "timeout": 0.001,
        }
        for name, smallest in least.items():
            value = getattr(self, name)
            # Not `<`, so that NaN is refused too.
            if value is not None and not value >= smallest:
                raise UsageError(f"{name}: {value!r} is too small; use {smallest} or more")

    @property
    def time_limit(self) -> float:
        """Seconds for one attempt."""
        return self.timeout or (120.0 if self.tier == "standard" else 900.0)


def api_key(base_url: str, *, send: bool = True) -> str:
    """Return the key for a server, or a placeholder for one that may need no key.

    It is the value of OPENAI_API_KEY, or of a provider's own variable: no provider gets another's.

    Args:
        base_url: Where it is sent.
        send: Whether that server may have the key; if not, it gets the placeholder.

    Raises:
        UsageError: the key is missing and `base_url` needs one, or it cannot be sent.
    """
    provider = providers.at(base_url)
    if not send or (provider and not provider.key_variable):
        return NO_KEY
    variable = provider.key_variable if provider else "OPENAI_API_KEY"
    key = os.environ.get(variable, "").strip()
    if provider and not key:
        raise UsageError(f"{variable} is not set: models of {provider.name} need it")
    if base_url == OFFICIAL and not key:
        raise UsageError(
            "OPENAI_API_KEY is not set; set it, or use `base_url` for a server that needs no key"
        )
    if not (key.isascii() and key.isprintable()):
        raise UsageError(f"{variable} has characters that no API key has; copy it again")
    return key or NO_KEY


def normalize_url(base_url: str | None) -> str:
    """Return `base_url` as it is used; the official API where it is None.

    Raises:
        UsageError: `base_url` is not an HTTP URL, or has a password in it.
    """
    return addresses.normalize(base_url or OFFICIAL)


def is_openai(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    return host == _OPENAI_HOST or host.endswith(f".{_OPENAI_HOST}")
