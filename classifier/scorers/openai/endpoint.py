"""Where requests go and how their bodies are made; what requests share is made once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from classifier.errors import UsageError
from classifier.models import Category, Task, Usage, digest
from classifier.scorers.openai import capabilities, estimate, planning, prices, wire
from classifier.scorers.openai.capabilities import (
    BREAKPOINT,
    CACHE_KEY,
    CACHE_OPTIONS,
    JSON_OBJECT,
    JSON_SCHEMA,
    SERVICE_TIER,
    Effort,
    Features,
    Learned,
)
from classifier.scorers.openai.prices import Tier
from classifier.scorers.openai.prompts import Prompts
from classifier.scorers.openai.retry import Patience

OFFICIAL: Final = "https://api.openai.com/v1"
NO_KEY: Final = "no-key-needed"
"""Sent where there is no key: the SDK insists on one."""

_OPENAI: Final = "api.openai.com"
_PACKS_KEPT: Final = 64
_CATEGORIES_KEPT: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    pack: int | None = None
    """Categories per call, at most. None: as the planner says."""
    canary: bool = True
    concurrency: int = 4
    """Calls at a time, at most; fewer while the server throttles."""
    rpm: float | None = None
    """Calls per minute, at most. None: as many as the server's headers leave."""
    tpm: float | None = None
    """Tokens per minute, likewise; input and output, as estimated before each call."""
    timeout: float | None = None
    """Seconds for one try of one call. None: 120, and 900 for calls that may be slow."""
    tier: Literal["standard", "flex", "flex-first"] = "standard"
    """`flex`: half the price, slower, and not when the server is busy. `flex-first`: at the usual
    price where there is no room for that."""
    patience: Patience = field(default_factory=Patience)
    temperature: float | None = 0.0
    """None: the server's default. Not sent to models known to reject it."""
    effort: Effort | None = None
    """How much a reasoning model thinks; None: the server's default."""
    cache_key: bool | None = None
    """Whether requests say which of them begin alike. None: where the server is known to listen."""

    def __post_init__(self) -> None:
        least = {"pack": 1, "concurrency": 1, "rpm": 0.001, "tpm": 1, "timeout": 0.001}
        for name, smallest in least.items():
            value = getattr(self, name)
            # Not `<`: what is no number is not enough either.
            if value is not None and not value >= smallest:
                raise UsageError(f"{name}: {value!r} is too small; use {smallest} or more")

    @property
    def time_limit(self) -> float:
        return self.timeout or (120.0 if self.tier == "standard" else 900.0)


