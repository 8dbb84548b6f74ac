"""What a model is asked: prompts rendered, categories packed, the body by the server's abilities.

A request is one article and one pack of categories. Live calls and batches send the same bodies.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
from itertools import pairwise
from typing import Any, Final, NamedTuple

from classifier.content import document
from classifier.content.passages import Prose
from classifier.models import Article, Category, Task, Usage, digest
from classifier.scorers.openai import costs, injection, schema
from classifier.scorers.openai.costs import CallSize, PriceFunction, Tier, count_tokens
from classifier.scorers.openai.options import OpenAIOptions
from classifier.scorers.openai.prompts import Prompts, category_keys
from classifier.scorers.openai.servers import is_openai, model_family

PACK: Final = 10
WIDE_PACK: Final = 40
"""Categories per call by default: of a model whose context is unknown or short, as on a server of
one's own, or that does not answer with numbers; and of another. How well a model judges many at a
time differs from model to model; `classify eval --pack` measures it."""
WIDE_CONTEXT: Final = 100_000
"""Tokens of a context from which it takes packs of the second size."""

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

_MARKED: Final = '{"type":"text","text":%s,"prompt_cache_breakpoint":{"mode":"explicit"}}'
_CACHED_PACKS: Final = 64
_CACHED_CATEGORIES: Final = 4096
_CACHED_ARTICLES: Final = 64


class EncodedText(NamedTuple):
    """A piece of many requests, encoded and counted once."""

    json: str
    tokens: int


class ArticleText(NamedTuple):
    prose: Prose
    message: EncodedText
    """The article as it stands in the prompt."""
    without_orders: EncodedText | None = None
    """The same without what speaks to the model, where there is such text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """One call: an article and the categories, in the order of the prompt."""

    message: EncodedText
    """The article as it stands in the prompt: the same for all its calls."""
    categories: tuple[Category, ...]
    """The canaries, if any, are among them."""
    keys: tuple[str, ...]
    """What the prompt calls each of them."""
    canaries: tuple[Category, ...] = ()
    """The one that all articles share, and behind it one of the article's own, where it has one."""
    total_categories: int = 0
    """Categories in all calls about the article; 0 for a call that repeats a part of another."""

    @property
    def targets(self) -> tuple[Category, ...]:
        """The categories without canaries."""
        return tuple(c for c in self.categories if c not in self.canaries)

    @property
    def target_ids(self) -> tuple[str, ...]:
        return tuple(category.id for category in self.targets)

    @property
    def shared(self) -> tuple[Category, ...]:
        """The categories as other articles have them: without a canary of the article's own."""
        own = self.canaries[1:]
        return tuple(c for c in self.categories if c not in own) if own else self.categories

    def label(self, category: Category) -> str:
        """Return what a message calls the category: the title of a canary says nothing."""
        return "the canary category" if category in self.canaries else repr(category.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What one request makes use of."""

    mode: str | None
    """JSON_SCHEMA, JSON_OBJECT, or None: nothing enforces the answer's format."""
    bounded: bool
    """Whether the schema bounds its lists."""
    parameters: Mapping[str, Any]
    marked: bool = False
    """Whether the end of the shared prefix is marked for the prompt cache."""

    @property
    def names(self) -> frozenset[str]:
        mode = {self.mode} if self.mode else set()
        mark = {BREAKPOINT} if self.marked else set()
        return frozenset(self.parameters) | mode | ({MAX_ITEMS} if self.bounded else set()) | mark

    def notes(self, refused: Set[str]) -> tuple[str, ...]:
        """Report what was asked for differently because of what the server `refused`.

        What an answer does not depend on (bounds, the name of the token limit) is not reported.
        """
        notes = []
        if JSON_SCHEMA in refused and self.mode != JSON_SCHEMA:
            instead = "used json_object" if self.mode else "described the format in the prompt"
            notes.append(f"the server does not support json_schema: {instead} instead")
        reported = {TEMPERATURE, REASONING_EFFORT, SERVICE_TIER}
        dropped = sorted(reported & refused - self.parameters.keys())
        return (*notes, *(f"the server rejected {name}: sent without it" for name in dropped))


@dataclass(frozen=True, slots=True)
class ServerFeatures:
    """What the server's answers showed. The sets only grow: threads need no lock for that."""

    refused: set[str] = field(default_factory=set)
    """Features an error named, or without which a request succeeded that had failed with them."""
    proven: set[str] = field(default_factory=set)
    """Features of requests that succeeded."""


def make_request(
    message: EncodedText,
    categories: Sequence[Category],
    *,
    canaries: tuple[Category, ...],
    total_categories: int = 0,
) -> ChatRequest:
    placed = injection.place_canaries(categories, canaries)
    return ChatRequest(
        message=message,
        categories=placed,
        keys=category_keys(placed),
        canaries=canaries,
        total_categories=total_categories,
    )


def split_packs(categories: Sequence[Category], size: int) -> list[tuple[Category, ...]]:
    """Split into as few packs as `size` allows, of even length, in a stable order.

    Sorted by id, so that two articles with the same categories share a prefix of their requests.
    """
    ordered = sorted(categories, key=lambda category: category.id)
    count = -(-len(ordered) // size)
    cuts = [len(ordered) * i // count for i in range(count + 1)] if count else []
    return [tuple(ordered[a:b]) for a, b in pairwise(cuts)]


def encode(value: object) -> EncodedText:
    text = _json(value)
    return EncodedText(text, count_tokens(value if isinstance(value, str) else text))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class RequestBuilder:
    """Makes the requests for one model at one address; what requests share is rendered once.

    It also remembers what the server turned out to support, for as long as the process runs.
    """

    def __init__(
        self, *, model: str, base_url: str, prompts: Prompts, options: OpenAIOptions
    ) -> None:
        self.model = model
        self.base_url = base_url
        self.prompts = prompts
        self.options = options
        self.server = ServerFeatures()
        self._family = model_family(model)
        self._system = lru_cache(maxsize=_CACHED_PACKS)(self._make_system)
        self._format = lru_cache(maxsize=8)(self._make_format)
        self._tokens_of = lru_cache(maxsize=_CACHED_CATEGORIES)(self._count_category)
        self._prefix_key = lru_cache(maxsize=_CACHED_PACKS)(_digest_prefix)
        self._drawn = lru_cache(maxsize=_CACHED_PACKS)(injection.draw_canary)
        self._texts = lru_cache(maxsize=_CACHED_ARTICLES)(self._read)

    def __reduce__(self) -> tuple[Callable[[], RequestBuilder], tuple[()]]:
        names = ("model", "base_url", "prompts", "options")
        arguments: dict[str, Any] = {name: getattr(self, name) for name in names}
        return partial(RequestBuilder, **arguments), ()  # caches cannot be pickled

    @property
    def canary(self) -> Category | None:
        """The one of the templates; calls have it only if it is the user's own."""
        return self.prompts.canary if self.options.canary else None

    def canaries_for(
        self, article: Article, categories: Sequence[Category]
    ) -> tuple[Category, ...]:
        """Return the canaries of a call about the article and a pack of categories.

        All articles share one. An article that speaks to models or knows it by name gets one more.
        """
        shared = self._canary(categories)
        if shared is None:
            return ()
        if self.prompts.own_canary:
            return (shared,)
        known = injection.canary_is_known(shared, self._visible(article))
        if self.read(article).without_orders is None and not known:
            return (shared,)
        return (shared, *self.other_canaries(article, categories))

    def other_canaries(
        self, article: Article, categories: Sequence[Category]
    ) -> tuple[Category, ...]:
        """Return a canary for one article alone; the user's own where there is one."""
        shared = self._canary(categories)
        if shared is None:
            return ()
        if self.prompts.own_canary:
            return (shared,)
        text = self._visible(article)
        own = injection.draw_article_canary(
            categories, article=article.digest, shared=shared, text=text
        )
        return (own,)

    def _visible(self, article: Article) -> str:
        return f"{article.title} {article.description} {self.read(article).prose.text}"

    def measured_canary(self, categories: Sequence[Category]) -> tuple[Category, int] | None:
        """Return the canary of most calls about a pack, and its tokens."""
        canary = self._canary(categories)
        return None if canary is None else (canary, self._tokens_of(canary))

    def _canary(self, categories: Sequence[Category]) -> Category | None:
        if self.canary is None or self.prompts.own_canary:
            return self.canary
        return self._drawn(tuple(categories))

    @property
    def reasoning_budget(self) -> int:
        """Output tokens to allow for reasoning."""
        return 0 if self.options.effort == "none" else self._family.reasoning_budget

    @property
    def pack(self) -> int:
        """Maximum number of categories per call."""
        wide = self.prompts.touched and (self.context_window or 0) >= WIDE_CONTEXT
        return self.options.pack or (WIDE_PACK if wide else PACK)

    @property
    def context_window(self) -> int | None:
        """Tokens of prompt and answer together; None where it is unknown."""
        return self.options.context or costs.context_window(self.model, self.base_url)

    @property
    def marks_prefixes(self) -> bool:
        """Whether the server caches only prefixes that a request marks."""
        return self.supports_cache_key and self._family.needs_breakpoints

    @cached_property
    def supports_cache_key(self) -> bool:
        """Whether the server takes a name for the prefix that requests share."""
        wanted = self.options.cache_key
        return is_openai(self.base_url) if wanted is None else wanted

    # --- requests --------------------------------------------------------------------------------

    def build(self, task: Task) -> list[ChatRequest]:
        """Return one request for each pack of the task's categories."""
        message = self.read(task.article).message
        total, packs = len(task.categories), self._packs(task, message)
        return [
            make_request(
                message,
                pack,
                canaries=self.canaries_for(task.article, pack),
                total_categories=total,
            )
            for pack in packs
        ]

    def read(self, article: Article) -> ArticleText:
        """Return the article's prose and message; those of recent articles are kept."""
        return self._texts(article)

    def _read(self, article: Article) -> ArticleText:
        prose = document.prose(article)
        message = encode(self.prompts.article(article, text=prose.text))
        text = injection.without_orders(prose.text)
        plain = replace(
            article,
            title=injection.without_orders(article.title),
            description=injection.without_orders(article.description),
        )
        if text == prose.text and plain == article:
            return ArticleText(prose, message)
        without = encode(self.prompts.article(plain, text=text))
        return ArticleText(prose, message, without)

    def _packs(self, task: Task, message: EncodedText) -> list[tuple[Category, ...]]:
        """Split a task's categories, smaller where the context of the model asks for that."""
        size = self.pack
        while size:
            packs = split_packs(task.categories, size)
            if all(self._fits(pack, message) for pack in packs):
                return packs
            size //= 2
        # Not even one fits: the server is to say so, and once.
        return split_packs(task.categories, self.pack)

    def _fits(self, pack: Sequence[Category], message: EncodedText) -> bool:
        if self.context_window is None:
            return True
        read = self.shared_tokens + sum(self.category_tokens(pack).values()) + message.tokens
        read = round(read * costs.INPUT_SPREAD)
        return read + self.room(len(pack) + 1) <= self.context_window

    def room(self, categories: int) -> int:
        """Return the output tokens to allow for, of a call with so many categories."""
        # About twice what an answer with three long quotes takes, so that only a loop is cut off.
        # Of many categories few are answered in full, and models allow 16,000 tokens, some of them.
        many = max(0, categories - 10) if self.prompts.touched else 0
        return 1_000 + 700 * (categories - many) + 100 * many + self._family.reasoning_budget

    def features(
        self, request: ChatRequest, *, without: Set[str] = frozenset(), prefix_seen: bool = False
    ) -> Features:
        """Choose what to send, except what the server refused so far and `without`.

        `prefix_seen`: an earlier request had the same categories, canaries of articles aside.
        """
        refused = self.server.refused | without
        room = self.room(len(request.categories))
        limit = COMPLETION_TOKENS if COMPLETION_TOKENS not in refused else TOKENS
        wanted: dict[str, Any] = {
            TEMPERATURE: self.options.temperature if self._family.accepts_temperature else None,
            REASONING_EFFORT: self.options.effort,
            limit: room,
            SERVICE_TIER: None if self.options.tier == "standard" else "flex",
        }
        if self.supports_cache_key:
            if self._family.needs_breakpoints:
                wanted[CACHE_OPTIONS] = {"mode": "explicit"}
            if request.total_categories:
                wanted[CACHE_KEY] = self.prefix_key(request, seen=prefix_seen)
        mode = next((mode for mode in (JSON_SCHEMA, JSON_OBJECT) if mode not in refused), None)
        parameters = {k: v for k, v in wanted.items() if v is not None and k not in refused}
        return Features(
            mode=mode,
            bounded=mode == JSON_SCHEMA and MAX_ITEMS not in refused,
            parameters=parameters,
            marked=prefix_seen
            and len(request.canaries) < 2  # the end of the categories is the article's own
            and CACHE_OPTIONS in parameters
            and BREAKPOINT not in refused,
        )

    def prefix_key(self, request: ChatRequest, *, seen: bool = True) -> str:
        """Return a key for the prefix that the request shares with others.

        A server routes requests with the same key to the same cache. Where no earlier request had
        the same categories, the key is that of the rubric: with a key of its own, the request
        would go to a cache that has not even that.
        """
        return self._prefix_key(request.shared if seen else ())

    def body(self, request: ChatRequest, features: Features) -> bytes:
        """Return the request's body: the same bytes whenever it is called."""
        system = self._system_for(request, features).json
        if features.marked:
            system = f"[{_MARKED % system}]"
        messages = (
            f'[{{"role":"system","content":{system}}},'
            f'{{"role":"user","content":{request.message.json}}}]'
        )
        fields = {
            "model": _json(self.model),
            "messages": messages,
            **{name: _json(value) for name, value in features.parameters.items()},
        }
        if form := self._format_for(request, features):
            fields["response_format"] = form.json
        text = ",".join(f'"{name}":{value}' for name, value in fields.items())
        return f"{{{text}}}".encode("utf-8", "replace")  # half a surrogate pair is no text

    # --- sizes and prices ------------------------------------------------------------------------

    def size(self, request: ChatRequest, features: Features) -> CallSize:
        form = self._format_for(request, features)
        categories = len(request.categories)
        full, touched = costs.likely(
            categories, total_categories=request.total_categories, form=self.prompts.form
        )
        return CallSize(
            prefix=self._system_for(request, features).tokens + (form.tokens if form else 0),
            article=request.message.tokens,
            categories=categories,
            full=full,
            touched=touched,
            form=self.prompts.form,
            marked=features.marked,
            reasoning_budget=self.reasoning_budget,
        )

    @cached_property
    def shared_tokens(self) -> int:
        """Tokens that all requests have in common: rubric and schema."""
        form = self._format(JSON_SCHEMA, self._most_answers)
        return self._system((), describe_format=False).tokens + (form.tokens if form else 0)

    def category_tokens(self, categories: Iterable[Category]) -> dict[str, int]:
        """Return the tokens of each category in the prompt, by its digest."""
        return {category.digest: self._tokens_of(category) for category in categories}

    def price(self, tier: Tier) -> PriceFunction | None:
        """Return None where the price is unknown."""
        return partial(self._cost, tier) if self.has_price else None

    @cached_property
    def has_price(self) -> bool:
        sample = Usage(calls=1, input_tokens=1000, output_tokens=100)
        return self._cost("standard", sample) is not None

    def _cost(self, tier: Tier, usage: Usage) -> float | None:
        return costs.priced(usage, model=self.model, base_url=self.base_url, tier=tier).cost

    # --- rendered once ---------------------------------------------------------------------------

    def _system_for(self, request: ChatRequest, features: Features) -> EncodedText:
        return self._system(request.categories, describe_format=features.mode != JSON_SCHEMA)

    def _make_system(
        self, categories: tuple[Category, ...], *, describe_format: bool
    ) -> EncodedText:
        return encode(self.prompts.system(categories, describe_format=describe_format))

    @property
    def _most_answers(self) -> int:
        return self.pack + self.options.canary

    def _format_for(self, request: ChatRequest, features: Features) -> EncodedText | None:
        if not features.bounded:
            return self._format(features.mode, None)
        most, count = self._most_answers, len(request.categories)
        # The same for all calls, which share what comes first. Only a second canary has no room in
        # it, and needs none where ranges make the lists shorter.
        if count > most and self.prompts.form != "short":
            most = count
        return self._format(features.mode, most)

    def _make_format(self, mode: str | None, most_answers: int | None) -> EncodedText | None:
        if mode == JSON_SCHEMA:
            form = schema.response_format(
                tuple(self.prompts.aspects),
                short=bool(self.prompts.floors),
                numbers=bool(self.prompts.touched),
                max_answers=most_answers,
            )
            return encode(form)
        return encode({"type": JSON_OBJECT}) if mode == JSON_OBJECT else None

    def _count_category(self, category: Category) -> int:
        rubric = self._system((), describe_format=False).tokens
        return count_tokens(self.prompts.system((category,))) - rubric


def _digest_prefix(categories: tuple[Category, ...]) -> str:
    return digest("beginning", [category.digest for category in categories])
