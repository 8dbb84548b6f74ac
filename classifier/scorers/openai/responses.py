"""What a model answered, read and checked.

Pure: no socket, clock or state. The same reading serves live calls and batches.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Protocol

from pydantic import ValidationError

from classifier.models import Category, FailureReason, Usage
from classifier.scorers.openai import answer_fields, completions
from classifier.scorers.openai.answer_text import OUT
from classifier.scorers.openai.completions import CallFailure, error_message, one_line
from classifier.scorers.openai.prompts import slug, slugs
from classifier.scorers.openai.requests import ChatRequest
from classifier.scorers.openai.schema import MAX_QUOTES, FullAnswer, ShortAnswer, full_answer

VERSION: Final = 4
"""Part of the scorer's identity: raised when requests or the reading of responses change."""

CANARY_THRESHOLD: Final = 0.3
"""Confidence (0-1) of the canary category from which an article counts as tampered."""

_SMALLEST_CONTEXT: Final = 2048
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")


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

    @property
    def touched(self) -> Mapping[str, int]:
        """By aspect, the score (0-10) from which a number is not enough; empty: it never is."""
        ...

    @property
    def short_below(self) -> float:
        """The confidence (0-1) from which a short answer is asked for again, in full."""
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
    """Whether it is a short answer: a phrase or a number, no quotes."""

    @property
    def bare(self) -> bool:
        """Whether the category was only listed as out: no scores, and no words about it."""
        return not self.aspects


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
        body = completions.decode(text)
    except (ValueError, RecursionError):
        return not_json()
    return read_json(body, request, rubric)


def not_json() -> Reply:
    return _malformed(
        "the server's response is not JSON; check that `base_url` ends in the API path, such as /v1"
    )


def read_json(
    completion: object, request: ChatRequest, rubric: Rubric, *, prefix_tokens: int = 0
) -> Reply:
    """Do the same for a body that is decoded already.

    Args:
        completion: The body.
        request: What was asked.
        rubric: How scores make a confidence.
        prefix_tokens: Estimated tokens of the request before the article, if known.
    """
    if not isinstance(completion, dict):
        return _malformed("the server's response is not a chat completion")
    if error := completions.error_within(completion):
        return _malformed(f"the server returned an error: {one_line(error_message(error[1]))}")
    reply = Reply(
        usage=completions.usage(completion),
        model=one_line(str(completion.get("model") or ""), 100),
        tier=one_line(str(completion.get("service_tier") or ""), 20),
    )
    groups = completions.answers(completion)
    if isinstance(groups, CallFailure):
        return replace(reply, failure=groups)
    if failure := _prompt_cut(reply.usage, request, prefix_tokens):
        return replace(reply, failure=failure)
    answers, notes = _agreed([_answers(items, request, rubric) for items in groups])
    if answers is None:
        problem = "the model gave two answers that differ; run again or try another model"
        return replace(reply, failure=CallFailure(FailureReason.MALFORMED, problem))
    # By identity: canaries have no id.
    settled = {id(a.category) for a in answers if not (a.short and _full_answer_due(a, rubric))}
    missing = tuple(c for c in request.categories if id(c) not in settled)
    return replace(reply, answers=answers, missing=missing, notes=notes)


def tampered(reply: Reply, request: ChatRequest) -> bool:
    """Whether the model scored a canary category."""
    return any(
        a.confidence >= CANARY_THRESHOLD and a.category in request.canaries for a in reply.answers
    )


# --- the completion ------------------------------------------------------------------------------


def _malformed(problem: str) -> Reply:
    failure = CallFailure(FailureReason.MALFORMED, problem)
    return Reply(failure=failure, usage=Usage(calls=1, cost=None))


def _prompt_cut(usage: Usage, request: ChatRequest, prefix_tokens: int) -> CallFailure | None:
    """Return a failure if the server read less than it was sent.

    Some servers cut a prompt to their context and answer what is left. Every tokenizer makes at
    least one token of a word. The prefix does not count: some servers leave out what they had in
    their cache. A multiple of 1024 below the estimate is a context that is full.
    """
    counted = max(usage.input_tokens, usage.cached_tokens)
    expected = prefix_tokens + request.message.tokens
    if not counted or counted >= expected:
        return None
    full = counted >= _SMALLEST_CONTEXT and counted % 1024 == 0 and counted < 0.8 * expected
    if not full and counted >= len(_WORD.findall(json.loads(request.message.json))):
        return None
    problem = (
        f"the server read only {counted:,} of about {expected:,} tokens of the prompt; "
        "raise its context length (Ollama: OLLAMA_CONTEXT_LENGTH, llama.cpp: --ctx-size)"
    )
    return CallFailure(FailureReason.TRUNCATED, problem)


# --- the answers ---------------------------------------------------------------------------------


_Answers = tuple[Mapping[str, ModelAnswer], tuple[str, ...]]
"""Answers by key, and notes."""


