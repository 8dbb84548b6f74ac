from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifier.decisions import LabelPolicy
from classifier.evaluation.evaluate import Predictions, decide_labels, evaluate
from classifier.evaluation.gold import Gold
from classifier.evaluation.gold_pairs import GoldPairs
from classifier.evaluation.report import METRICS, Report
from classifier.evaluation.report_html import render_html
from classifier.evaluation.report_json import to_dict
from classifier.models import Category, ConfidenceKind, Evidence, Judgement, Rule, Taxonomy
from classifier.store import JudgementSet, Store, VerdictRecord
from classifier.verdicts import Verdicts

KINDS = ("tags", "tags", "tags", "concepts")
CATEGORIES = tuple(
    Category(id=f"{kind}/{n}", kind=kind, title=f"Title {n}", description=str(n))
    for n, kind in enumerate(KINDS)
)
CONFIDENCE = [[0.9, 0.1, 0.2, 0.8], [0.7, 0.6, 0.1, 0.1], [0.2, 0.9, 0.55, np.nan]]
TRUTH = [[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0]]


def side(
    confidence: object = CONFIDENCE, *, scorer: str = "me", rule: Rule | None = None
) -> Predictions:
    values = np.array(confidence, dtype=np.float64)
    taxonomy = Taxonomy(categories=CATEGORIES, default_rule=rule or Rule())
    pairs = GoldPairs(
        articles=("a.md", "b.md", "c.md"),
        digests=("a", "b", "c"),
        categories=CATEGORIES,
        truth=np.array(TRUTH, dtype=bool),
        known=np.ones(values.shape, dtype=bool),
        confidence=values,
        excluded=np.zeros(values.shape, dtype=bool),
    )
    return Predictions(scorer=scorer, pairs=pairs, policy=LabelPolicy(taxonomy))


def judgement(category: Category, confidence: float, reasoning: str) -> Judgement:
    return Judgement(
        category=category.id,
        confidence=confidence,
        kind=ConfidenceKind.STATED,
        scorer="me",
        reasoning=reasoning,
        evidence=(Evidence("a quote"),),
    )


@pytest.fixture
def store(tmp_path: Path):
    with Store.open(tmp_path / "records.sqlite3") as store:
        for row, article in enumerate("abc"):
            judgements = {
                category.digest: judgement(category, confidence, f"because of {article}")
                for category, confidence in zip(CATEGORIES, CONFIDENCE[row], strict=True)
                if not np.isnan(confidence)
            }
            store.add(
                JudgementSet(scorer="me", article=article, judgements=judgements, judged_at=0)
            )
        yield store


def report(store: Store, **more: object) -> Report:
    gold = Gold(
        labels={}, source="gold.csv", origins={("c.md", "tags/2"): "'gold.csv', row 9: it is"}
    )
    return evaluate(gold, side(), store=store, **more)


# --- decisions -----------------------------------------------------------------------------------


def test_labels_are_decided_by_the_rules() -> None:
    assert decide_labels(side()).assigned.tolist() == [
        [True, False, False, True],
        [True, True, False, False],
        [False, True, True, False],
    ]
    best = decide_labels(side(rule=Rule(at_most=1)))
    assert best.assigned.sum(axis=1).tolist() == [2, 1, 1]


def test_what_an_exclusion_keeps_out_is_no_label() -> None:
    one = side()
    one.pairs.excluded[0, 0] = True
    assert not decide_labels(one).assigned[0, 0]


class Halved:
    """Stands for a calibration."""

    def curve(self, category: Category) -> Callable[[float], float] | None:
        return (lambda raw: raw / 2) if category.kind == "tags" else None


def test_confidences_are_calibrated_where_labels_are_decided_so(store: Store) -> None:
    one = side()
    one = replace(one, policy=replace(one.policy, calibration=Halved()))
    found = decide_labels(one)
    assert found.confidence[0].tolist() == [0.45, 0.05, 0.1, 0.8]
    assert not found.assigned[:, :3].any()
    assert evaluate(Gold(labels={}, source="g"), one, store=store).calibrated


