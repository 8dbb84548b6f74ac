from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from support.results import results

from classifier.models import (
    Category,
    ConfidenceKind,
    Decision,
    Evidence,
    Failure,
    FailureReason,
    Judgement,
    Label,
    Rejection,
    Result,
    Usage,
)
from classifier.outputs.rows import ARTICLES, PAIRS, Column, Type, article_row, pair_rows

DOCS = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")


def judgement(category: str, confidence: float, **more: Any) -> Judgement:
    kind = ConfidenceKind.STATED
    return Judgement(category=category, confidence=confidence, kind=kind, scorer="s:1", **more)


BREAD = Category(id="tags/bread", kind="tags", title="Bread")
CRAFT = Category(id="concepts/craft", kind="concepts", title="Craft")
YES = judgement(
    "tags/bread",
    0.87654321,
    aspects={"depth": 0.7},
    reasoning="It is about bread.",
    evidence=(Evidence("Bread", 2, 7), Evidence("Brioche")),
    pack=("tags/bread", "concepts/craft"),
)
NO = judgement("concepts/craft", 0.95, exclusion="craft beer")
RESULT = Result(
    language="fr",
    article="content/a.md",
    title="Loaves",
    digest="d1",
    body_start=12,
    scorer="s:1",
    model="m1-2026",
    decision=Decision((Label(BREAD, YES),), (Rejection(CRAFT, NO, "excluded: craft beer"),)),
    failures=(Failure(FailureReason.REFUSED, "would not say", ("tags/cheese", "tags/milk")),),
    usage=Usage(calls=1, input_tokens=100, cached_tokens=64, output_tokens=20, cost=None),
    notes=("an answer for nobody",),
)
UNREAD = Result(
    article="b.md", scorer="s:1", failures=(Failure(FailureReason.NOT_UTF8, "save it as UTF-8"),)
)


def test_a_judged_pair_is_one_row_with_all_that_is_known_of_it() -> None:
    rows = list(pair_rows(RESULT, judged_at={"tags/bread": 1_800_000_000.1234}))
    assert [row["category"] for row in rows[:2]] == ["concepts/craft", "tags/bread"]
    assert rows[1] == {
        "article": "content/a.md",
        "article_title": "Loaves",
        "article_digest": "d1",
        "category": "tags/bread",
        "category_title": "Bread",
        "kind": "tags",
        "label": True,
        "confidence": 0.87654321,
        "level": "Primary",
        "confidence_kind": "stated",
        "why": None,
        "exclusion": None,
        "reasoning": "It is about bread.",
        "aspects": {"depth": 0.7},
        "evidence": [
            {"text": "Bread", "start": 2, "end": 7, "verified": True},
            {"text": "Brioche", "start": None, "end": None, "verified": False},
        ],
        "body_start": 12,
        "failure": None,
        "failure_message": None,
        "scorer": "s:1",
        "model": "m1-2026",
        "pack": ["tags/bread", "concepts/craft"],
        "judged_at": "2027-01-15T08:00:00.123Z",
        "raw_confidence": None,
        "verdict": None,
        "verdict_note": None,
        "language": "fr",
    }
    assert (rows[0]["label"], rows[0]["why"]) == (False, "excluded: craft beer")


def test_a_failed_pair_is_a_row_that_says_why_and_makes_up_nothing() -> None:
    row = list(pair_rows(RESULT))[2]
    known = {name: value for name, value in row.items() if value is not None}
    assert known == {
        "article": "content/a.md",
        "article_title": "Loaves",
        "article_digest": "d1",
        "category": "tags/cheese",
        "kind": "tags",
        "label": False,
        "body_start": 12,
        "failure": "refused",
        "failure_message": "would not say",
        "scorer": "s:1",
        "model": "m1-2026",
        "language": "fr",
    }


def test_an_article_that_could_not_be_read_is_one_row_without_a_category() -> None:
    (row,) = pair_rows(UNREAD)
    assert (row["article"], row["category"], row["kind"]) == ("b.md", None, None)
    assert row["failure"] == "not_utf8"


def test_a_judgement_that_is_not_to_be_trusted_stays_one_row_with_its_failure() -> None:
    failure = Failure(FailureReason.TAMPERED, "the article gave orders", ("tags/bread",))
    decision = Decision((), (Rejection(BREAD, YES, "no answer is trusted"),))
    (row,) = pair_rows(Result(article="a", scorer="s", decision=decision, failures=(failure,)))
    assert (row["confidence"], row["label"], row["failure"]) == (0.87654321, False, "tampered")


def test_an_article_is_one_row_with_its_labels_best_first() -> None:
    assert article_row(RESULT, judged_at={"tags/bread": 1.0, "concepts/craft": 0.0}) == {
        "article": "content/a.md",
        "article_title": "Loaves",
        "article_digest": "d1",
        "ok": False,
        "labels": ["tags/bread"],
        "label_titles": ["Bread"],
        "label_confidences": [0.87654321],
        "label_count": 1,
        "top_label": "tags/bread",
        "top_confidence": 0.87654321,
        "top_level": "Primary",
        "judged_count": 2,
        "failures": [
            {
                "reason": "refused",
                "message": "would not say",
                "categories": ["tags/cheese", "tags/milk"],
            }
        ],
        "notes": ["an answer for nobody"],
        "scorer": "s:1",
        "model": "m1-2026",
        "calls": 1,
        "input_tokens": 100,
        "cached_tokens": 64,
        "output_tokens": 20,
        "reasoning_tokens": 0,
        "cost_usd": None,
        "judged_at": "1970-01-01T00:00:01.000Z",
        "language": "fr",
    }


def test_an_article_without_labels_has_no_top_one() -> None:
    row = article_row(UNREAD)
    assert (row["labels"], row["top_label"], row["top_confidence"]) == ([], None, None)


@given(results())
def test_every_row_has_every_column_in_the_same_order_whatever_the_result(result: Result) -> None:
    assert list(article_row(result)) == [column.name for column in ARTICLES]
    for row in pair_rows(result):
        assert list(row) == [column.name for column in PAIRS]


@given(results())
def test_every_pair_is_in_exactly_one_row(result: Result) -> None:
    judged = {judgement.category for judgement in result.judgements}
    failed = {id_ for failure in result.failures for id_ in failure.categories or (None,)}
    seen = [row["category"] for row in pair_rows(result)]
    assert len(seen) == len(set(seen))
    assert set(seen) == judged | failed
    confidences = [row["confidence"] for row in pair_rows(result)]
    assert [it is None for it in confidences] == sorted(it is None for it in confidences)


@pytest.mark.parametrize(
    ("heading", "columns"), [("A row for each pair", PAIRS), ("A row for each article", ARTICLES)]
)
def test_the_guide_has_every_column_and_its_type_in_order(
    heading: str, columns: tuple[Column, ...]
) -> None:
    section = DOCS.split(f"## {heading}\n")[1].split("\n## ")[0]
    documented = re.findall(r"^\| `(\w+)` \| (\w+) \| [^|]+ \|$", section, re.M)
    assert documented == [(column.name, column.type) for column in columns]


def test_the_guide_describes_every_type() -> None:
    section = DOCS.split("## Types\n")[1]
    described = re.findall(r"^\| (\w+) \|", section, re.M)[1:]
    assert described == list(get_args(Type))
