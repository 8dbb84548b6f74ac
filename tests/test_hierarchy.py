from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import hierarchy
from classifier.models import Category, ConfidenceKind, Judgement, Rule, Taxonomy


def topic(slug: str, *parents: str) -> Category:
    return Category(id=f"t/{slug}", kind="t", title=slug, parents=tuple(f"t/{p}" for p in parents))


FOOD = (
    topic("food"),
    topic("bread", "food"),
    topic("rye", "bread"),
    topic("cake", "food"),
    topic("art"),
    topic("sculpture-in-bread", "art", "bread"),
)
KNOWN = {category.id: category for category in FOOD}


def judged(**confidences: float) -> dict[str, Judgement]:
    return {
        f"t/{slug}": Judgement(
            category=f"t/{slug}", confidence=value, kind=ConfidenceKind.STATED, scorer="s"
        )
        for slug, value in confidences.items()
    }


def test_ancestors_come_nearest_first_and_once() -> None:
    found = [c.id for c in hierarchy.ancestors(KNOWN["t/sculpture-in-bread"], KNOWN)]
    assert found == ["t/art", "t/bread", "t/food"]
    assert list(hierarchy.ancestors(KNOWN["t/food"], KNOWN)) == []


def test_ancestors_end_where_one_is_unknown() -> None:
    known = {id_: category for id_, category in KNOWN.items() if id_ != "t/bread"}
    assert list(hierarchy.ancestors(KNOWN["t/rye"], known)) == []


def test_each_category_above_others_is_named_with_one_of_them() -> None:
    found = hierarchy.more_specific(judged(rye=0.9, cake=0.8).values(), KNOWN)
    assert {id_: below.title for id_, below in found.items()} == {
        "t/bread": "rye",
        "t/food": "rye",
    }


def test_children_together_are_as_if_independent_level_by_level() -> None:
    found = hierarchy.together(judged(food=0.1, bread=0.2, rye=0.5, cake=0.4), KNOWN, without=())
    # Bread is as sure as rye alone; food as bread and cake together.
    assert {id_: j.confidence for id_, j in found.items()} == {
        "t/bread": pytest.approx(0.5),
        "t/food": pytest.approx(1 - 0.5 * 0.6),
    }
    assert {id_: j.raw for id_, j in found.items()} == {"t/bread": 0.2, "t/food": 0.1}


def test_many_children_that_are_all_unsure_make_no_parent() -> None:
    many = [topic("commodities"), *(topic(f"c{n}", "commodities") for n in range(80))]
    known = {category.id: category for category in many}
    some = judged(commodities=0.05, **{f"c{n}": 0.03 for n in range(80)})
    assert hierarchy.together(some, known, without=()) == {}
    two = hierarchy.together(some | judged(c0=0.4, c1=0.3), known, without=())
    assert two["t/commodities"].confidence == pytest.approx(1 - 0.6 * 0.7)
    one = hierarchy.together(some | judged(commodities=0.01), known, without=())
    assert one["t/commodities"].confidence == 0.03


def test_an_excluded_child_and_one_left_out_say_nothing() -> None:
    some = judged(food=0.1, bread=0.4, cake=0.4)
    some["t/bread"] = Judgement(
        category="t/bread", confidence=0.4, kind=ConfidenceKind.STATED, scorer="s", exclusion="x"
    )
    assert hierarchy.together(some, KNOWN, without=("t/cake",)) == {}


@given(st.dictionaries(st.sampled_from([c.title for c in FOOD]), st.floats(0, 1)))
def test_no_parent_is_less_sure_than_its_surest_child(confidences: dict[str, float]) -> None:
    some = judged(**confidences)
    after = some | hierarchy.together(some, KNOWN, without=())
    for id_, judgement in after.items():
        assert judgement.confidence >= some[id_].confidence
        for parent in KNOWN[id_].parents:
            if parent in after:
                assert after[parent].confidence >= judgement.confidence - 1e-12


def test_only_kinds_with_the_rule_back_off() -> None:
    some = judged(food=0.1, bread=0.4, cake=0.4)
    for rule, changed in (("leaf", False), ("with parents", False), ("best level", True)):
        taxonomy = Taxonomy(categories=FOOD, default_rule=Rule(hierarchy=rule))
        assert bool(hierarchy.backed_off(some, taxonomy, without=())) is changed