def _agreed(found: Sequence[_Answers]) -> tuple[tuple[ModelAnswer, ...] | None, tuple[str, ...]]:
    """Join the answers of all JSON values of a response; None if two of them differ."""
    joined: dict[str, ModelAnswer] = {}
    # A value without any usable answer, such as an example, counts only where there is no other.
    relevant = [each for each in found if each[0]] or found[-1:]
    for answers, _ in relevant:
        for key, answer in answers.items():
            other = joined.get(key)
            if other and _differ(other, answer):
                return None, ()
            joined.pop(key, None)
            joined[key] = answer
    return tuple(joined.values()), tuple(note for _, notes in relevant for note in notes)


def _answers(items: Sequence[Any], request: ChatRequest, rubric: Rubric) -> _Answers:
    names = _Names(request)
    answers: dict[str, ModelAnswer] = {}
    notes: list[str] = []
    unclear: set[str] = set()
    for item in items:
        given = answer_fields.renamed(item, rubric.aspects)
        out = OUT in given and bool(rubric.touched)
        name = str(answer_fields.whole(given.get(OUT if out else "id", "")))
        found = names.range(name) if out else names.one(name)
        if not found:
            unknown = one_line(name, 60)
            notes.append(f"dropped an answer for {unknown!r}, which is not a requested category")
        for key, category in found:
            answer, note = (
                (_bare(given.get("about"), category), "")
                if out
                else _answer(given, category, rubric)
            )
            notes += [f"{request.label(category)}: {note}"] if note else []
            if answer is None:
                continue
            first = answers.setdefault(key, answer)
            if first is answer:
                continue
            notes.append(f"dropped a second answer for {request.label(category)}")
            if first.short and not answer.short:
                answers[key] = answer
            elif first.short == answer.short and not out and _differ(first, answer):
                unclear.add(key)
    return {k: a for k, a in answers.items() if k not in unclear}, tuple(notes)


def _differ(one: ModelAnswer, other: ModelAnswer) -> bool:
    return (one.aspects, one.exclusion) != (other.aspects, other.exclusion)


_RANGE: Final = re.compile(r"(\d{1,6})\s*(?:-|\u2013|\u2014|\.\.+|to)\s*(\d{1,6})")


class _Names:
    """What a model may call the categories of a request: `4-kanban`, `kanban`, `4`, or `4-9`."""

    def __init__(self, request: ChatRequest) -> None:
        self._categories = request.categories
        self._pairs = list(zip(request.keys, request.categories, strict=True))
        self._by_key = dict(zip(request.keys, self._pairs, strict=True))

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[str, Category]]:
        by_slug = dict(zip(slugs(self._categories), self._pairs, strict=True))
        by_number = {str(number): pair for number, pair in enumerate(self._pairs, start=1)}
        return by_slug | by_number | self._by_key

    def one(self, name: str) -> list[tuple[str, Category]]:
        """Return key and category, or nothing: a number beside another title is a mix-up."""
        if found := self._by_key.get(name):
            return [found]
        plain = slug(name)
        other = self._by_name.get(name) or (not plain.isdigit() and self._by_name.get(plain))
        return [other] if other else []

    def range(self, name: str) -> list[tuple[str, Category]]:
        if found := self.one(name):
            return found
        match = _RANGE.fullmatch(name.strip())
        if match is None:
            parts = re.split(r"[,;\s]+", name.strip())
            return [p for part in parts for p in self.range(part)] if len(parts) > 1 else []
        first, last = int(match[1]), int(match[2])
        return self._pairs[first - 1 : last] if 1 <= first <= last <= len(self._pairs) else []


def _bare(about: object, category: Category) -> ModelAnswer:
    return ModelAnswer(
        category=category,
        confidence=0.0,
        aspects={},
        exclusion=None,
        reasoning=_why_out(about, category),
        short=True,
    )


_LEAD: Final = re.compile(r"(?:(?:this|the) article is )?about\b[\s:]*", re.IGNORECASE)


def _why_out(about: object, category: Category) -> str:
    said = one_line(about, 200).strip(" .") if isinstance(about, str) else ""
    said = _LEAD.sub("", said, count=1) if _LEAD.match(said) else said
    if not said:
        return f"The article is not about {category.title}."
    return f"The article is about {said}, not {category.title}."


def _answer(item: Any, category: Category, rubric: Rubric) -> tuple[ModelAnswer | None, str]:
    """Return the answer, if `item` is usable, and what was odd about it.

    Its fields, and not the list it is in, say whether it is short.
    """
    phrase = rubric.floors and "scores" in item and not answer_fields.is_full(item)
    item = answer_fields.tidied(item, category, rubric.aspects)
    try:
        if phrase:
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
    if short.bare:
        return False
    reached = (round(short.aspects[n] * 10) >= floor for n, floor in rubric.floors.items())
    return short.confidence >= rubric.short_below or any(reached)
