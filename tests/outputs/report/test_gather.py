"""The page of a run: what it holds, and that nothing in it can be anything but text."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.reports import about, beside, category, held, judged, judgement
from support.results import texts

from classifier.models import (
    Evidence,
    Taxonomy,
    Verdict,
)
from classifier.outputs.report import Data, gather, render
from classifier.outputs.report.gather import category_row
from classifier.sanitize import one_line

BREAD, CHEESE, WINE = (category(name) for name in ("bread", "cheese", "wine"))
TAXONOMY = Taxonomy(categories=(BREAD, CHEESE, WINE))
LABEL, EXCLUDED, REACHES, NEAR = 1, 2, 4, 8


@given(st.lists(texts, min_size=5, max_size=5))
def test_what_goes_in_is_what_the_page_holds(some: list[str]) -> None:
    name, title, reasoning, quote, note = some
    verdict = Verdict(category=WINE.id, accepted=True, note=note, at=1.0)
    data = gather(
        about(TAXONOMY),
        [
            judged(
                name,
                [judgement(BREAD, 0.9, reasoning=reasoning, evidence=(Evidence(quote),))],
                TAXONOMY,
                title=title,
                verdicts={WINE.id: verdict},
            )
        ],
    )
    back = held(render(data))
    assert back == Data(json.loads(json.dumps(data.core)), json.loads(json.dumps(data.details)))
    assert back.core["articles"] == {
        "paths": [one_line(f"content/{name}.md")],
        "titles": [one_line(title)],
    }
    assert back.core["verdicts"] == [[2, 1, one_line(note), "", 1]]
    if reasoning.strip():
        assert one_line(reasoning) in back.details["texts"]


def test_a_verdict_beside_what_the_scorer_thinks() -> None:
    verdicts = {
        BREAD.id: Verdict(category=BREAD.id, accepted=False, note="only rolls", at=5),
        WINE.id: Verdict(category=WINE.id, accepted=True, source="gold.csv", at=6),
    }
    data = gather(
        about(TAXONOMY), [judged("a", [judgement(BREAD, 0.9)], TAXONOMY, verdicts=verdicts)]
    )
    (scorer,) = data.core["scorers"]
    assert sorted(data.core["verdicts"]) == [[0, 0, "only rolls", "", 5], [2, 1, "", "gold.csv", 6]]
    assert scorer["flags"] == [REACHES, 0, LABEL]
    assert scorer["confidence"] == [9000, -1, -1]  # a person's word is no confidence


MANY = Taxonomy(categories=tuple(category(f"c{n:02}") for n in range(20)))


@pytest.mark.parametrize("explain", [False, True])
def test_reasons_are_kept_of_what_somebody_may_ask_about_or_of_all(explain: bool) -> None:
    said = [judgement(it, 0.05, reasoning="far off") for it in MANY.categories]
    said[4] = judgement(MANY.categories[4], 0.9, reasoning="a label")
    said[7] = judgement(MANY.categories[7], 0.1, reasoning="ruled out", exclusion="never")
    said[9] = judgement(MANY.categories[9], 0.41, reasoning="near")
    data = gather(
        about(MANY, explain=explain, fields=["tags"]),
        [judged("a", said, MANY, gold={MANY.categories[15].id: True})],
    )
    (columns,) = data.details["scorers"]
    texts = [data.details["texts"][n] for n in columns["reasoning"]]
    if explain:
        assert columns["pair"] == list(range(20))
    else:
        # 0 is among the three best; 15 is in the front matter and not assigned.
        assert columns["pair"] == [0, 4, 7, 9, 15]
        assert texts == ["far off", "a label", "ruled out", "near", "far off"]
    assert data.details["texts"].count("far off") == 1


def test_what_one_scorer_labels_is_explained_of_the_other_too() -> None:
    low = [judgement(it, 0.05) for it in MANY.categories]
    high = [*low[:19], judgement(MANY.categories[19], 0.9, scorer="other:x:ff")]
    told = about(MANY, "fake:m1:0123456789", "other:x:ff")
    data = gather(told, [beside(judged("a", low, MANY), judged("a", high, MANY))])
    for columns in data.details["scorers"]:
        assert 19 in columns["pair"]


def test_a_category_says_where_it_is_in_the_tree() -> None:
    rye = replace(category("Rye"), path=("Food", "Bread\x1b[31m"))
    assert category_row(rye)["place"] == "tags > Food > Bread\ufffd[31m"
    assert category_row(category("Rye"))["place"] == "tags"
