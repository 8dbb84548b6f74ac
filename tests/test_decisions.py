from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.decisions import LabelPolicy, SectionRule, decide, decide_pairs
from classifier.models import (
    Category,
    ConfidenceKind,
    Decision,
    Fallback,
    Judgement,
    Rule,
    Taxonomy,
    Verdict,
)
from classifier.site_profile import KindProfile, SiteProfile

KINDS = ("concepts", "tags")
CATEGORIES = tuple(
    Category(id=f"{kind}/{letter}", kind=kind, title=letter.upper())
    for kind in KINDS
    for letter in "abcdefgh"
)


def judged(category: str, confidence: float, *, exclusion: str | None = None) -> Judgement:
    return Judgement(
        category=category,
        confidence=confidence,
        kind=ConfidenceKind.SIMILARITY,
        scorer="fake:none:0",
        exclusion=exclusion,
    )


def taxonomy(**rules: Rule) -> Taxonomy:
    return Taxonomy(categories=CATEGORIES, rules=rules)


def assigned(decision: Decision) -> list[str]:
    return [label.category.id for label in decision.labels]


def reasons(decision: Decision) -> dict[str, str]:
    return {rejection.category.id: rejection.why for rejection in decision.rejections}


confidences = st.one_of(
    st.sampled_from([0.0, 0.4, 0.5, 0.6, 0.8, 1.0]), st.floats(min_value=0, max_value=1)
)
rules = st.builds(
    Rule,
    minimum=confidences,
    at_most=st.none() | st.integers(0, 9),
    by=st.sampled_from(["score", "level"]),
)
exclusions = st.none() | st.none() | st.just("job offers")


@st.composite
def judgement_lists(draw: st.DrawFn) -> list[Judgement]:
    ids = draw(st.lists(st.sampled_from([c.id for c in CATEGORIES]), unique=True))
    return [judged(id_, draw(confidences), exclusion=draw(exclusions)) for id_ in ids]


@given(judgement_lists(), rules, confidences)
def test_raising_the_minimum_never_adds_a_label(
    judgements: list[Judgement], rule: Rule, other: float
) -> None:
    low, high = sorted([rule.minimum, other])
    before, after = (
        decide(judgements, taxonomy(tags=dataclasses.replace(rule, minimum=minimum)))
        for minimum in (low, high)
    )
    assert set(assigned(after)) <= set(assigned(before))


@given(judgement_lists(), rules, st.integers(0, 9))
def test_raising_at_most_never_removes_a_label(
    judgements: list[Judgement], rule: Rule, at_most: int
) -> None:
    fewer = dataclasses.replace(rule, at_most=at_most)
    for at_least_as_many in (at_most + 1, None):
        more = dataclasses.replace(rule, at_most=at_least_as_many)
        before, after = (decide(judgements, taxonomy(tags=r)) for r in (fewer, more))
        assert set(assigned(before)) <= set(assigned(after))


@given(judgement_lists(), rules)
def test_labels_and_rejections_partition_the_judgements(
    judgements: list[Judgement], rule: Rule
) -> None:
    decision = decide(judgements, taxonomy(tags=rule))
    decided = [x.judgement for x in (*decision.labels, *decision.rejections)]
    assert sorted(decided, key=repr) == sorted(judgements, key=repr)


@given(judgement_lists(), rules, st.randoms())
def test_the_order_of_the_judgements_does_not_matter(
    judgements: list[Judgement], rule: Rule, random: object
) -> None:
    shuffled = list(judgements)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert decide(shuffled, taxonomy(tags=rule)) == decide(judgements, taxonomy(tags=rule))


@given(judgement_lists(), rules)
def test_what_one_kind_gets_does_not_depend_on_another_kind(
    judgements: list[Judgement], rule: Rule
) -> None:
    tags = [j for j in judgements if j.category.startswith("tags/")]
    alone = decide(tags, taxonomy(tags=rule))
    together = decide(judgements, taxonomy(tags=rule, concepts=Rule(minimum=0, at_most=None)))
    assert assigned(alone) == [id_ for id_ in assigned(together) if id_.startswith("tags/")]


@given(judgement_lists(), rules)
def test_an_excluded_category_is_never_a_label(judgements: list[Judgement], rule: Rule) -> None:
    decision = decide(judgements, taxonomy(tags=rule, concepts=rule))
    assert all(label.judgement.exclusion is None for label in decision.labels)


@given(judgement_lists(), rules)
def test_a_veto_leaves_no_label_and_is_the_reason_everywhere(
    judgements: list[Judgement], rule: Rule
) -> None:
    decision = decide(judgements, taxonomy(tags=rule), block_reason="the article gives orders")
    assert decision.labels == ()
    assert set(reasons(decision).values()) <= {"the article gives orders"}


