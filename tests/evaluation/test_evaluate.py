from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.evaluations import CATEGORIES, CONFIDENCE, report, side

from classifier.evaluation.evaluate import decide_labels, evaluate
from classifier.evaluation.gold import Gold
from classifier.evaluation.report import METRICS
from classifier.evaluation.report_json import to_dict
from classifier.models import Category, Rule
from classifier.store import Store, VerdictRecord
from classifier.verdicts import Verdicts

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
    assert set(whole.metrics) == set(METRICS) - {"hierarchical_f1"}


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


def test_hierarchical_f1_is_measured_where_categories_have_parents(store: Store) -> None:
    flat = report_of(store)
    assert "hierarchical_f1" not in flat
    nested = report_of(store, parents={"tags/1": ("tags/0",), "tags/2": ("tags/0",)})
    assert set(nested) - set(flat) == {"hierarchical_f1"}
    assert nested["hierarchical_f1"].value > nested["f1"].value


def report_of(store: Store, parents: dict[str, tuple[str, ...]] | None = None):
    one = side()
    categories = tuple(
        replace(c, parents=(parents or {}).get(c.id, ())) for c in one.pairs.categories
    )
    taxonomy = replace(one.policy.taxonomy, categories=categories)
    nested = replace(
        one, pairs=replace(one.pairs, categories=categories), policy=one.policy.only(taxonomy)
    )
    return evaluate(Gold(labels={}, source="g"), nested, store=store).groups[0].metrics
