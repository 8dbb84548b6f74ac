"""How a language model is asked: limits, tier, retries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from classifier.errors import UsageError

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
    tracing: bool = False
    """Whether calls make spans and metrics of OpenTelemetry (docs/tracing.md)."""
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
