from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.calibrations import fits
from support.corrections import BREAD, of_kind

from classifier import trained
from classifier.calibration import Curve, KindCurve, ScorerCalibration
from classifier.errors import SettingsError
from classifier.models import Category, Taxonomy
from classifier.trained import FewShotExample, FewShotExamples, TrainedFile, TrainedKind

BASE = "embedded:all-MiniLM-L6-v2:a38f2d1570c40a31"


def made(**more: object) -> TrainedFile:
    kind = TrainedKind(
        trained="2026-01-01",
        source="verdicts",
        scorer=BASE,
        articles=4,
        pairs=5,
        corrections=of_kind(),
    )
    shots = FewShotExamples(
        definition=BREAD.definition,
        examples=(FewShotExample(title="T", text="x", accepted=False, note="n"),),
    )
    return TrainedFile(**{"kinds": {"tags": kind}, "examples": {BREAD.id: shots}, **more})


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


@given(st.dictionaries(st.text(max_size=8), fits(), max_size=2))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, calibrations: dict[str, ScorerCalibration]
) -> None:
    file = tmp_path_factory.mktemp("site") / "trained.json"
    content = made(calibrations=calibrations)
    file.write_text(trained.dump(content), encoding="utf-8")
    assert trained.load(file) == content
    assert trained.dump(trained.load(file)) == trained.dump(content)


def test_a_point_is_on_one_line_and_a_name_that_looks_like_one_stays() -> None:
    curve = KindCurve(
        articles=20, pairs=40, positive=12, curve=Curve(points=((0, -3), (0.5, -1), (1, 3)))
    )
    fitted = ScorerCalibration(fitted="2026-11-22", gold="[ 1, 2 ]", kinds={"tags": curve})
    text = trained.dump(made(calibrations={"me": fitted}))
    assert '"[ 1, 2 ]"' in text
    assert "[0.0, -3.0]" in text


@pytest.mark.parametrize(
    "text",
    [b"", b"\xff\xfe", b"[" * 10_000, b'{"version": 2}', b'{"more": 1}', b'{"scorers": 1}'],
)
def test_a_file_of_another_kind_is_told_in_one_line_with_the_way_out(
    tmp_path: Path, text: bytes
) -> None:
    file = tmp_path / "trained.json"
    file.write_bytes(text)
    with pytest.raises(SettingsError, match=r"is not a file of .*`trained=off`") as raised:
        trained.load(file)
    assert "\n" not in str(raised.value)
    assert repr(str(file)) in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot read .*trained\.json"):
        trained.load(tmp_path / "trained.json")


def test_a_changed_definition_is_told_and_has_no_correction_and_no_examples() -> None:
    changed = Category(id=BREAD.id, kind="tags", title="Bread and rolls")
    taxonomy = Taxonomy(categories=(changed,))
    (warning,) = made().warnings(taxonomy, file="trained.json")
    assert "tags/bread" in warning
    assert not list(made().warnings(Taxonomy(categories=(BREAD,)), file="trained.json"))
    assert made().with_examples([changed]) == made().corrected([changed]) == (changed,)
    (shown,) = made().with_examples([BREAD])
    assert [example.note for example in shown.examples] == ["n"]
    (corrected,) = made().corrected([BREAD])
    assert corrected.correction is not None


def test_examples_and_corrections_belong_to_the_digest_only_where_there_are_some() -> None:
    (shown,) = made().with_examples([BREAD])
    (corrected,) = made().corrected([BREAD])
    assert len({shown.digest, corrected.digest, BREAD.digest}) == 3
    assert made(examples={}).with_examples([BREAD])[0].digest == BREAD.digest
    assert made(kinds={}).corrected([BREAD])[0].digest == BREAD.digest


def test_the_day_and_the_examples_change_no_confidence() -> None:
    later = {"tags": made().kinds["tags"].model_copy(update={"trained": "2027-01-01"})}
    assert made(kinds=later, examples={}).corrections_digest == made().corrections_digest
    assert made(kinds={}).corrections_digest == ""


def test_the_files_of_version_0_2_are_read_together(tmp_path: Path) -> None:
    numbers = {"largest": 0.5, "data": "f4E="}
    correction = {
        **{"definition": "0" * 32, "accepted": 2, "rejected": 1, "own": 0.5, "whole": 0.75},
        **{"words_for": ["alpha"], "words_against": ["beta"], "constant": 0.125},
        **{"vector": numbers, "words": numbers | {"largest": 1.0}},
    }
    shared = {
        **{"slope": 1.5, "constant": -0.25},
        "features": {"depth": {"mean": 0.5, "scale": 2, "weight": 0.1}},
    }
    kind = {"shared": shared, "words": "alpha beta", "categories": {"topics/a": correction}}
    example = {"title": "T", "text": "x", "accepted": True, "note": "n"}
    learned = {
        **{"version": 1, "learned": "2026-01-02", "source": "gold.csv", "scorer": BASE},
        **{"articles": 3, "pairs": 5, "kinds": {"topics": kind}},
        "lessons": {"topics/a": {"definition": "0" * 32, "examples": [example]}},
    }
    fit = {"fitted": "2026-01-02", "gold": "gold.csv"}
    corrected = "embedded:all-MiniLM-L6-v2:d5541d3172e643cc"
    calibration = {"version": 1, "scorers": {corrected: fit, "openai:m:1": fit}}
    write(tmp_path / "learned.json", learned)
    write(tmp_path / "calibration.json", calibration)
    found = trained.load(tmp_path / "learned.json", tmp_path / "calibration.json")
    assert found.kinds["topics"].corrections.categories["topics/a"].constant == 0.125
    assert (found.kinds["topics"].scorer, found.kinds["topics"].pairs) == (BASE, 5)
    assert found.examples["topics/a"].examples[0].note == "n"
    # What was fitted to the corrected scorer is of the scorer with these corrections.
    assert set(found.calibrations) == {BASE, "openai:m:1"}
