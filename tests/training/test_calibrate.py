from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.gold import made_up

from classifier import artifacts
from classifier.evaluation.gold_pairs import GoldPairs
from classifier.models import Category, Rule, Taxonomy
from classifier.training.calibrate import MEASURES, MinimumTarget, calibrate, to_fitted
from classifier.training.targets import MetricTarget

PRECISION = MetricTarget("precision", 0.6)


@pytest.fixture
def pairs() -> GoldPairs:
    """Six tags, and two concepts of which next to nothing is known."""
    pairs = made_up(articles=300, categories=8)
    concepts = tuple(Category(id=f"concepts/{n}", kind="concepts", title=f"{n}") for n in range(2))
    known = pairs.known.copy()
    known[3:, 6:] = False
    return replace(pairs, categories=(*pairs.categories[:6], *concepts), known=known)


@pytest.fixture
def taxonomy(pairs: GoldPairs) -> Taxonomy:
    return Taxonomy(categories=pairs.categories, default_rule=Rule(at_most=3))


def test_a_kind_with_too_little_gold_is_left_as_it_is(pairs: GoldPairs, taxonomy: Taxonomy) -> None:
    concepts, tags = calibrate(pairs, taxonomy)
    assert "needed" in str(concepts.missing_gold)
    assert tags.missing_gold is None
    made = to_fitted([concepts, tags], gold="gold.csv", day="2026-11-22")
    assert list(made.kinds) == ["tags"]
    assert set(made.categories) == {f"tags/{n}" for n in range(6)}
    assert made.minimum_of_kinds == {}


def test_it_says_what_is_better_on_articles_it_has_not_seen(
    pairs: GoldPairs, taxonomy: Taxonomy
) -> None:
    _, tags = calibrate(pairs, taxonomy)
    assert set(tags.before) == set(tags.after) == set(MEASURES)
    for name in ("ece", "brier", "log_loss"):
        assert tags.after[name].high < tags.before[name].low
    assert tags.after["micro_ap"].value > tags.before["micro_ap"].value


def test_the_same_gold_gives_the_same_file(pairs: GoldPairs, taxonomy: Taxonomy) -> None:
    aim = MinimumTarget(target=PRECISION, per="category")
    texts = {
        artifacts.dump(
            to_fitted(calibrate(pairs, taxonomy, aim=aim), gold="g", day="2026-11-22", aim=aim)
        )
        for _ in range(2)
    }
    assert len(texts) == 1


def test_a_minimum_says_what_it_rests_on(pairs: GoldPairs, taxonomy: Taxonomy) -> None:
    aim = MinimumTarget(target=PRECISION)
    made = to_fitted(calibrate(pairs, taxonomy, aim=aim), gold="g", day="2026-11-22", aim=aim)
    assert list(made.minimum_of_kinds) == ["tags"]
    found = made.minimum_of_kinds["tags"]
    low, high = found.interval
    assert (found.target, found.value) == ("precision", 0.6)
    assert 0.5 < low <= found.reached <= high
    assert found.reached > 0.6
    assert found.pairs > 50


def test_categories_with_enough_gold_have_minimums_of_their_own(
    pairs: GoldPairs, taxonomy: Taxonomy
) -> None:
    aim = MinimumTarget(target=PRECISION, per="category")
    kinds = calibrate(pairs, taxonomy, aim=aim)
    made = to_fitted(kinds, gold="g", day="2026-11-22", aim=aim)
    assert 0 < len(made.minimum_of_categories) <= 6
    for name, found in made.minimum_of_categories.items():
        assert found.definition == next(c.definition for c in pairs.categories if c.id == name)
        assert found.pairs <= made.minimum_of_kinds["tags"].pairs


def test_a_target_that_is_not_reached_leaves_the_minimum_to_the_settings(
    pairs: GoldPairs, taxonomy: Taxonomy
) -> None:
    aim = MinimumTarget(target=MetricTarget("precision", 0.999))
    kinds = calibrate(pairs, taxonomy, aim=aim)
    assert to_fitted(kinds, gold="g", day="2026-11-22", aim=aim).minimum_of_kinds == {}
    minimum = kinds[1].minimum
    assert minimum is not None
    assert minimum.minimum is None


def test_what_is_not_judged_is_no_trouble(pairs: GoldPairs, taxonomy: Taxonomy) -> None:
    confidence = pairs.confidence.copy()
    confidence[::5] = np.nan
    _, tags = calibrate(
        replace(pairs, confidence=confidence), taxonomy, aim=MinimumTarget(target=PRECISION)
    )
    assert tags.fit is not None
    assert tags.fit.kind.articles == 240
