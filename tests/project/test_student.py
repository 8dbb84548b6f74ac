from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from classifier.decisions import LabelPolicy
from classifier.evaluation.gold_pairs import GoldPairs
from classifier.models import Category, Rule, Taxonomy
from classifier.project import student
from classifier.project.held_out import SideBySide
from classifier.project.workspace import Workspace

CATEGORIES = tuple(Category(id=f"tags/{n}", kind="tags", title=f"Subject {n}") for n in range(8))
BELOW = replace(CATEGORIES[1], parents=("tags/0",))


class Settings:
    """Stands for a project: the settings it is asked for are all that counts."""

    def with_settings(self, **changed: Any) -> Workspace:
        return cast("Workspace", changed)


class HeldOut:
    """Articles about which student and teacher say the same."""

    def __init__(self, taxonomy: Taxonomy, confidence: np.ndarray) -> None:
        digests = tuple(str(n) for n in range(len(confidence)))
        pairs = GoldPairs(
            articles=digests,
            digests=digests,
            categories=taxonomy.categories,
            truth=confidence >= 0.5,
            known=np.ones(confidence.shape, np.bool_),
            confidence=confidence,
            excluded=np.zeros(confidence.shape, np.bool_),
        )
        policy = LabelPolicy(taxonomy)
        self.both = SideBySide(pairs=pairs, policy=policy, teacher=pairs, rules=policy)

    def compare(self, view: Workspace) -> SideBySide:
        if cast("dict[str, Any]", view)["trained"] == "off":
            nothing = np.zeros_like(self.both.pairs.confidence)
            return replace(self.both, pairs=replace(self.both.pairs, confidence=nothing))
        return self.both


ONE = Rule(at_most=1)


@pytest.mark.parametrize(
    ("taxonomy", "labels"),
    [
        (Taxonomy(categories=CATEGORIES), 5),
        (Taxonomy(categories=CATEGORIES, default_rule=ONE), 1),
        (Taxonomy(categories=(CATEGORIES[0], BELOW, *CATEGORIES[2:4])), 3),
        (Taxonomy(categories=CATEGORIES, default_rule=Rule(at_most=None)), 8),
    ],
    ids=["five at most", "one at most", "the most specific", "no limit"],
)
def test_labels_of_both_are_decided_as_a_run_decides(taxonomy: Taxonomy, labels: int) -> None:
    width = len(taxonomy.categories)
    sure = np.tile(0.6 + 0.01 * np.arange(width), (12, 1))
    held_out = HeldOut(taxonomy, sure)
    (tags,), found = student.measure(
        cast("Workspace", Settings()), cast("Any", held_out), Path("trained.json")
    )
    assert tags.f1 is not None
    assert tags.untrained_f1 is not None
    assert (tags.labels, tags.f1.value) == (12 * labels, 1.0)
    assert tags.untrained_f1.value == 0.0
    assert found is not None
    for way in found.ways():
        assert (way.recall, way.precision) == (1.0, 1.0), way.aim