def test_ties_are_broken_by_the_order_of_the_taxonomy() -> None:
    decision = decide(
        [judged("tags/b", 0.7), judged("tags/a", 0.7)], taxonomy(tags=Rule(at_most=1))
    )
    assert assigned(decision) == ["tags/a"]


def test_a_confidence_equal_to_the_minimum_is_enough() -> None:
    assert assigned(decide([judged("tags/a", 0.5)], taxonomy())) == ["tags/a"]


def test_without_a_rule_half_confidence_and_five_per_kind_are_the_limits() -> None:
    judgements = [judged(f"tags/{letter}", 0.9) for letter in "abcdef"]
    decision = decide([*judgements, judged("concepts/a", 0.49)], taxonomy())
    assert assigned(decision) == [f"tags/{letter}" for letter in "abcde"]
    assert reasons(decision) == {
        "tags/f": "6th best, and the limit is 5",
        "concepts/a": "0.49 is below the minimum of 0.50",
    }


def test_by_level_keeps_only_the_best_level_reached() -> None:
    judgements = [judged("tags/a", 0.95), judged("tags/b", 0.81), judged("tags/c", 0.79)]
    decision = decide(judgements, taxonomy(tags=Rule(by="level")))
    assert assigned(decision) == ["tags/a", "tags/b"]
    assert reasons(decision) == {"tags/c": "Secondary, but the best level is Primary"}


def test_an_exclusion_is_named_even_when_the_confidence_is_low_too() -> None:
    decision = decide([judged("tags/a", 0.2, exclusion="Job offers.")], taxonomy())
    assert reasons(decision) == {"tags/a": "excluded: Job offers."}


def test_an_excluded_category_takes_no_place_from_another() -> None:
    judgements = [judged("tags/a", 0.9, exclusion="Job offers."), judged("tags/b", 0.8)]
    assert assigned(decide(judgements, taxonomy(tags=Rule(at_most=1)))) == ["tags/b"]


def test_the_reason_never_shows_two_equal_numbers() -> None:
    decision = decide([judged("tags/a", 0.49999)], taxonomy())
    assert reasons(decision) == {"tags/a": "0.49 is below the minimum of 0.50"}
    close = decide([judged("tags/a", 0.50141)], taxonomy(tags=Rule(minimum=0.503)))
    assert reasons(close) == {"tags/a": "0.501 is below the minimum of 0.503"}


