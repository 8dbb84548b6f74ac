"""The fields of one answer of a model, in the names and types that were asked for. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from classifier.models import Category
from classifier.scorers.openai.answer_text import OUT, folded

_FIELDS: Final = ("id", OUT, "about", "why", "scores", "evidence", "reasoning", "exclusion")
_NOTHING: Final = frozenset({"", "null", "none", "n/a", "false", "no"})
_LONGEST_RULE: Final = 2_000
"""Characters."""
_LONGEST_NOTHING: Final = max(map(len, _NOTHING))
_NO_RULE: Final = re.compile(
    r"[-\u2013\u2014]+|(?:no|none|nothing|nil|n/?a|not applicable)"
    r"(?: (?:of|the|them|these|exclusions?|rules?|appl(?:y|ies|ied)|match(?:es|ed)?))*"
)
_NUMBERED: Final = re.compile(r"(?:exclusion|rule|number)?(?: rule)? ?#?(\d{1,3})(?:[.:)]? (.+))?")


def renamed(item: object, aspects: Iterable[str]) -> Mapping[str, Any]:
    """Return an item whose fields are called as they were asked for, whatever their letter case."""
    if not isinstance(item, dict):
        return {}
    known = (*_FIELDS, *aspects)
    if item.keys() <= set(known):
        return item
    names = {folded(name): name for name in known}
    return {names.get(folded(name)) or str(name): value for name, value in item.items()}


def tidied(item: Mapping[str, Any], category: Category, aspects: Collection[str]) -> dict[str, Any]:
    """Return an item whose side fields have the types of the schema, and 9 for a 9.0.

    A judgement is not lost for those. Scores of another type or scale are left as they are, and
    make the answer unusable: they would be a guess.
    """
    tidied = dict(item)
    tidied["id"] = str(tidied.get("id", ""))
    tidied["evidence"] = _quotes(tidied.get("evidence"))
    tidied["exclusion"] = _rule(tidied.get("exclusion"), category)
    for name in ("reasoning", "why"):
        tidied[name] = " ".join(_quotes(tidied.get(name)))
    for name in aspects:
        if isinstance(score := tidied.get(name), float):
            tidied[name] = whole(score)
    if isinstance(scores := tidied.get("scores"), list):
        scores = tidied["scores"] = [whole(score) for score in scores]
        if is_full(item) and len(scores) == len(aspects):
            tidied |= zip(aspects, scores, strict=True)
    return tidied


def is_full(item: Mapping[str, Any]) -> bool:
    """Whether an answer whose scores are a list is one with reasoning, and not a phrase."""
    return "reasoning" in item and "why" not in item


def whole(score: object) -> object:
    """Return 9 for 9.0, and anything else as it is."""
    return int(score) if isinstance(score, float) and score.is_integer() else score


def _quotes(value: object) -> list[str]:
    """Return the texts of a field that may be a list, a text or nothing."""
    if not value:
        return []
    values = value if isinstance(value, list) else [value]
    texts = [v.get("quote", v.get("text")) if isinstance(v, dict) else v for v in values]
    return [t for t in texts if isinstance(t, str) and not _is_nothing(t)]


def _is_nothing(text: str) -> bool:
    text = text.strip()
    return len(text) <= _LONGEST_NOTHING and text.lower() in _NOTHING


def _rule(value: object, category: Category) -> object:
    """Return the number of an exclusion rule, or what stands where one should."""
    if isinstance(value, dict) and len(value) < 2:
        value = list(value.values())
    if isinstance(value, list):
        value = value[0] if value else None
    value = whole(value)
    if value is None or value is False:
        return None
    if not isinstance(value, str):
        return value
    text = _plain(value)
    rules = [_plain(rule) for rule in category.instructions.exclusions]
    if text in rules:
        return rules.index(text) + 1
    if text in _NOTHING or _NO_RULE.fullmatch(text):
        return None
    if found := _NUMBERED.fullmatch(text):
        number, words = int(found[1]), found[2]
        return number if not words or rules[number - 1 : number] == [words] else value
    return value


def _plain(text: str) -> str:
    """Return the start of a text in one spelling."""
    return " ".join(text[:_LONGEST_RULE].lower().split()).rstrip(" .!")
