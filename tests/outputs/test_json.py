from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.result_schema import SCHEMA, errors

from classifier.models import (
    Category,
    ConfidenceKind,
    Decision,
    Evidence,
    Failure,
    FailureReason,
    Judgement,
    Label,
    Level,
    Rejection,
    Result,
    Usage,
    Verdict,
)
from classifier.outputs.json import to_dict, to_json

DOCS = Path(__file__).parents[2] / "docs" / "json.md"


def judgement(category: str, confidence: float, **more: Any) -> Judgement:
    return Judgement(
        category=category,
        confidence=confidence,
        scorer="openai:m1:abc",
        **{"kind": ConfidenceKind.STATED, **more},
    )


@pytest.fixture
def result() -> Result:
    bread = Category(id="tags/bread", kind="tags", title="Bread")
    craft = Category(id="concepts/craft", kind="concepts", title="Craft")
    yes = judgement(
        "tags/bread",
        0.87654321,
        aspects={"depth": 0.7},
        reasoning="It is about bread.",
        evidence=(Evidence("Bread", 2, 7), Evidence("Brioche")),
        pack=("tags/bread", "concepts/craft"),
    )
    no = judgement(
        "concepts/craft",
        0.95,
        exclusion="craft beer",
        raw=0.9,
        kind=ConfidenceKind.CALIBRATED,
    )
    told = Verdict(category="tags/bread", accepted=True, note="it is")
    return Result(
        article="content/a.md",
        title="Loaves",
        digest="d1",
        body_start=12,
        language="fr",
        scorer="openai:m1:abc",
        model="m1-2026",
        decision=Decision(
            (Label(bread, yes, told, 0.5),),
            (Rejection(craft, no, "excluded: craft beer", None, 0.4),),
        ),
        failures=(Failure(FailureReason.REFUSED, "would not say", ("tags/cheese",)),),
        usage=Usage(calls=1, input_tokens=100, cached_tokens=64, output_tokens=20, cost=None),
        notes=("an answer for nobody",),
    )


def test_the_object_stays_as_documented(result: Result) -> None:
    assert to_dict(result) == {
        "schema": "classify/1",
        "article": "content/a.md",
        "title": "Loaves",
        "digest": "d1",
        "body_start": 12,
        "language": "fr",
        "ok": False,
        "scorer": "openai:m1:abc",
        "model": "m1-2026",
        "site_profile": None,
        "labels": {
            "concepts": [],
            "tags": [
                {"id": "tags/bread", "title": "Bread", "confidence": 0.8765, "level": "Primary"}
            ],
        },
        "judgements": [
            {
                "category": "concepts/craft",
                "title": "Craft",
                "kind": "concepts",
                "label": False,
                "why": "excluded: craft beer",
                "confidence": 0.95,
                "confidence_kind": "calibrated",
                "minimum": 0.4,
                "raw_confidence": 0.9,
                "level": "Primary",
                "aspects": {},
                "exclusion": "craft beer",
                "reasoning": "",
                "evidence": [],
                "scorer": "openai:m1:abc",
                "pack": [],
                "verdict": None,
            },
            {
                "category": "tags/bread",
                "title": "Bread",
                "kind": "tags",
                "label": True,
                "why": None,
                "confidence": 0.8765,
                "confidence_kind": "stated",
                "minimum": 0.5,
                "raw_confidence": None,
                "level": "Primary",
                "aspects": {"depth": 0.7},
                "exclusion": None,
                "reasoning": "It is about bread.",
                "evidence": [
                    {"text": "Bread", "start": 2, "end": 7, "verified": True},
                    {"text": "Brioche", "start": None, "end": None, "verified": False},
                ],
                "scorer": "openai:m1:abc",
                "pack": ["tags/bread", "concepts/craft"],
                "verdict": {"accepted": True, "note": "it is", "source": ""},
            },
        ],
        "failures": [
            {"reason": "refused", "message": "would not say", "categories": ["tags/cheese"]}
        ],
        "notes": ["an answer for nobody"],
        "usage": {
            "calls": 1,
            "input_tokens": 100,
            "cached_tokens": 64,
            "output_tokens": 20,
            "reasoning_tokens": 0,
            "cost_usd": None,
        },
    }


def keys(value: object, path: str = "") -> Iterator[str]:
    """Name every key as the guide does: `judgements[].evidence[].text`, `labels.<kind>[].id`."""
    if isinstance(value, list):
        for item in value:
            yield from keys(item, f"{path}[]")
    elif isinstance(value, dict):
        free = {"labels": "<kind>", "judgements[].aspects": "<name>"}.get(path)
        for key, inner in value.items():
            name = f"{path}.{free or key}".lstrip(".")
            yield name
            yield from keys(inner, name)


def test_the_guide_describes_every_key_and_no_other(result: Result) -> None:
    documented = re.findall(r"^\| `([^`]+)` \|", DOCS.read_text(encoding="utf-8"), re.M)
    assert len(documented) == len(set(documented))
    assert set(documented) == set(keys(to_dict(result)))


def test_the_guide_names_every_failure_reason() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert [reason for reason in FailureReason if f"`{reason}`" not in text] == []


@given(st.text(), st.text())
def test_written_and_read_back_it_is_the_same_object_on_one_line(title: str, note: str) -> None:
    result = Result(article="a.md", title=title, scorer="fake", notes=(note,))
    text = to_json(result)
    assert json.loads(text) == to_dict(result)
    assert len(text.splitlines()) == 1


def test_letters_of_other_scripts_are_not_escaped() -> None:
    assert '"Käse 日本"' in to_json(Result(article="a", title="Käse 日本", scorer="fake"))


def test_the_schema_file_describes_every_key_and_no_other(result: Result) -> None:
    assert errors(to_dict(result)) == []


@pytest.mark.parametrize(
    "broken",
    [
        {"ok": "yes"},
        {"schema": "classify/2"},
        {"body_start": -1},
        {"labels": {"tags": [{"id": "tags/bread"}]}},
        {"usage": {}},
        {"more": 1},
    ],
)
def test_the_schema_file_refuses_what_is_not_documented(
    result: Result, broken: dict[str, Any]
) -> None:
    assert errors(to_dict(result) | broken) != []


@pytest.mark.parametrize("key", ["schema", "labels", "judgements", "failures", "usage"])
def test_the_schema_file_asks_for_every_key(result: Result, key: str) -> None:
    written = to_dict(result)
    del written[key]
    assert errors(written) != []


def test_the_schema_file_knows_every_reason_kind_and_level() -> None:
    defined = SCHEMA["$defs"]
    kinds = defined["judgement"]["properties"]["confidence_kind"]
    assert defined["failure"]["properties"]["reason"]["enum"] == list(FailureReason)
    assert kinds["enum"] == list(ConfidenceKind)
    assert defined["level"]["enum"] == list(Level)