@pytest.mark.parametrize(
    ("judgements", "message"),
    [
        ([judged("tags/zzz", 0.9)], "not in the taxonomy: 'tags/zzz'"),
        ([judged("tags/a", 0.9), judged("tags/a", 0.1)], "judged twice: 'tags/a'"),
        ([judged("tags/a", 1.01)], "confidence of 'tags/a' is not in 0-1: 1.01"),
        ([judged("tags/a", float("nan"))], "confidence of 'tags/a' is not in 0-1: nan"),
    ],
)
def test_a_mistake_of_the_caller_is_not_guessed_around(
    judgements: list[Judgement], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        decide(judgements, taxonomy())


@pytest.mark.parametrize(
    ("place", "name"),
    [(2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (21, "21st")],
)
def test_places_are_written_as_people_write_them(place: int, name: str) -> None:
    many = tuple(
        Category(id=f"tags/{n:02}", kind="tags", title=str(n)) for n in range(1, place + 1)
    )
    decision = decide(
        [judged(c.id, 0.9) for c in many],
        Taxonomy(categories=many, default_rule=Rule(at_most=1)),
    )
    assert decision.rejections[-1].why == f"{name} best, and the limit is 1"


# --- people's verdicts ---------------------------------------------------------------------------

said = st.dictionaries(st.sampled_from([c.id for c in CATEGORIES]), st.booleans())


def verdicts(words: dict[str, bool]) -> dict[str, Verdict]:
    return {name: Verdict(category=name, accepted=word) for name, word in words.items()}


@given(judgement_lists(), rules, said, st.none() | st.just("talked into something"))
def test_a_person_has_the_last_word_on_every_pair(
    judgements: list[Judgement], rule: Rule, words: dict[str, bool], block_reason: str | None
) -> None:
    decision = decide(
        judgements,
        taxonomy(tags=rule, concepts=rule),
        block_reason=block_reason,
        verdicts=verdicts(words),
    )
    names = assigned(decision)
    assert {name for name, word in words.items() if word} <= set(names)
    assert not {name for name, word in words.items() if not word} & set(names)
    for it in (*decision.labels, *decision.rejections):
        assert (it.verdict is not None) == (it.category.id in words)


@given(judgement_lists(), rules, said)
def test_with_verdicts_there_are_no_more_labels_than_fit_unless_people_gave_them(
    judgements: list[Judgement], rule: Rule, words: dict[str, bool]
) -> None:
    decision = decide(judgements, taxonomy(tags=rule), verdicts=verdicts(words))
    labels = [label for label in decision.labels if label.category.kind == "tags"]
    given_by_people = [label for label in labels if label.verdict]
    assert rule.at_most is None or len(labels) <= max(rule.at_most, len(given_by_people))


def test_a_pair_that_only_a_person_judged_says_so() -> None:
    told = Verdict(category="tags/a", accepted=True, note="about it throughout")
    (label,) = decide([], taxonomy(), verdicts={"tags/a": told}).labels
    assert label.judgement.kind is ConfidenceKind.VERDICT
    assert (label.judgement.scorer, label.judgement.confidence) == ("human", 1.0)
    assert label.judgement.reasoning == "about it throughout"


def test_a_verdict_on_a_category_that_is_not_judged_here_changes_nothing() -> None:
    told = Verdict(category="tags/zzz", accepted=True)
    assert decide([], taxonomy(), verdicts={"tags/zzz": told}) == Decision()


def test_a_minimum_of_its_own_stands_in_for_that_of_the_kind() -> None:
    strict = dataclasses.replace(taxonomy(), minimums={"tags/a": 0.9})
    decision = decide([judged("tags/a", 0.8), judged("tags/b", 0.8)], strict)
    assert assigned(decision) == ["tags/b"]
    assert reasons(decision) == {"tags/a": "0.80 is below the minimum of 0.90"}


# --- a site profile -------------------------------------------------------------------------------


def profiled(threshold: float) -> LabelPolicy:
    """Return a policy whose profile decides on tags."""
    kind = KindProfile(
        articles=20,
        labels=1.0,
        threshold=threshold,
        expected=1.0,
        floor=0.0,
        levels={c.digest: (n - 4) / 8 for n, c in enumerate(CATEGORIES) if c.kind == "tags"},
    )
    profile = SiteProfile(
        scorer="s", made="2026-11-26", articles=20, sketch=("0a",), kinds={"tags": kind}
    )
    return LabelPolicy(taxonomy(), profile=profile, profiled=frozenset({"tags"}))


@given(st.lists(st.floats(0, 1), min_size=8, max_size=8), st.floats(-6, 6))
def test_a_profile_decides_alike_with_and_without_the_texts(
    confidences: list[float], threshold: float
) -> None:
    policy = profiled(threshold)
    # Categories of the two kinds have the same texts, and so the same digests and confidences.
    judgements = [judged(c.id, v) for c, v in zip(CATEGORIES, confidences * 2, strict=True)]
    decision = policy.decide(judgements, path="a.md", article="d")
    bulk = {c.digest: (v, False) for c, v in zip(CATEGORIES, confidences * 2, strict=True)}
    labels = policy.labels(policy.pairs(bulk), path="a.md", article="d", blocked=False)
    assert [label.category for label in labels] == [label.category for label in decision.labels]
    needed = {c: minimum for c, _, minimum, _ in policy.pairs(bulk)}
    every = [*decision.labels, *decision.rejections]
    assert {it.category.id: it.minimum for it in every} == needed
    assert all(needed[c.id] == 0.5 for c in CATEGORIES if c.kind != "tags")


def test_a_reason_says_whose_the_minimum_is() -> None:
    decision = profiled(-1.0).decide(
        [judged("tags/a", 0.01), judged("concepts/a", 0.31)], path="a.md", article="d"
    )
    why = reasons(decision)
    assert why["concepts/a"] == "0.31 is below the minimum of 0.50"
    assert re.fullmatch(r"0\.01 is below the minimum of 0\.\d\d for this site", why["tags/a"])
    assert decision.profile == profiled(-1.0).decided_by != ""


def test_the_rules_digest_changes_with_the_profile() -> None:
    assert profiled(-1.0).rules_digest != profiled(-2.0).rules_digest
    assert profiled(-1.0).rules_digest != LabelPolicy(taxonomy()).rules_digest


# --- hierarchies ----------------------------------------------------------------------------------

TREE = (
    Category(id="tags/food", kind="tags", title="Food"),
    Category(id="tags/bread", kind="tags", title="Bread", parents=("tags/food",)),
    Category(id="tags/rye", kind="tags", title="Rye", parents=("tags/bread",)),
    Category(id="tags/cake", kind="tags", title="Cake", parents=("tags/food",)),
    Category(id="tags/cars", kind="tags", title="Cars"),
)


def tree(**rule: object) -> Taxonomy:
    return Taxonomy(categories=TREE, rules={"tags": Rule(**rule)})


def in_tree(**confidences: float) -> list[Judgement]:
    return [judged(f"tags/{slug}", confidence) for slug, confidence in confidences.items()]


def accepted(category: str, *, yes: bool = True) -> dict[str, Verdict]:
    return {category: Verdict(category=category, accepted=yes)}


def test_of_a_branch_only_the_most_specific_is_a_label() -> None:
    decision = decide(in_tree(food=0.9, bread=0.8, rye=0.6, cake=0.3, cars=0.7), tree())
    assert assigned(decision) == ["tags/cars", "tags/rye"]
    assert reasons(decision)["tags/food"] == "'Rye' is more specific"
    assert reasons(decision)["tags/bread"] == "'Rye' is more specific"


def test_a_parent_is_a_label_where_no_child_is() -> None:
    decision = decide(in_tree(food=0.9, bread=0.4, rye=0.1), tree())
    assert assigned(decision) == ["tags/food"]


def test_categories_above_others_take_no_place() -> None:
    some = in_tree(food=0.9, bread=0.8, rye=0.7, cars=0.6)
    assert assigned(decide(some, tree(at_most=2))) == ["tags/rye", "tags/cars"]
    both = decide(some, tree(at_most=2, hierarchy="with parents"))
    assert assigned(both) == ["tags/food", "tags/bread", "tags/rye", "tags/cars"]


def test_parents_are_added_as_sure_as_what_is_below_them() -> None:
    decision = decide(in_tree(food=0.1, bread=0.2, rye=0.7), tree(hierarchy="with parents"))
    assert [
        (label.category.title, label.judgement.confidence, label.why) for label in decision.labels
    ] == [
        ("Food", 0.7, "above 'Rye'"),
        ("Bread", 0.7, "above 'Rye'"),
        ("Rye", 0.7, ""),
    ]
    assert [label.judgement.raw for label in decision.labels] == [0.1, 0.2, None]
    assert all(label.judgement.confidence >= label.minimum for label in decision.labels)


def test_a_parent_that_a_person_rejected_that_is_excluded_or_not_judged_is_not_added() -> None:
    some = [judged("tags/food", 0.9, exclusion="job offers"), judged("tags/rye", 0.7)]
    decision = decide(some, tree(hierarchy="with parents"))
    assert assigned(decision) == ["tags/rye"]
    refused = decide(
        in_tree(food=0.9, bread=0.9, rye=0.7),
        tree(hierarchy="with parents"),
        verdicts=accepted("tags/food", yes=False),
    )
    assert assigned(refused) == ["tags/bread", "tags/rye"]


def test_nothing_is_added_to_a_blocked_article() -> None:
    decision = decide(
        in_tree(food=0.9, rye=0.1),
        tree(hierarchy="with parents"),
        block_reason="blocked",
        verdicts=accepted("tags/rye"),
    )
    assert assigned(decision) == ["tags/rye"]


def test_children_that_are_sure_together_make_their_parent_a_label() -> None:
    some = in_tree(food=0.2, bread=0.4, cake=0.4)
    assert assigned(decide(some, tree())) == []
    (label,) = decide(some, tree(hierarchy="best level")).labels
    assert (label.category.title, label.judgement.raw) == ("Food", 0.2)
    assert label.judgement.confidence == pytest.approx(1 - 0.6 * 0.6)
    assert label.why == "no narrower category is sure enough, but together they are"


def test_a_child_that_is_sure_enough_stays_the_label() -> None:
    decision = decide(in_tree(food=0.2, bread=0.6, cake=0.4), tree(hierarchy="best level"))
    assert assigned(decision) == ["tags/bread"]


def test_a_persons_label_stays_and_what_is_above_it_goes() -> None:
    some = in_tree(food=0.9, bread=0.8, rye=0.1)
    assert assigned(decide(some, tree(), verdicts=accepted("tags/food"))) == [
        "tags/food",
        "tags/bread",
    ]
    assert assigned(decide(some, tree(), verdicts=accepted("tags/rye"))) == ["tags/rye"]


@given(
    st.dictionaries(
        st.sampled_from([c.id for c in TREE]), st.tuples(confidences, exclusions), max_size=5
    ),
    st.sampled_from(["leaf", "with parents", "best level"]),
    rules,
    st.booleans(),
    st.dictionaries(st.sampled_from([c.id for c in TREE]), st.booleans(), max_size=2),
)
def test_pairs_give_the_labels_of_judgements_in_a_hierarchy(
    pairs: dict[str, tuple[float, str | None]],
    how: str,
    rule: Rule,
    blocked: bool,
    told: dict[str, bool],
) -> None:
    taxonomy = tree(**{**dataclasses.asdict(rule), "hierarchy": how})
    verdicts = {id_: Verdict(category=id_, accepted=yes) for id_, yes in told.items()}
    judgements = [judged(id_, value, exclusion=out) for id_, (value, out) in pairs.items()]
    whole = decide(
        judgements, taxonomy, block_reason="blocked" if blocked else None, verdicts=verdicts
    )
    short = decide_pairs(
        [(id_, value, rule.minimum, out is not None) for id_, (value, out) in pairs.items()],
        taxonomy,
        blocked=blocked,
        verdicts=verdicts,
    )
    assert {label.category.id for label in short} == set(assigned(whole))


# --- sections and fallbacks ----------------------------------------------------------------------


TAGS = tuple(c.id for c in CATEGORIES if c.kind == "tags")
ONLY_TAGS = tuple(c for c in CATEGORIES if c.kind == "tags")
FALLBACK = Taxonomy(
    categories=ONLY_TAGS, fallbacks={"tags": Fallback(category="tags/h", members=TAGS)}
)


def bulk(confidences: dict[str, float]) -> dict[str, tuple[float, bool]]:
    digests = {category.id: category.digest for category in ONLY_TAGS}
    return {digests[name]: (confidence, False) for name, confidence in confidences.items()}


@pytest.mark.parametrize(
    ("changes", "labels"),
    [
        ({}, ["tags/h"]),
        ({"tags/b": 0.7}, ["tags/b"]),
        ({"tags/h": 0.9}, ["tags/h"]),
        ({"tags/b": 0.7, "tags/h": 0.9}, ["tags/b"]),
        ({"tags/b": None}, []),
        ({"tags/h": None}, []),
    ],
)
def test_a_fallback_is_for_articles_that_nothing_else_fits(
    changes: dict[str, float | None], labels: list[str]
) -> None:
    confidences = dict.fromkeys(TAGS, 0.1) | changes
    known = {name: it for name, it in confidences.items() if it is not None}
    policy = LabelPolicy(FALLBACK)
    decision = policy.decide(
        [judged(name, confidence) for name, confidence in known.items()], path="a", article="d"
    )
    assert assigned(decision) == labels
    assert len(decision.labels) + len(decision.rejections) == len(known)
    pairs = list(policy.pairs(bulk(known)))
    fast = policy.labels(pairs, path="a", article="d", blocked=False)
    assert [label.category.id for label in fast] == labels
    assert not assigned(decide([judged(*it) for it in known.items()], FALLBACK, block_reason="x"))


def test_a_person_may_refuse_a_fallback() -> None:
    verdict = Verdict(category="tags/h", accepted=False, note="", source="", at=0)
    judgements = [judged(name, 0.1) for name in TAGS]
    assert assigned(decide(judgements, FALLBACK, verdicts={"tags/h": verdict})) == []


def test_the_innermost_section_of_an_article_decides() -> None:
    def section(folder: str, *, sets_minimum: bool = True, **rule: object) -> SectionRule:
        rule_of = Rule(**rule)  # type: ignore[arg-type]
        return SectionRule(folder=folder, kind="tags", rule=rule_of, sets_minimum=sets_minimum)

    policy = LabelPolicy(
        Taxonomy(
            categories=ONLY_TAGS, rules={"tags": Rule(minimum=0.8)}, minimums={"tags/b": 0.95}
        ),
        sections=(
            section("/site/content", minimum=0.6),
            section("/site/content/pages", minimum=0.8, at_most=1, sets_minimum=False),
        ),
    )
    confidences = {"tags/a": 0.85, "tags/b": 0.9, "tags/c": 0.7}
    expected = {
        "/site/other/x.md": ["tags/a"],
        "/site/content/x.md": ["tags/b", "tags/a", "tags/c"],
        "/site/content/pages/x.md": ["tags/a"],
        "/site/content/pages2/x.md": ["tags/b", "tags/a", "tags/c"],
    }
    for path, labels in expected.items():
        decision = policy.decide(
            [judged(*it) for it in confidences.items()], path=path, article="d"
        )
        pairs = list(policy.at(path).pairs(bulk(confidences)))
        fast = policy.labels(pairs, path=path, article="d", blocked=False)
        assert assigned(decision) == labels, path
        assert [label.category.id for label in fast] == labels, path
    assert policy.rules_digest != dataclasses.replace(policy, sections=()).rules_digest
