"""What goes over the wire and what is made of the answer. Pure: no socket, clock or state.

A request is one article and one pack of categories, the canary among them. The same bodies and the
same reading of replies serve a live call and a batch.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain, islice, pairwise
from typing import Annotated, Any, Final, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema, create_model

from classifier.models import Category, FailureReason, Usage, digest
from classifier.scorers.openai import estimate
from classifier.scorers.openai.prompts import keys, slug

VERSION: Final = 2
"""Part of the scorer's identity: raised when bodies or the reading of replies change."""

CANARY_FLOOR: Final = 0.3
"""A canary at or above this confidence shows that the model was talked into something."""

SHORT_BELOW: Final = 0.3
"""A short answer with at least this confidence is asked for again, in full."""

_MARKED: Final = '{"type":"text","text":%s,"prompt_cache_breakpoint":{"mode":"explicit"}}'
_QUOTES: Final = 3
_NOTE: Final = 160


# To servers an enum and not minimum/maximum: llama.cpp enforces the one and not the other.
_Score = Annotated[
    int, Field(ge=0, le=10), WithJsonSchema({"type": "integer", "enum": list(range(11))})
]

Trouble = tuple[FailureReason, str]
"""Why a call brought nothing, and one line that says so."""


class Part(NamedTuple):
    """A piece of many requests, encoded and counted once."""

    json: str
    tokens: int


class Rubric(Protocol):
    """What makes a confidence of a model's answer; `Prompts` is one."""

    @property
    def aspects(self) -> Mapping[str, float]:
        """Name to weight; the weights add up to 1."""
        ...

    @property
    def exclusion_cap(self) -> float: ...

    @property
    def floors(self) -> Mapping[str, int]:
        """By aspect, the score from which an answer is in full; empty where all are."""
        ...


class Item(BaseModel):
    """One judgement in full as the model gives it; `schema` adds the aspects."""

    model_config = ConfigDict(extra="ignore", strict=True)

    id: str
    evidence: list[str]
    exclusion: int | None
    reasoning: str


