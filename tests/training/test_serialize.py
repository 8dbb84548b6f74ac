from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.examples import dataset, examples

from classifier.scorers.embedded.corrections import KindCorrections
from classifier.training.cross_validate import CrossValidated, cross_validate
from classifier.training.serialize import kind_corrections


@pytest.fixture(scope="module")
def validated() -> CrossValidated:
    return cross_validate(examples(80))


def corrections(validated: CrossValidated, **changed: np.ndarray) -> KindCorrections:
    return kind_corrections(replace(validated, **changed), dataset(examples(80)))


def test_only_categories_whose_correction_is_used_are_in_the_file(
    validated: CrossValidated,
) -> None:
    used = corrections(validated, blend=np.array([1.0, 0.0, 0.5, 0.0]))
    assert list(used.categories) == ["tags/0", "tags/2"]
    assert [each.whole for each in used.categories.values()] == [1.0, 0.5]


def test_each_names_its_verdicts_and_the_words_that_speak_for_it(validated) -> None:
    every = corrections(validated, blend=np.ones(4)).categories
    truth = examples(80).truth
    for number, correction in enumerate(every.values()):
        assert correction.accepted == truth[:, number].sum()
        assert correction.accepted + correction.rejected == 80
        assert f"w{number:02}" in correction.words_for  # the word that says what belongs
        assert not set(correction.words_for) & set(correction.words_against)


def test_numbers_are_short_and_the_features_go_by_name(validated: CrossValidated) -> None:
    shared = corrections(validated).shared
    assert set(shared.features) == {"feature 0", "feature 1", "feature 2"}
    assert shared.slope == pytest.approx(validated.fit.slope, rel=1e-4)
    assert len(repr(shared.slope)) <= 8
