from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest
from support.keyword_scorer import KeywordScorer

from classifier.models import Article, Category, Failure, FailureReason, Outcome, Task, Usage
from classifier.scorers.base import (
    PartialOutcome,
    discard_if_tampered,
    display_name,
    is_tampered,
    merge_outcomes,
    merge_partial,
)
from classifier.scorers.contained import partial_outcomes

A, B, C = (Category(id=f"tags/{name}", kind="tags", title=name) for name in "abc")
ARTICLE = Article(id="x.md", body="a b c")
TASK = Task(ARTICLE, (A, B, C))


def judged(*categories: Category, calls: int = 1, model: str = "", note: str = "") -> Outcome:
    (outcome,) = KeywordScorer().score([Task(ARTICLE, categories)])
    notes = (note,) if note else ()
    return replace(outcome, usage=Usage(calls=calls), model=model, notes=notes)


@pytest.mark.parametrize(
    ("identity", "model", "shown"),
    [
        ("openai:gpt-4.1:abc", "", "openai (gpt-4.1)"),
        ("openai:gpt-4.1:abc", "gpt-4.1-2025", "openai (gpt-4.1-2025)"),
        ("openai:org/name:7b:abc", "", "openai (org/name:7b)"),
        ("import", "", "import"),
    ],
)
def test_a_scorer_is_shown_by_name_and_model(identity: str, model: str, shown: str) -> None:
    assert display_name(identity, model) == shown


def test_parts_are_merged_in_the_order_of_the_categories_and_added_up() -> None:
    later, first = judged(C, calls=2, model="m1", note="n"), judged(A, B, note="n")
    merged = merge_outcomes(TASK, [later, first])
    assert [judgement.category for judgement in merged.judgements] == [A.id, B.id, C.id]
    assert (merged.usage.calls, merged.model, merged.notes) == (3, "m1", ("n",))
    assert merged.task is TASK


def test_a_task_is_merged_once_its_last_part_is_there() -> None:
    other = Task(replace(ARTICLE, id="y.md"), (A,))
    parts = [
        PartialOutcome(TASK, judged(A), last=False),
        PartialOutcome(other, judged(A), last=True),
        PartialOutcome(TASK, judged(B, C), last=True),
    ]
    assert [outcome.task for outcome in merge_partial(parts)] == [other, TASK]


def test_a_scorer_without_parts_hands_over_whole_outcomes_and_is_closed_with_its_reader() -> None:
    closed, seen = [], []

    class Endless(KeywordScorer):
        def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
            try:
                yield from super().score(tasks)
            finally:
                closed.append(True)

    parts = partial_outcomes(Endless(), [TASK, TASK], on_partial=seen.append)
    part = next(parts)
    assert (part.last, part.task, seen) == (True, TASK, [part])
    parts.close()
    assert closed == [True]


def test_an_outcome_in_which_one_call_was_tampered_with_keeps_no_judgement() -> None:
    good = judged(A, B)
    assert discard_if_tampered(good) is good
    failure = Failure(FailureReason.TAMPERED, "orders in the text", (C.id,))
    bad = replace(merge_outcomes(TASK, [good]), failures=(failure,))
    assert is_tampered(bad)
    discarded = discard_if_tampered(bad)
    assert discarded.judgements == ()
    assert discarded.failures == (replace(failure, categories=(A.id, B.id, C.id)),)
    assert discarded.usage == bad.usage