class Short(BaseModel):
    """One that is clearly out."""

    model_config = ConfigDict(extra="ignore", strict=True)

    id: str
    why: str
    scores: list[_Score]
    """In the order of the rubric's aspects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call: who is asked about, in the order they stand in the prompt."""

    user: Part
    """The article as it stands in the prompt: one text for all its calls."""
    categories: tuple[Category, ...]
    """As in the prompt; the canary, where it travels, is one of them."""
    canary: Category | None = None
    among: int = 0
    """How many categories are asked about in all calls about the article, as far as known."""

    @property
    def asked(self) -> tuple[Category, ...]:
        return tuple(c for c in self.categories if c is not self.canary)

    def name(self, category: Category) -> str:
        """Return what to call it in a message; the canary's own title means nothing to a reader."""
        return "the canary category" if category is self.canary else repr(category.title)

    @property
    def pack(self) -> tuple[str, ...]:
        return tuple(category.id for category in self.asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One category's part of a reply, checked."""

    category: Category
    confidence: float
    aspects: Mapping[str, float]
    exclusion: str | None
    reasoning: str
    quotes: tuple[str, ...] = ()
    short: bool = False
    """Whether it is of those that are clearly out: a phrase, no quotes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What one call brought: verdicts, or the failure of all of it. Usage either way."""

    verdicts: tuple[Verdict, ...] = ()
    missing: tuple[Category, ...] = ()
    """Asked about and not answered readably, or in short where it should have been in full: those
    have a verdict nevertheless. The canary may be among them."""
    failure: Trouble | None = None
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    tier: str = ""
    """How soon it was answered, in the server's words; empty where it does not say."""
    notes: tuple[str, ...] = ()


# --- requests ------------------------------------------------------------------------------------


def request(
    user: Part, categories: Sequence[Category], *, canary: Category | None, among: int = 0
) -> Request:
    """Put the canary among the categories, at a place that depends on them: not always the last."""
    placed = list(categories)
    if canary is not None:
        # "decoy" is what the canary was called; another salt would change requests for no reason.
        place = int(digest("decoy", [c.title for c in categories]), 16) % (len(placed) + 1)
        placed.insert(place, canary)
    return Request(user=user, categories=tuple(placed), canary=canary, among=among)


def packs(categories: Sequence[Category], size: int) -> list[tuple[Category, ...]]:
    """Split into as few packs as `size` allows, of even length, in a stable order.

    Sorted by id, so that two articles with the same categories share their requests' beginning.
    """
    ordered = sorted(categories, key=lambda category: category.id)
    count = -(-len(ordered) // size)
    cuts = [len(ordered) * i // count for i in range(count + 1)] if count else []
    return [tuple(ordered[a:b]) for a, b in pairwise(cuts)]


def part(value: object) -> Part:
    text = encoded(value)
    return Part(text, estimate.tokens(value if isinstance(value, str) else text))


def encoded(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def messages(system: Part, user: Part, *, marked: bool = False) -> str:
    """Return both messages, encoded.

    `marked`: the cache is told that other requests begin with the same system message.
    """
    first = f"[{_MARKED % system.json}]" if marked else system.json
    return f'[{{"role":"system","content":{first}}},{{"role":"user","content":{user.json}}}]'


def response_format(aspects: Sequence[str], *, short: bool, at_most: int | None) -> dict[str, Any]:
    """Return the strict schema: one for all packs, so that it can stay in the cached prefix.

    `short`: whether there are short answers. `at_most`: judgements a reply may hold, None where the
    server knows no bounds. They are for small models, which otherwise lose themselves in lists
    without an end.
    """
    full = _fields(_item(tuple(aspects)))
    lists: dict[str, Any] = {"judgements": {"type": "array", "items": _object(full)}}
    if short:
        phrase = _fields(Short)
        lists["out"] = {"type": "array", "items": _object(phrase)}
        if at_most is not None:
            phrase["scores"]["maxItems"] = len(aspects)
    if at_most is not None:
        full["evidence"]["maxItems"] = _QUOTES
        for each in lists.values():
            each["maxItems"] = at_most
    schema = _object(lists)
    return {
        "type": "json_schema",
        "json_schema": {"name": "judgements", "strict": True, "schema": schema},
    }


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    fields: dict[str, Any] = model.model_json_schema()["properties"]
    for each in fields.values():
        del each["title"]
    return fields


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the only sort of object strict mode knows: every property there, and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


@lru_cache(maxsize=8)
def _item(aspects: tuple[str, ...]) -> type[Item]:
    fields: dict[str, Any] = {name: (_Score, ...) for name in aspects}
    return create_model("Judgement", __base__=Item, **fields)


# --- replies -------------------------------------------------------------------------------------


def read(text: str, asked: Request, rubric: Rubric) -> Reply:
    """Make sense of a Chat Completion. Never raises: whatever a server sends is a `Reply`."""
    try:
        return understand(json.loads(text), asked, rubric)
    except (ValueError, RecursionError):
        return _malformed(
            "the server's answer is not JSON; does --base-url end in the API's path, such as /v1?"
        )


def understand(said: object, asked: Request, rubric: Rubric) -> Reply:
    """Do the same for one that is decoded already."""
    completion = _completion(said)
    if isinstance(completion, str):
        return _malformed(completion)
    answered = Reply(
        usage=_usage(completion),
        model=clean(str(completion.get("model") or ""), 100),
        tier=clean(str(completion.get("service_tier") or ""), 20),
    )
    content = _content(completion)
    if not isinstance(content, str):
        return replace(answered, failure=content)
    items = _items(content)
    if items is None:
        problem = "the answer is not the JSON that was asked for; run it again or try another model"
        return replace(answered, failure=(FailureReason.MALFORMED, problem))
    verdicts, notes = _verdicts(items, asked, rubric)
    settled = {v.category.id for v in verdicts if not (v.short and _too_high(v, rubric))}
    missing = tuple(c for c in asked.categories if c.id not in settled)
    return replace(answered, verdicts=verdicts, missing=missing, notes=notes)


def clean(text: str, limit: int = _NOTE) -> str:
    """Make a stranger's words fit for one line: no control characters, at most `limit` long."""
    printable = "".join(c if c.isprintable() else " " for c in text[: limit * 4])
    line = " ".join(printable.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def tampered(reply: Reply, asked: Request) -> bool:
    return any(v.category is asked.canary and v.confidence >= CANARY_FLOOR for v in reply.verdicts)


def _malformed(problem: str) -> Reply:
    return Reply(failure=(FailureReason.MALFORMED, problem), usage=Usage(calls=1, cost=None))


def _completion(said: object) -> dict[str, Any] | str:
    if not isinstance(said, dict):
        return "the server's answer is not a chat completion"
    error = said.get("error")
    if error and not said.get("choices"):
        message = error.get("message") if isinstance(error, dict) else error
        return f"the server answered with an error: {clean(str(message))}"
    return said


def _usage(completion: Mapping[str, Any]) -> Usage:
    """Count the tokens; the price is not known here."""
    usage = _mapping(completion.get("usage"))
    return Usage(
        calls=1,
        input_tokens=_count(usage.get("prompt_tokens")),
        cached_tokens=_count(_mapping(usage.get("prompt_tokens_details")).get("cached_tokens")),
        output_tokens=_count(usage.get("completion_tokens")),
        reasoning_tokens=_count(
            _mapping(usage.get("completion_tokens_details")).get("reasoning_tokens")
        ),
        cost=None,
    )


def _content(completion: Mapping[str, Any]) -> str | Trouble:
    choices = completion.get("choices")
    if not isinstance(choices, list) or not choices:
        return FailureReason.MALFORMED, "the server's answer holds no choices"
    choice = _mapping(choices[0])
    message = _mapping(choice.get("message"))
    refusal, content = message.get("refusal"), message.get("content")
    finish = choice.get("finish_reason")
    if refusal:
        return FailureReason.REFUSED, f"the model refused: {clean(str(refusal))}"
    if finish == "content_filter":
        return FailureReason.CONTENT_FILTER, "the provider's content filter stopped the answer"
    if finish == "length":
        way_out = "use a smaller --pack or a model with more room"
        return FailureReason.TRUNCATED, f"the answer was cut off at the token limit; {way_out}"
    if not isinstance(content, str) or not content.strip():
        return FailureReason.MALFORMED, "the model's answer is empty"
    return content


def _items(content: str) -> list[Any] | None:
    """Find the lists of answers in whatever surrounds them; those in full come first."""
    for candidate in _candidates(content.rpartition("</think>")[2]):
        if isinstance(candidate, list):
            return candidate
        lists = [_mapping(candidate).get(name) for name in ("judgements", "out")]
        found = [each for each in lists if isinstance(each, list)]
        if found:
            return list(chain.from_iterable(found))
    return None


def _candidates(content: str) -> Iterator[Any]:
    """Yield the whole, what starts at one of the first braces, what starts as a list of objects."""
    yield _decode(content.strip())
    # A few tries are enough, and a hostile answer costs no more than a few readings of it.
    for start in islice(re.finditer(r"\{", content), 5):
        yield _decode(content, start.start())
    if start_of_list := re.search(r"\[\s*\{", content):
        yield _decode(content, start_of_list.start())


def _decode(text: str, start: int | None = None) -> Any:
    try:
        return json.loads(text) if start is None else json.JSONDecoder().raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return None


def _verdicts(
    items: Sequence[Any], asked: Request, rubric: Rubric
) -> tuple[tuple[Verdict, ...], tuple[str, ...]]:
    by_key = dict(zip(keys(asked.categories), asked.categories, strict=True))
    verdicts: dict[str, Verdict] = {}
    notes: list[str] = []
    for raw in items:
        said = str(_mapping(raw).get("id", ""))
        key = said if said in by_key else slug(said)
        category = by_key.get(key)
        if category is None:
            who = repr(clean(said, 60))
            notes.append(f"an answer for {who}, which nobody asked about, was dropped")
        elif key in verdicts:
            notes.append(f"a second answer for {asked.name(category)} was dropped")
        else:
            verdict, note = _verdict(raw, category, rubric)
            verdicts |= {key: verdict} if verdict else {}
            notes += [f"{asked.name(category)}: {note}"] if note else []
    return tuple(verdicts.values()), tuple(notes)


def _verdict(raw: Any, category: Category, rubric: Rubric) -> tuple[Verdict | None, str]:
    """Return the verdict, if `raw` makes one, and what was odd about it.

    What it is, its fields tell, and not the list it is in.
    """
    try:
        if rubric.floors and "scores" in _mapping(raw):
            return _in_short(Short.model_validate(raw), category, rubric)
        return _in_full(_item(tuple(rubric.aspects)).model_validate(raw), category, rubric)
    except ValidationError as error:
        where = clean(".".join(str(part) for part in error.errors()[0]["loc"]), 40)
        return None, f"an unusable answer was dropped ({where})"


def _in_short(item: Short, category: Category, rubric: Rubric) -> tuple[Verdict | None, str]:
    if len(item.scores) != len(rubric.aspects):
        return None, "an unusable answer was dropped (scores)"
    aspects = {name: s / 10 for name, s in zip(rubric.aspects, item.scores, strict=True)}
    verdict = Verdict(
        category=category,
        confidence=_confidence(aspects, rubric),
        aspects=aspects,
        exclusion=None,
        reasoning=item.why.strip(),
        short=True,
    )
    return verdict, ""


def _too_high(verdict: Verdict, rubric: Rubric) -> bool:
    """Whether it has scores that would have asked for an answer in full."""
    reached = (round(verdict.aspects[n] * 10) >= floor for n, floor in rubric.floors.items())
    return verdict.confidence >= SHORT_BELOW or any(reached)


def _confidence(aspects: Mapping[str, float], rubric: Rubric) -> float:
    return round(sum(rubric.aspects[name] * value for name, value in aspects.items()), 4)


def _in_full(item: Item, category: Category, rubric: Rubric) -> tuple[Verdict, str]:
    rules = dict(enumerate(category.instructions.exclusions, start=1))
    exclusion = rules.get(item.exclusion) if item.exclusion is not None else None
    unknown = item.exclusion is not None and exclusion is None
    aspects = {name: getattr(item, name) / 10 for name in rubric.aspects}
    cap = 1.0 if exclusion is None else rubric.exclusion_cap
    verdict = Verdict(
        category=category,
        confidence=min(_confidence(aspects, rubric), cap),
        aspects=aspects,
        exclusion=exclusion,
        reasoning=item.reasoning.strip(),
        quotes=tuple(quote.strip() for quote in item.evidence if quote.strip())[:_QUOTES],
    )
    return verdict, f"exclusion rule {item.exclusion} does not exist, ignored" if unknown else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
