from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from classifier import artifacts
from classifier.errors import SettingsError
from classifier.models import Category, Taxonomy
from classifier.scorers.embedded import corrections
from classifier.scorers.embedded.corrections import (
    CategoryCorrection,
    FewShotExample,
    FewShotExamples,
    KindCorrections,
    LearnedFile,
    QuantizedRow,
    SharedCorrection,
)

BREAD = Category(id="tags/bread", kind="tags", title="Bread")


def made(**more: object) -> LearnedFile:
    adjustment = CategoryCorrection(
        definition=BREAD.digest,
        accepted=2,
        rejected=3,
        own=1.0,
        whole=1.0,
        constant=0.5,
        vector=QuantizedRow.of(np.array([1.0, -2.0, 0.25])),
        words=QuantizedRow.of(np.array([0.0, 3.0])),
    )
    kind = KindCorrections(
        shared=SharedCorrection(), words="flour yeast", categories={BREAD.id: adjustment}
    )
    lesson = FewShotExamples(
        definition=BREAD.digest,
        examples=(FewShotExample(title="T", text="x", accepted=False, note="n"),),
    )
    return LearnedFile(
        **{
            "learned": "2026-01-01",
            "source": "verdicts",
            "articles": 4,
            "pairs": 5,
            "kinds": {"tags": kind},
            "lessons": {BREAD.id: lesson},
            **more,
        }
    )


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    file = tmp_path / "learned.json"
    file.write_text(artifacts.dump(made()))
    assert corrections.load(file) == made()
    assert corrections.load(file).digest == made().digest
    assert pickle.loads(pickle.dumps(made())) == made()


def test_weights_in_one_byte_are_right_to_half_a_percent_of_the_largest() -> None:
    row = np.random.default_rng(0).normal(size=400)
    assert np.abs(QuantizedRow.of(row).row - row).max() <= np.abs(row).max() / 127 / 2 + 1e-12
    assert QuantizedRow.of(np.zeros(3)).row.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("version",), 2),
        (("kinds", "tags", "words"), "flour"),
        (("kinds", "tags", "categories", "tags/bread", "own"), 2),
        (("kinds", "tags", "categories", "tags/bread", "constant"), float("nan")),
        (("kinds", "tags", "categories", "tags/bread", "vector", "data"), "!"),
        (("kinds", "tags", "shared", "slope"), -1),
        (("more",), 1),
    ],
)
def test_a_file_that_was_changed_into_nonsense_is_refused_with_a_way_out(
    tmp_path: Path, path: tuple[str, ...], value: object
) -> None:
    content = json.loads(artifacts.dump(made()))
    place = content
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    file = tmp_path / "learned.json"
    file.write_text(json.dumps(content))
    with pytest.raises(SettingsError, match=r"classify learn.*--learned off") as error:
        corrections.load(file)
    assert "\n" not in str(error.value)


def test_a_changed_definition_is_told_and_shows_no_examples() -> None:
    changed = Category(id=BREAD.id, kind="tags", title="Bread and rolls")
    taxonomy = Taxonomy(categories=(changed,))
    (warning,) = made().warnings(taxonomy, file="learned.json")
    assert "tags/bread" in warning
    assert not list(made().warnings(Taxonomy(categories=(BREAD,)), file="learned.json"))
    assert made().shown([changed]) == (changed,)
    (shown,) = made().shown([BREAD])
    assert [example.note for example in shown.examples] == ["n"]


def test_examples_belong_to_the_digest_of_a_category_only_where_there_are_some() -> None:
    (shown,) = made().shown([BREAD])
    assert shown.digest != BREAD.digest
    assert made(lessons={}).shown([BREAD])[0].digest == BREAD.digest


def test_the_day_and_the_examples_change_no_confidence_and_so_no_identity() -> None:
    assert made(learned="2027-01-01", lessons={}).digest == made().digest
    assert made(kinds={}).digest != made().digest
