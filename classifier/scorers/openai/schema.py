"""The JSON a model is asked for: full answers, short ones, and numbers of what is plainly out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, create_model

MAX_QUOTES: Final = 3

# To servers an enum and not minimum/maximum: llama.cpp enforces the one and not the other.
_Score = Annotated[
    int, Field(ge=0, le=10), WithJsonSchema({"type": "integer", "enum": list(range(11))})
]


class FullAnswer(BaseModel):
    """An answer with reasoning and quotes; `full_answer` adds a field for each aspect."""

    model_config = ConfigDict(extra="ignore", strict=True)

    id: str
    evidence: list[str]
    reasoning: str
    exclusion: int | None


class ShortAnswer(BaseModel):
    """An answer about a category that the article touches, or, without numbers, is not about.

    With numbers, a line of text says the same: `4: what is missing: 2 3 1`.
    """

    model_config = ConfigDict(extra="ignore", strict=True)

    id: str
    why: str
    scores: list[_Score]
    """In the order of the rubric's aspects."""


@lru_cache(maxsize=8)
def full_answer(aspects: tuple[str, ...]) -> type[FullAnswer]:
    fields: dict[str, Any] = {name: (_Score, ...) for name in aspects}
    return create_model("Judgement", __base__=FullAnswer, **fields)


def response_format(
    aspects: Sequence[str], *, short: bool, numbers: bool = False, max_answers: int | None
) -> dict[str, Any]:
    """Return the strict schema: the same for all packs, so that it can stay in the cached prefix.

    Args:
        aspects: Names of the rubric's aspects.
        short: Whether short answers are allowed.
        numbers: Whether what is plainly out has its number alone, and what is touched a line; then
            the article's subject is said once, and scores are a list.
        max_answers: Bound of the lists, without which small models may never end them. None for a
            server that rejects bounds.
    """
    text = {"type": "string"}
    phrase = _properties(ShortAnswer)
    if short and numbers:
        full = _properties(FullAnswer) | {"scores": phrase["scores"]}
        lists = {"out": _list(text), "touched": _list(text), "judgements": _list(_object(full))}
        fields: dict[str, Any] = {"about": text} | lists
    else:
        full = _properties(full_answer(tuple(aspects)))
        fields = {"judgements": _list(_object(full))}
        if short:
            fields["out"] = _list(_object(phrase))
    if max_answers is not None:
        phrase["scores"]["maxItems"] = len(aspects)
        full["evidence"]["maxItems"] = MAX_QUOTES
        for answers in fields.values():
            if answers["type"] == "array":
                answers["maxItems"] = max_answers
    return {
        "type": "json_schema",
        "json_schema": {"name": "judgements", "strict": True, "schema": _object(fields)},
    }


def _list(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _properties(model: type[BaseModel]) -> dict[str, Any]:
    properties: dict[str, Any] = model.model_json_schema()["properties"]
    for each in properties.values():
        del each["title"]
    return properties


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the only sort of object strict mode allows: every property required, and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
