"""The embedded scorer on the project's own examples: what a reader would insist on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from classifier import Classifier

EXAMPLES = Path(__file__).parent.parent / "examples"
EXPECTED = json.loads((EXAMPLES / "expected.json").read_text(encoding="utf-8"))

# Right answers that the embedded scorer is not sure enough of (examples/README.md).
UNSURE = {
    "the-night-the-orders-stopped.md": {"categories/devops"},
    "the-web-tier-on-sale-day.md": {"categories/devops"},
    "hiring-by-work-sample": {"categories/leadership"},
}


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.from_settings()


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPECTED)
def test_obvious_labels_come_out_and_wrong_ones_do_not(classifier: Classifier, name: str) -> None:
    result = classifier.classify(EXAMPLES / name)
    labels = {label.category.id for label in result.decision.labels}
    assert set(EXPECTED[name]["labels"]) - labels == UNSURE.get(name, set())
    assert not labels & set(EXPECTED[name]["never"])


def test_an_article_on_servers_trips_the_exclusion_rule_of_scaling(classifier: Classifier) -> None:
    result = classifier.classify(EXAMPLES / "the-web-tier-on-sale-day.md")
    (scaling,) = (j for j in result.judgements if j.category == "tags/scaling")
    assert scaling.exclusion is not None
    assert "servers" in scaling.exclusion
