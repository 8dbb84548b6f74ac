from __future__ import annotations

import pytest
from support.letters import LetterModel

from classifier.models import Category, Instructions
from classifier.scorers.embedded import features, reference_topics
from classifier.scorers.embedded.encoding import FeatureEncoder
from classifier.scorers.embedded.head import Head


@pytest.fixture(scope="module")
def viewer() -> FeatureEncoder:
    model = LetterModel()
    return FeatureEncoder(model, reference_topics.load(model))


def test_evidence_can_only_raise_the_confidence() -> None:
    """What training promises: `head.json` holds no weight of the wrong sign."""
    head = Head.load()
    for name, weight in [*head.named.weights.items(), *head.topical.weights.items()]:
        if name in features.NEGATIVE_FEATURES:
            assert weight.weight <= 0, name
        elif name not in features.CONTEXT_FEATURES:
            assert weight.weight >= 0, name


def test_prototypes_are_names_description_and_every_topic(viewer: FeatureEncoder) -> None:
    category = Category(
        id="a/b",
        kind="a",
        title="Fruit",
        description="Grows on trees",
        aliases=("Produce",),
        instructions=Instructions(topics=("Apples", "Pears"), exclusions=("Nuts",)),
    )
    view = viewer.categories([category])[0]
    assert view.labels == ("Fruit", "Produce", "Fruit", "Apples", "Pears")
    assert len(view.prototypes) == len(view.labels)
    assert len(view.exclusions) == 1


def test_the_head_of_a_category_is_chosen_by_whether_it_has_key_topics() -> None:
    head = Head.load()
    assert head.weights_for(topics=False) is head.named
    assert head.weights_for(topics=True) is head.topical
    assert head.named != head.topical


def test_the_background_is_wide_and_repeats_nothing() -> None:
    titles = [title for title, _ in reference_topics.topics()]
    assert len(titles) == len(set(titles)) >= 250
    assert all(description.endswith(".") for _, description in reference_topics.topics())
