from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.examples import dataset, examples

from classifier.training.cross_validate import cross_validate
from classifier.training.held_out import KindGain, measure_gain


@pytest.fixture(scope="module")
def gain() -> KindGain:
    """Of five tags: one without a verdict, and one that was only rejected."""
    made = examples(80, 5)
    known = np.ones_like(made.truth)
    known[:, 4] = False
    known[:, 3] = ~made.truth[:, 3]
    made = replace(made, known=known)
    return measure_gain("tags", cross_validate(made), dataset(made))


def test_only_categories_with_a_verdict_are_listed_with_their_verdicts(gain: KindGain) -> None:
    assert [each.category.id for each in gain.categories] == [f"tags/{n}" for n in range(4)]
    assert gain.categories[3].accepted == 0
    assert gain.pairs == sum(each.accepted + each.rejected for each in gain.categories)
    assert (gain.kind, gain.articles) == ("tags", 80)


def test_what_is_not_learned_from_gains_nothing(gain: KindGain) -> None:
    rejected = gain.categories[3]
    assert not rejected.has_evidence
    assert rejected.blend == 0
    assert rejected.log_loss.before == rejected.log_loss.after
    assert np.isnan(rejected.precision.before)


def test_corrections_that_say_something_gain_on_articles_they_have_not_seen(gain: KindGain) -> None:
    assert gain.micro.after > gain.micro.before
    assert gain.log_loss.after < gain.log_loss.before
    defined = [each.precision for each in gain.categories[:3]]
    assert gain.macro.after == pytest.approx(np.mean([each.after for each in defined]))
