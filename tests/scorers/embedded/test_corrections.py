from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError
from support.corrections import BREAD, WINE, of_category, of_kind

from classifier.scorers.embedded.corrections import (
    Correction,
    KindCorrections,
    QuantizedRow,
    SharedCorrection,
)


def test_weights_in_one_byte_are_right_to_half_a_percent_of_the_largest() -> None:
    row = np.random.default_rng(0).normal(size=400)
    assert np.abs(QuantizedRow.of(row).row - row).max() <= np.abs(row).max() / 127 / 2 + 1e-12
    assert QuantizedRow.of(np.zeros(3)).row.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("part", "value"),
    [("own", 2), ("constant", float("nan")), ("vector", {"largest": 1, "data": "!"})],
)
def test_numbers_that_make_no_sense_are_refused(part: str, value: object) -> None:
    with pytest.raises(ValidationError):
        of_category(BREAD, **{part: value})
    with pytest.raises(ValidationError, match="more or fewer weights"):
        KindCorrections(
            shared=SharedCorrection(), words="flour", categories={BREAD.id: of_category(BREAD)}
        )


def test_a_correction_is_equal_to_one_that_changes_confidences_alike() -> None:
    bread = Correction("embedded:m:1", of_kind(), BREAD.id)
    assert bread == Correction("embedded:m:1", of_kind(accepted=9, words_for=("rye",)), BREAD.id)
    assert bread != Correction("embedded:m:1", of_kind(constant=0.25), BREAD.id)
    assert bread != Correction("embedded:m:2", of_kind(), BREAD.id)
    assert pickle.loads(pickle.dumps(bread)) == bread
    assert len({bread, Correction("embedded:m:1", of_kind(), BREAD.id)}) == 1


def test_the_correction_of_one_category_is_no_part_of_anothers_digest() -> None:
    before = Correction("embedded:m:1", of_kind(), WINE.id)
    assert Correction("embedded:m:1", of_kind(constant=0.25), WINE.id) == before


def test_a_correction_is_part_of_what_a_category_is_judged_by_and_not_of_its_definition() -> None:
    corrected = replace(BREAD, correction=Correction("embedded:m:1", of_kind(), BREAD.id))
    assert corrected.digest != BREAD.digest
    assert corrected.definition == BREAD.definition
    assert corrected.uncorrected == BREAD
    assert BREAD.uncorrected is BREAD
