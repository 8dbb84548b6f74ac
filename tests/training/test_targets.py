from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from classifier.decisions import decide
from classifier.models import Category, ConfidenceKind, Judgement, Rule, Taxonomy
from classifier.training.targets import (
    ChosenMinimum,
    MetricTarget,
    PairScores,
    assigned,
    choose_minimum,
)

FREE = Rule(at_most=None)
SHAPE = (4, 5)
CATEGORIES = tuple(Category(id=f"tags/{n}", kind="tags", title=f"{n}") for n in range(SHAPE[1]))
_confidences = st.sampled_from([0.0, 0.2, 0.4, 0.41, 0.6, 0.61, 0.8, 0.81, 1.0, np.nan])


@given(
    arrays.arrays(np.float64, SHAPE, elements=_confidences),
    arrays.arrays(np.bool_, SHAPE),
    st.lists(st.sampled_from([0.0, 0.3, 0.5, 0.8]), min_size=SHAPE[1], max_size=SHAPE[1]),
    st.builds(Rule, at_most=st.none() | st.integers(1, 4), by=st.sampled_from(["score", "level"])),
)
def test_labels_are_those_a_run_gives(
    confidence: np.ndarray, excluded: np.ndarray, minimums: list[float], rule: Rule
) -> None:
    own = {c.id: minimum for c, minimum in zip(CATEGORIES, minimums, strict=True)}
    taxonomy = Taxonomy(categories=CATEGORIES, default_rule=rule, minimums=own)
    found = assigned(confidence, excluded, np.array(minimums), rule)
    for row, labels in enumerate(found):
        judgements = [
            Judgement(
                category=CATEGORIES[n].id,
                confidence=float(confidence[row, n]),
                kind=ConfidenceKind.CALIBRATED,
                scorer="me",
                exclusion="" if excluded[row, n] else None,
            )
            for n in range(SHAPE[1])
            if not np.isnan(confidence[row, n])
        ]
        decided = {label.category.id for label in decide(judgements, taxonomy).labels}
        assert {CATEGORIES[n].id for n in np.flatnonzero(labels)} == decided


def field(*, articles: int = 400, seed: int = 0) -> PairScores:
    """A calibrated scorer: of the pairs at 0.7, 7 of 10 belong."""
    rng = np.random.default_rng(seed)
    confidence = rng.beta(0.4, 1.6, (articles, 8))
    truth = rng.random(confidence.shape) < confidence
    none = np.zeros_like(truth)
    return PairScores(confidence, confidence, truth, ~none, none)


def share(chosen: ChosenMinimum, target: MetricTarget, seed: int) -> float:
    """What the minimum reaches on many articles that took no part."""
    later = field(articles=20_000, seed=seed)
    given = later.confidence >= chosen.minimum
    base = given if target.measure == "precision" else later.truth
    return float((given & later.truth).sum() / base.sum())


@pytest.mark.parametrize(("value", "chosen_at_least"), [(0.6, 35), (0.8, 10)])
def test_a_precision_that_is_chosen_is_rarely_missed(value: float, chosen_at_least: int) -> None:
    target = MetricTarget("precision", value)
    shares = []
    for seed in range(40):
        chosen = choose_minimum(field(seed=seed), target, FREE)
        if chosen.minimum is not None:
            shares.append(share(chosen, target, 99))
    assert len(shares) >= chosen_at_least
    assert np.mean(np.array(shares) < value) <= 0.05
    assert np.mean(shares) < value + 0.1  # and it is not overdone


def test_a_recall_that_is_chosen_is_rarely_missed() -> None:
    target = MetricTarget("recall", 0.8)
    shares = [
        share(choose_minimum(field(seed=seed), target, FREE), target, 99) for seed in range(40)
    ]
    assert np.mean(np.array(shares) < 0.8) <= 0.075
    assert np.mean(shares) < 0.87


def test_a_higher_precision_never_has_a_lower_minimum() -> None:
    found = [
        choose_minimum(field(), MetricTarget("precision", n / 20), FREE).minimum
        for n in range(8, 18)
    ]
    known = [minimum for minimum in found if minimum is not None]
    assert len(known) > 4
    assert known == sorted(known)


def test_what_is_measured_is_measured_on_the_labels_it_gives() -> None:
    one = field()
    chosen = choose_minimum(one, MetricTarget("precision", 0.7), FREE)
    assert chosen.minimum is not None
    assert chosen.measured is not None
    given = one.confidence >= chosen.minimum
    assert given.sum() == chosen.measured.pairs
    assert one.truth[given].mean() == pytest.approx(chosen.measured.value)


def test_a_target_out_of_reach_is_not_claimed() -> None:
    chosen = choose_minimum(field(), MetricTarget("precision", 0.99), FREE)
    assert chosen.minimum is None
    few = choose_minimum(field(articles=5), MetricTarget("precision", 0.9), FREE)
    assert (few.minimum, few.measured) == (None, None)


def test_a_recall_that_the_rule_rules_out_says_what_it_reaches() -> None:
    chosen = choose_minimum(field(), MetricTarget("recall", 0.9), Rule(at_most=1))
    assert chosen.minimum is None
    assert chosen.measured is not None
    assert chosen.measured.value < 0.7


def test_pairs_that_share_a_confidence_are_labels_together() -> None:
    """A language model knows few numbers; held out, each fold makes others of them."""
    rng = np.random.default_rng(5)
    confidence = rng.choice([0.2, 0.9], (300, 4))
    truth = rng.random(confidence.shape) < confidence
    none = np.zeros_like(truth)
    held_out = confidence + rng.choice([-0.01, 0.0, 0.01], (300, 1))
    chosen = choose_minimum(
        PairScores(confidence, held_out, truth, ~none, none), MetricTarget("recall", 0.6), FREE
    )
    assert chosen.minimum == pytest.approx(0.9)