def test_a_verdict_does_not_decide_what_it_is_to_test(tmp_path: Path) -> None:
    one = side()
    said = VerdictRecord(
        path="a.md",
        article="a",
        category="tags/1",
        definition=CATEGORIES[1].digest,
        accepted=True,
        at=0,
    )
    verdicts = Verdicts([said], CATEGORIES, home=tmp_path)
    with_verdicts = replace(one, policy=replace(one.policy, verdicts=verdicts))
    assert not decide_labels(with_verdicts).assigned[0, 1]


# --- the report ----------------------------------------------------------------------------------


def test_a_report_counts_pairs_that_are_known_and_judged(store: Store) -> None:
    found = report(store)
    assert (found.pairs, found.without_record) == (11, 1)
    assert [group.kind for group in found.groups] == [None, "concepts", "tags"]
    assert [group.positives for group in found.groups] == [4, 1, 3]
    whole = found.groups[0]
    assert whole.metrics["recall"].value == 1
    assert whole.metrics["precision"].value == pytest.approx(4 / 6)
    assert set(whole.metrics) == set(METRICS)


def test_a_metric_that_is_not_defined_is_left_out(store: Store) -> None:
    one = side()
    one.pairs.truth[:] = False
    nothing = evaluate(Gold(labels={}, source="g"), one, store=store)
    assert set(nothing.groups[0].metrics) == {
        "precision",
        "coverage_at_precision",
        "ece",
        "brier",
    }
    assert nothing.groups[0].without_positive == 4
    assert "nan" not in json.dumps(to_dict(nothing)).lower()


def test_what_was_given_for_another_is_counted_by_article(store: Store) -> None:
    one = side([[0.9, 0.9, 0.2, 0.1], [0.7, 0.1, 0.1, 0.1], [0.9, 0.1, 0.1, 0.1]])
    found = evaluate(Gold(labels={}, source="g"), one, store=store).confusions
    told = [(it.assigned.id, it.missed.id, it.articles) for it in found]
    assert told == [("tags/0", "tags/1", ("b.md",)), ("tags/0", "tags/2", ("c.md",))]


def test_disagreements_have_the_reasons_of_both_sides(store: Store) -> None:
    found = report(store).disagreements
    assert [(it.article, it.category.id, it.belongs) for it in found] == [
        ("c.md", "tags/1", False),
        ("b.md", "tags/0", False),
    ]
    assert found[0].scorer_says == 'because of c "a quote"'
    assert found[0].gold_says == "does not belong: not among its labels"


def test_the_same_scorer_twice_differs_in_nothing(store: Store) -> None:
    comparison = report(store, against=side(scorer="other")).comparison
    assert comparison is not None
    assert comparison.pairs == 11
    for difference in comparison.groups[None].values():
        assert (difference.difference.low, difference.difference.high) == (0, 0)
        assert not difference.difference.clear


def test_two_scorers_are_compared_on_pairs_that_both_have_judged(store: Store) -> None:
    other = np.array(CONFIDENCE)
    other[0] = np.nan
    comparison = report(store, against=side(other, scorer="other")).comparison
    assert comparison is not None
    assert comparison.pairs == 7


# --- shown ---------------------------------------------------------------------------------------


def test_plain_values_are_json(store: Store) -> None:
    values = to_dict(report(store, against=side(scorer="other")))
    assert values["schema"] == "classify-eval/1"
    again = json.loads(json.dumps(values, allow_nan=False))
    assert again["against"]["scorer"] == "other"
    assert again["disagreements"][0]["evidence"] == ["a quote"]


def test_the_page_needs_nothing_else_and_runs_nothing(store: Store) -> None:
    text = render_html(report(store, against=side(scorer="other")))
    assert "default-src 'none'" in text
    assert not re.search(r"<script|<link|<img|src=|href=|@import|url\(|https?:", text)
    assert text.count("<svg") == 2
    assert "nan" not in text.lower()


def test_the_page_escapes_what_strangers_wrote(store: Store) -> None:
    nasty = '<script>alert("x")</script>\u202e'
    found = report(store)
    worst = replace(
        found.disagreements[0],
        article=nasty,
        origin=nasty,
        category=replace(CATEGORIES[0], title=nasty),
        judgement=judgement(CATEGORIES[0], 0.5, nasty),
    )
    text = render_html(replace(found, gold=nasty, scorer=nasty, disagreements=(worst,)))
    assert "<script" not in text
    assert "\u202e" not in text
    assert text.count("&lt;script&gt;") >= 6
