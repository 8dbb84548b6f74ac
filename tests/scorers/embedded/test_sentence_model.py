from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier.errors import ModelError
from classifier.scorers.embedded import reference_topics, sentence_model
from classifier.scorers.embedded.model_files import ModelFiles
from classifier.scorers.embedded.sentence_model import SentenceModel, StaticTable


@pytest.fixture(scope="module")
def files() -> ModelFiles:
    return ModelFiles.find()


@pytest.fixture(scope="module")
def model(files: ModelFiles) -> SentenceModel:
    return SentenceModel.open(files)


@pytest.fixture
def folder(files: ModelFiles, tmp_path: Path) -> Path:
    shutil.copy(files.tokenizer, tmp_path / "tokenizer.json")
    shutil.copy(files.weights, tmp_path / "model.onnx")
    return tmp_path


def test_vectors_have_length_one_and_say_what_is_alike(model: SentenceModel) -> None:
    cat, kitten, profit = model.encode(["the cat sat", "a kitten was sitting", "profit fell"])
    assert np.allclose([v @ v for v in (cat, kitten, profit)], 1, atol=1e-3)
    assert cat @ kitten > 0.5 > cat @ profit


def test_a_text_gets_the_same_vector_alone_and_in_company(model: SentenceModel) -> None:
    texts = ["short", "a text of several words", "long " * 200, "", "x" * 3000]
    together = model.encode(texts)
    alone = np.concatenate([model.encode([text]) for text in texts])
    assert np.allclose(together, alone, atol=1e-4)


def test_vectors_lose_nothing_when_they_are_stored_in_half_precision(model: SentenceModel) -> None:
    made = model.encode(["bread rises in a warm kitchen", "rockets"])
    assert (made.astype(np.float16).astype(np.float32) == made).all()


def test_many_texts_are_embedded_in_the_background_in_their_order(model: SentenceModel) -> None:
    texts = [f"text {i} " + "about bread " * (i % 7) for i in range(60)]
    begun = model.begin(texts)
    assert np.allclose(begun.vectors()[::-1], model.encode(texts[::-1]), atol=1e-3)


def test_an_empty_text_is_read_once(files: ModelFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    axes = np.eye(384, 8, dtype=np.float32)
    run, runs = SentenceModel.run, []

    def counting(self: SentenceModel, batch: Any, given: Any = None) -> Any:
        runs.append([len(ids) for ids in batch])
        return run(self, batch, given)

    monkeypatch.setattr(SentenceModel, "run", counting)
    model = SentenceModel.open(files)
    texts = ["", "bread", ""]
    first, second = (model.read(texts, axes) for _ in range(2))
    assert sorted(runs) == [[2], [3], [3]]
    assert (first[0] == second[0]).all()
    assert (first[0][0] == first[0][2]).all()
    assert [len(spans) for spans in first[1]] == [0, 1, 0]
    assert model.read(texts, axes[:, :4])[1][0].shape == (0, 4)
    assert model.encode([""]).shape == (1, 384)


def test_no_texts_give_no_vectors(model: SentenceModel) -> None:
    assert len(model.encode([])) == 0


def test_the_end_of_a_text_longer_than_the_window_still_counts(model: SentenceModel) -> None:
    start = "bread rises in a warm kitchen and is baked in the oven. " * 40
    plain, with_end, end = model.encode(
        [start, start + "rockets fly to the moon. " * 60, "rockets"]
    )
    assert with_end @ end > plain @ end + 0.1


def test_rare_words_are_rarer_than_common_ones(model: SentenceModel) -> None:
    the, government, cocoa = model.rarities(["the", "government", "cocoa"])
    assert the < government < cocoa <= 1


def test_a_folder_takes_the_place_of_the_carried_model(
    folder: Path, model: SentenceModel, files: ModelFiles
) -> None:
    found = ModelFiles.find(folder)
    own = SentenceModel.open(found)
    assert found.recipe.name == folder.name
    assert found.digest == files.digest  # the bytes count, not the place
    assert np.allclose(own.encode(["the same text"]), model.encode(["the same text"]), atol=1e-5)


def test_the_recipe_beside_a_model_is_followed(folder: Path, model: SentenceModel) -> None:
    recipe = {"name": "mine", "pooling": "cls", "max_tokens": 64, "query_prefix": "query: "}
    (folder / "model.json").write_text(json.dumps(recipe))
    own = SentenceModel.open(ModelFiles.find(folder))
    passage, query = own.encode(["scaling teams"]), own.encode(["scaling teams"], role="query")
    assert own.recipe.name == "mine"
    assert not np.allclose(passage, query, atol=1e-3)
    assert not np.allclose(passage, model.encode(["scaling teams"]), atol=1e-3)


@pytest.mark.parametrize("broken", ["model.onnx", "tokenizer.json"])
def test_a_file_that_is_something_else_is_one_line_naming_it(folder: Path, broken: str) -> None:
    (folder / broken).write_text("not a model")
    with pytest.raises(ModelError) as raised:
        SentenceModel.open(ModelFiles.find(folder))
    assert str(folder / broken) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_spans_are_found_in_the_text(model: SentenceModel) -> None:
    known = reference_topics.load(model)
    for text in ("", "Rockets", "Rockets rise, and fall again.", "Long texts have windows. " * 90):
        _, (spans,) = model.read([text], known.axes)
        extents = model.span_extents(text)
        assert len(extents) == len(spans)
        assert all(0 <= start <= end <= len(text) for start, end in extents)
        assert extents == sorted(extents)


def test_a_static_table_gives_each_token_its_row_whatever_is_beside_it() -> None:
    table = StaticTable(np.eye(4, 3, dtype=np.float32))
    states = table.states([np.array([1, 2]), np.array([2, 0, 1])])
    assert states[0].tolist() == [[0, 1, 0], [0, 0, 1]]
    assert states[1].tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]


def test_the_fast_model_knows_what_is_alike() -> None:
    fast = SentenceModel.open(ModelFiles.find("fast"))
    bread, cake, tax = fast.encode(["baking bread", "a cake from the oven", "income tax law"])
    assert bread @ cake > bread @ tax + 0.2


@pytest.mark.parametrize(("most", "cores"), [("1", 1), ("", None), ("all", None), ("0", None)])
def test_a_worker_on_one_core_uses_one(
    monkeypatch: pytest.MonkeyPatch, most: str, cores: int | None
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    every = sentence_model._cores()
    monkeypatch.setenv("OMP_NUM_THREADS", most)
    assert sentence_model._cores() == (cores or every)


@pytest.mark.parametrize("lengths", [[2] * 300, [3, 4, 9, 40, 41, 250], [200, 200], [256] * 3, []])
def test_batches_are_small_and_hardly_padded(lengths: list[int]) -> None:
    windows = [
        sentence_model._Window(i, 0, np.zeros(length, np.int64)) for i, length in enumerate(lengths)
    ]
    batches = list(sentence_model.batched(windows))
    assert [window for batch in batches for window in batch] == windows
    for batch in batches:
        padded = len(batch) * len(batch[-1].ids)
        assert padded <= sentence_model.BATCH_TOKENS or len(batch) == 1
        assert padded - sum(len(window.ids) for window in batch) <= sentence_model.PADDING
