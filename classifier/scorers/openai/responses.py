"""What a model answered, read and checked.

Pure: no socket, clock or state. The same reading serves live calls and batches.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any, Final, NamedTuple, Protocol

from pydantic import ValidationError

from classifier.models import Category, FailureReason, Usage
from classifier.scorers.openai.prompts import slug
from classifier.scorers.openai.requests import ChatRequest
from classifier.scorers.openai.schema import MAX_QUOTES, FullAnswer, ShortAnswer, full_answer

VERSION: Final = 2
"""Part of the scorer's identity: raised when requests or the reading of responses change."""

CANARY_THRESHOLD: Final = 0.3
"""Confidence (0-1) of the canary category from which an article counts as tampered."""

SHORT_BELOW: Final = 0.3
"""Confidence (0-1) from which a short answer is asked for again, in full."""

_MAX_LINE: Final = 160


class CallFailure(NamedTuple):
    """Why a call brought no answer; the message is one printable line."""

    reason: FailureReason
    message: str


class Rubric(Protocol):
    """How a model's scores make a confidence; `Prompts` is one."""

    @property
    def aspects(self) -> Mapping[str, float]:
        """Name to weight; the weights add up to 1."""
        ...

    @property
    def exclusion_cap(self) -> float:
        """The highest confidence (0-1) of a pair whose exclusion rule applies."""
        ...

    @property
    def floors(self) -> Mapping[str, int]:
        """By aspect, the score (0-10) from which a full answer is due; empty: always."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer:
    """What a model said about one category, checked."""

    category: Category
    confidence: float
    aspects: Mapping[str, float]
    exclusion: str | None
    reasoning: str
    quotes: tuple[str, ...] = ()
    short: bool = False
    """Whether it is a short answer: a phrase, no quotes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What one call brought: answers, or the failure of the whole call. Usage either way."""

    answers: tuple[ModelAnswer, ...] = ()
    missing: tuple[Category, ...] = ()
    """Categories, maybe the canary too, without a usable answer, or with a short one where a full
    one was due: those have an answer nevertheless."""
    failure: CallFailure | None = None
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    tier: str = ""
    """Service tier in the server's words; empty if it does not say."""
    notes: tuple[str, ...] = ()


def read(text: str, request: ChatRequest, rubric: Rubric) -> Reply:
    """Read the body of a chat completion. Never raises: whatever it holds is a `Reply`."""
    try:
        return read_json(json.loads(text), request, rubric)
    except (ValueError, RecursionError):
        return _malformed(
            "the server's response is not JSON; check that --base-url ends in the API path, "
            "such as /v1"
        )


def read_json(completion: object, request: ChatRequest, rubric: Rubric) -> Reply:
    """Do the same for a body that is decoded already."""
    if problem := _not_a_completion(completion):
        return _malformed(problem)
    body = _mapping(completion)
    reply = Reply(
        usage=_usage(body),
        model=one_line(str(body.get("model") or ""), 100),
        tier=one_line(str(body.get("service_tier") or ""), 20),
    )
    content = _content(body)
    if not isinstance(content, str):
        return replace(reply, failure=content)
    items = _items(content)
    if items is None:
        problem = "the model did not answer in the requested JSON; run again or try another model"
        return replace(reply, failure=CallFailure(FailureReason.MALFORMED, problem))
    answers, notes = _answers(items, request, rubric)
    settled = {a.category.id for a in answers if not (a.short and _full_answer_due(a, rubric))}
    missing = tuple(c for c in request.categories if c.id not in settled)
    return replace(reply, answers=answers, missing=missing, notes=notes)