class Endpoint:
    """A model behind an address, and what was found out about it in this process."""

    def __init__(self, *, model: str, base_url: str, prompts: Prompts, options: Options) -> None:
        self.model = model
        self.base_url = base_url
        self.prompts = prompts
        self.options = options
        self.learned = Learned()
        self._system = lru_cache(maxsize=_PACKS_KEPT)(self._make_system)
        self._form = lru_cache(maxsize=8)(self._make_form)
        self._each = lru_cache(maxsize=_CATEGORIES_KEPT)(self._measure)
        self._named = lru_cache(maxsize=_PACKS_KEPT)(self._make_name)

    def __reduce__(self) -> tuple[Callable[[], Endpoint], tuple[()]]:
        given: dict[str, Any] = {
            name: getattr(self, name) for name in ("model", "base_url", "prompts", "options")
        }
        return partial(Endpoint, **given), ()  # caches cannot be pickled

    @property
    def canary(self) -> Category | None:
        return self.prompts.canary if self.options.canary else None

    def requests(self, task: Task, *, text: str) -> list[wire.Request]:
        """Return one request for each pack. `text`: the article's prose; rendered once for all."""
        packs = wire.packs(task.categories, self.pack)
        user = self.article(task, text=text)
        among = len(task.categories)
        return [wire.request(user, pack, canary=self.canary, among=among) for pack in packs]

    @property
    def thinks(self) -> int:
        """Tokens of room for reasoning."""
        return 0 if self.options.effort == "none" else capabilities.of(self.model).thinks

    @property
    def pack(self) -> int:
        return self.options.pack or planning.PACK

    def features(
        self, asked: wire.Request, *, without: Set[str] = frozenset(), again: bool = False
    ) -> Features:
        """Choose what to send, leaving out what the server refused so far, and `without`.

        `again`: another request began with the same.
        """
        refused = self.learned.refused | without
        found = capabilities.features(
            self.model,
            refused,
            categories=len(asked.categories),
            temperature=self.options.temperature,
            effort=self.options.effort,
        )
        more = {
            name: value
            for name, value in self._more(asked, again=again).items()
            if name not in refused
        }
        marked = again and CACHE_OPTIONS in more and BREAKPOINT not in refused
        return replace(found, parameters={**found.parameters, **more}, marked=marked)

    def _more(self, asked: wire.Request, *, again: bool) -> dict[str, Any]:
        """Return what some servers know of who pays how much for what."""
        more: dict[str, Any] = {}
        if self.options.tier != "standard":
            more[SERVICE_TIER] = "flex"
        if self.names_beginnings:
            if capabilities.of(self.model).breakpoints:
                more[CACHE_OPTIONS] = {"mode": "explicit"}
            if asked.among:
                more[CACHE_KEY] = self.beginning(asked, again=again)
        return more

    @cached_property
    def names_beginnings(self) -> bool:
        """Whether the server has a cache that is told what is for it."""
        if self.options.cache_key is not None:
            return self.options.cache_key
        host = urlsplit(self.base_url).hostname or ""
        return host == _OPENAI or host.endswith(f".{_OPENAI}")

    def article(self, task: Task, *, text: str) -> wire.Part:
        return wire.part(self.prompts.article(task.article, text=text))

    @cached_property
    def head(self) -> int:
        """Tokens of what all requests share: rubric and schema."""
        form = self._form(JSON_SCHEMA, bounded=True)
        return self._system((), describe_format=False).tokens + (form.tokens if form else 0)

    def sizes(self, categories: Iterable[Category]) -> dict[str, int]:
        """Return the tokens of each category in the prompt, by its digest."""
        return {category.digest: self._each(category) for category in categories}

    def _measure(self, category: Category) -> int:
        nothing = self._system((), describe_format=False).tokens
        return estimate.tokens(self.prompts.system((category,))) - nothing

    def beginning(self, asked: wire.Request, *, again: bool = True) -> str:
        """Return a name for what the request shares with others.

        Requests of one name are kept together by a server. Where none is known to begin with the
        same categories, that is the rubric: else each would be somewhere where nobody has read it.
        """
        return self._named(asked.categories if again else ())

    def _make_name(self, categories: tuple[Category, ...]) -> str:
        return digest("beginning", [category.digest for category in categories])

    def body(self, asked: wire.Request, features: Features) -> bytes:
        """Return the request's body, the same bytes whenever it is asked for."""
        fields = {
            "model": wire.encoded(self.model),
            "messages": wire.messages(
                self._system_for(asked, features), asked.user, marked=features.marked
            ),
            **{name: wire.encoded(value) for name, value in features.parameters.items()},
        }
        if form := self._form(features.mode, bounded=features.bounded):
            fields["response_format"] = form.json
        text = ",".join(f'"{name}":{value}' for name, value in fields.items())
        return f"{{{text}}}".encode("utf-8", "replace")  # half a surrogate pair is no text

    def size(self, asked: wire.Request, features: Features) -> estimate.Size:
        form = self._form(features.mode, bounded=features.bounded)
        categories = len(asked.categories)
        return estimate.Size(
            prefix=self._system_for(asked, features).tokens + (form.tokens if form else 0),
            article=asked.user.tokens,
            categories=categories,
            full=estimate.likely_full(categories, among=asked.among),
            short=bool(self.prompts.floors),
            thinks=self.thinks,
        )

    def price(self, tier: Tier) -> estimate.Price | None:
        """Return None where the price is unknown."""
        return partial(self._cost, tier) if self.priced else None

    @cached_property
    def priced(self) -> bool:
        tried = Usage(calls=1, input_tokens=1000, output_tokens=100)
        return self._cost("standard", tried) is not None

    def _cost(self, tier: Tier, usage: Usage) -> float | None:
        return prices.priced(usage, model=self.model, base_url=self.base_url, tier=tier).cost

    def _system_for(self, asked: wire.Request, features: Features) -> wire.Part:
        return self._system(asked.categories, describe_format=features.mode != JSON_SCHEMA)

    def _make_system(self, categories: tuple[Category, ...], *, describe_format: bool) -> wire.Part:
        return wire.part(self.prompts.system(categories, describe_format=describe_format))

    def _make_form(self, mode: str | None, *, bounded: bool) -> wire.Part | None:
        if mode == JSON_SCHEMA:
            largest = self.pack + self.options.canary
            aspects = tuple(self.prompts.aspects)
            form = wire.response_format(
                aspects,
                short=bool(self.prompts.floors),
                at_most=largest if bounded else None,
            )
            return wire.part(form)
        return wire.part({"type": JSON_OBJECT}) if mode == JSON_OBJECT else None


def key(base_url: str) -> str:
    """Return what OPENAI_API_KEY holds; where a server may need none, anything else will do.

    Raises UsageError where it is needed and not usable.
    """
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    if base_url == OFFICIAL and not key:
        raise UsageError(
            "OPENAI_API_KEY is not set; set it, or name a server that needs none with --base-url"
        )
    if not (key.isascii() and key.isprintable()):
        raise UsageError("OPENAI_API_KEY has characters that no key has; copy it again")
    return key or NO_KEY


def address(given: str | None) -> str:
    """Return the address in the form it is known by; the official one where none is given.

    Raises UsageError for what is no address.
    """
    url = given or OFFICIAL
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or any(c.isspace() for c in url):
        raise UsageError(
            f"base_url: {url!r} is not an address; one looks like http://localhost:8080/v1"
        )
    return url.rstrip("/")
