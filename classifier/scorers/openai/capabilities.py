"""What a server can be sent: what is known of models by name, and what it refused before."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Literal

JSON_SCHEMA: Final = "json_schema"
JSON_OBJECT: Final = "json_object"
MAX_ITEMS: Final = "maxitems"
TEMPERATURE: Final = "temperature"
REASONING_EFFORT: Final = "reasoning_effort"
COMPLETION_TOKENS: Final = "max_completion_tokens"
TOKENS: Final = "max_tokens"
SERVICE_TIER: Final = "service_tier"
CACHE_KEY: Final = "prompt_cache_key"
CACHE_OPTIONS: Final = "prompt_cache_options"
BREAKPOINT: Final = "prompt_cache_breakpoint"

Effort = Literal["none", "minimal", "low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class Model:
    """What a family of models does differently."""

    temperature: bool = True
    thinks: int = 0
    """Tokens of room for reasoning that is billed as output and comes before the answer."""
    breakpoints: bool = False
    """Whether only what ends at a mark of ours is found cached. Unmarked, the whole prompt would be
    written to the cache, at a higher price, and never be found: it ends in an article."""


# First match wins; matched against the name after a provider's prefix ("openai/gpt-5" -> "gpt-5").
_FAMILIES: Final = (
    (re.compile(r"gpt-5[\w.]*-chat"), Model()),
    (
        re.compile(r"gpt-5[.-][6-9]|gpt-(?:[6-9]|[1-9]\d)"),
        Model(temperature=False, thinks=16_000, breakpoints=True),
    ),
    (re.compile(r"o\d|gpt-5"), Model(temperature=False, thinks=16_000)),
    (re.compile(r"deepseek-r|qwq|magistral|.*(?:thinking|reasoner)"), Model(thinks=16_000)),
    (re.compile(r"gpt-oss"), Model(thinks=8_000)),
)


@lru_cache(maxsize=64)
def of(model: str) -> Model:
    name = model.rpartition("/")[2].lower()
    return next((family for pattern, family in _FAMILIES if pattern.match(name)), Model())


@dataclass(frozen=True, slots=True)
class Learned:
    """What a run found out about its server. The sets only grow: threads need no lock for that."""

    refused: set[str] = field(default_factory=set)
    """Features an error named, or that an answer came without after an error came with them."""
    proven: set[str] = field(default_factory=set)
    """Modes that brought an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What one request makes use of."""

    mode: str | None
    """JSON_SCHEMA, JSON_OBJECT, or None: nothing enforces the answer's form."""
    bounded: bool
    """Whether the schema says how long its lists may get."""
    parameters: Mapping[str, Any]
    marked: bool = False
    """Whether the end of what requests share is marked for the cache."""

    @property
    def names(self) -> frozenset[str]:
        form = {self.mode} if self.mode else set()
        mark = {BREAKPOINT} if self.marked else set()
        return frozenset(self.parameters) | form | ({MAX_ITEMS} if self.bounded else set()) | mark

    def notes(self, refused: Set[str]) -> tuple[str, ...]:
        """Say what was asked for otherwise than it should be, because of what was `refused`.

        What an answer does not depend on (bounds, the name of the token limit) is left out.
        """
        if JSON_SCHEMA in refused and self.mode != JSON_SCHEMA:
            instead = "json_object was used" if self.mode else "the form was described in words"
            form = [f"the server knows no json_schema: {instead}"]
        else:
            form = []
        telling = {TEMPERATURE, REASONING_EFFORT, SERVICE_TIER}
        dropped = sorted(telling & refused - self.parameters.keys())
        return (*form, *(f"the server refused {name}: it was left out" for name in dropped))


def features(
    model: str,
    refused: Set[str],
    *,
    categories: int,
    temperature: float | None,
    effort: Effort | None,
) -> Features:
    """Choose what to send, leaving out what was refused."""
    known = of(model)
    # About twice what an answer with three long quotes takes, so that it is cut off only in a loop.
    room = 1_000 + 700 * categories + known.thinks
    limit = COMPLETION_TOKENS if COMPLETION_TOKENS not in refused else TOKENS
    wanted: dict[str, Any] = {
        TEMPERATURE: temperature if known.temperature else None,
        REASONING_EFFORT: effort,
        limit: room,
    }
    mode = next((mode for mode in (JSON_SCHEMA, JSON_OBJECT) if mode not in refused), None)
    return Features(
        mode=mode,
        bounded=mode == JSON_SCHEMA and MAX_ITEMS not in refused,
        parameters={k: v for k, v in wanted.items() if v is not None and k not in refused},
    )


def refusal(status: int, said: str, sent: Features) -> str | None:
    """Return the feature an error names, if it names one that was sent. `said`: its own words."""
    if status not in (400, 404, 415, 422, 500, 501):
        return None
    said = said.lower()
    for name in sent.parameters:
        if re.search(rf"\b{name}\b", said):
            return name
    limits = {COMPLETION_TOKENS, TOKENS} & set(sent.parameters)
    if limits and "context" in said and "completion" in said:
        return (
            limits.pop()
        )  # "4096 tokens, you requested 3000 in the messages, 2000 in the completion"
    for name, was_sent in ((BREAKPOINT, sent.marked), (MAX_ITEMS, sent.bounded)):
        if was_sent and name in said:
            return name
    if sent.mode and re.search(r"response_?format|json_(?:schema|object)|\bschema\b|grammar", said):
        return sent.mode
    return None


def suspect(status: int, sent: Features, proven: Set[str]) -> str | None:
    """Return what may be behind an error that names nothing.

    Some servers answer a `response_format` they do not know with a bare 404, 422 or 500. Worth a
    try without, as long as the mode has never worked in this run.
    """
    if status in (404, 422, 500, 501) and sent.mode and sent.mode not in proven:
        return sent.mode
    return None