def one_line(text: str, limit: int = _MAX_LINE) -> str:
    """Make untrusted text fit for one line: no control characters, at most `limit` long."""
    printable = "".join(c if c.isprintable() else " " for c in text[: limit * 4])
    line = " ".join(printable.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def tampered(reply: Reply, request: ChatRequest) -> bool:
    """Whether the model scored the canary category."""
    return any(
        a.category is request.canary and a.confidence >= CANARY_THRESHOLD for a in reply.answers
    )


# --- the completion ------------------------------------------------------------------------------


def _malformed(problem: str) -> Reply:
    failure = CallFailure(FailureReason.MALFORMED, problem)
    return Reply(failure=failure, usage=Usage(calls=1, cost=None))


def _not_a_completion(body: object) -> str:
    if not isinstance(body, dict):
        return "the server's response is not a chat completion"
    error = body.get("error")
    if error and not body.get("choices"):
        message = error.get("message") if isinstance(error, dict) else error
        return f"the server returned an error: {one_line(str(message))}"
    return ""


def _usage(completion: Mapping[str, Any]) -> Usage:
    """Count the tokens; the price is not known here."""
    usage = _mapping(completion.get("usage"))
    cached = _mapping(usage.get("prompt_tokens_details")).get("cached_tokens")
    reasoning = _mapping(usage.get("completion_tokens_details")).get("reasoning_tokens")
    return Usage(
        calls=1,
        input_tokens=_count(usage.get("prompt_tokens")),
        cached_tokens=_count(cached),
        output_tokens=_count(usage.get("completion_tokens")),
        reasoning_tokens=_count(reasoning),
        cost=None,
    )


def _content(completion: Mapping[str, Any]) -> str | CallFailure:
    choices = completion.get("choices")
    if not isinstance(choices, list) or not choices:
        return CallFailure(FailureReason.MALFORMED, "the server's response has no choices")
    choice = _mapping(choices[0])
    message = _mapping(choice.get("message"))
    refusal, content = message.get("refusal"), message.get("content")
    finish = choice.get("finish_reason")
    if refusal:
        return CallFailure(FailureReason.REFUSED, f"the model refused: {one_line(str(refusal))}")
    if finish == "content_filter":
        problem = "the provider's content filter blocked the answer"
        return CallFailure(FailureReason.CONTENT_FILTER, problem)
    if finish == "length":
        problem = (
            "the answer was cut off at the token limit; use a smaller --pack or a model with a "
            "larger output limit"
        )
        return CallFailure(FailureReason.TRUNCATED, problem)
    if not isinstance(content, str) or not content.strip():
        return CallFailure(FailureReason.MALFORMED, "the model's answer is empty")
    return content


def _items(content: str) -> list[Any] | None:
    """Return the answers in whatever text surrounds them; full answers come first."""
    for candidate in _candidates(content.rpartition("</think>")[2]):
        if isinstance(candidate, list):
            return candidate
        lists = (_mapping(candidate).get(name) for name in ("judgements", "out"))
        if answers := [items for items in lists if isinstance(items, list)]:
            return list(chain.from_iterable(answers))
    return None


def _candidates(content: str) -> Iterator[Any]:
    """Yield JSON: the whole, from one of the first braces, from a list of objects."""
    yield _decode(content.strip())
    # Few tries, so that a hostile answer costs no more than a few readings of it.
    for start in islice(re.finditer(r"\{", content), 5):
        yield _decode(content, start.start())
    if start_of_list := re.search(r"\[\s*\{", content):
        yield _decode(content, start_of_list.start())


def _decode(text: str, start: int | None = None) -> Any:
    try:
        return json.loads(text) if start is None else json.JSONDecoder().raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return None


# --- the answers ---------------------------------------------------------------------------------


def _answers(
    items: Sequence[Any], request: ChatRequest, rubric: Rubric
) -> tuple[tuple[ModelAnswer, ...], tuple[str, ...]]:
    by_key = dict(zip(request.keys, request.categories, strict=True))
    answers: dict[str, ModelAnswer] = {}
    notes: list[str] = []
    for item in items:
        name = str(_mapping(item).get("id", ""))
        key = name if name in by_key else slug(name)
        category = by_key.get(key)
        if category is None:
            unknown = one_line(name, 60)
            notes.append(f"dropped an answer for {unknown!r}, which is not a requested category")
        elif key in answers:
            notes.append(f"dropped a second answer for {request.label(category)}")
        else:
            answer, note = _answer(item, category, rubric)
            answers |= {key: answer} if answer else {}
            notes += [f"{request.label(category)}: {note}"] if note else []
    return tuple(answers.values()), tuple(notes)


def _answer(item: Any, category: Category, rubric: Rubric) -> tuple[ModelAnswer | None, str]:
    """Return the answer, if `item` is usable, and what was odd about it.

    Its fields, and not the list it is in, say whether it is short.
    """
    try:
        if rubric.floors and "scores" in _mapping(item):
            return _short(ShortAnswer.model_validate(item), category, rubric)
        model = full_answer(tuple(rubric.aspects))
        return _full(model.model_validate(item), category, rubric)
    except ValidationError as error:
        where = one_line(".".join(str(part) for part in error.errors()[0]["loc"]), 40)
        return None, f"dropped an unusable answer ({where})"


def _short(item: ShortAnswer, category: Category, rubric: Rubric) -> tuple[ModelAnswer | None, str]:
    if len(item.scores) != len(rubric.aspects):
        return None, "dropped an unusable answer (scores)"
    aspects = {name: s / 10 for name, s in zip(rubric.aspects, item.scores, strict=True)}
    answer = ModelAnswer(
        category=category,
        confidence=_confidence(aspects, rubric),
        aspects=aspects,
        exclusion=None,
        reasoning=item.why.strip(),
        short=True,
    )
    return answer, ""


def _full(item: FullAnswer, category: Category, rubric: Rubric) -> tuple[ModelAnswer, str]:
    rules = dict(enumerate(category.instructions.exclusions, start=1))
    exclusion = rules.get(item.exclusion) if item.exclusion is not None else None
    unknown = item.exclusion is not None and exclusion is None
    aspects = {name: getattr(item, name) / 10 for name in rubric.aspects}
    cap = 1.0 if exclusion is None else rubric.exclusion_cap
    answer = ModelAnswer(
        category=category,
        confidence=min(_confidence(aspects, rubric), cap),
        aspects=aspects,
        exclusion=exclusion,
        reasoning=item.reasoning.strip(),
        quotes=tuple(quote.strip() for quote in item.evidence if quote.strip())[:MAX_QUOTES],
    )
    note = f"ignored exclusion rule {item.exclusion}, which does not exist" if unknown else ""
    return answer, note


def _confidence(aspects: Mapping[str, float], rubric: Rubric) -> float:
    return round(sum(rubric.aspects[name] * value for name, value in aspects.items()), 4)


def _full_answer_due(short: ModelAnswer, rubric: Rubric) -> bool:
    """Whether a short answer has scores for which the rubric asks a full one."""
    reached = (round(short.aspects[n] * 10) >= floor for n, floor in rubric.floors.items())
    return short.confidence >= SHORT_BELOW or any(reached)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
