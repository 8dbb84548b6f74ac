from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from classifier.scorers.embedded import minilm
from classifier.scorers.embedded.minilm import OUTPUT, MiniLMSession
from classifier.scorers.embedded.model_files import ModelFiles

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


@pytest.fixture(scope="module")
def files() -> ModelFiles:
    return ModelFiles.find()


def padded(lengths: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return token ids and mask of a batch of texts."""
    chance = np.random.default_rng(sum(lengths))
    mask = (np.arange(max(lengths)) < np.array(lengths)[:, None]).astype(np.int64)
    return chance.integers(0, 30_522, mask.shape) * mask, mask


@pytest.mark.parametrize("lengths", [[3], [9, 4, 7, 9], [256, 40]])
def test_our_graph_computes_what_the_carried_one_does(
    files: ModelFiles, lengths: list[int]
) -> None:
    carried = onnxruntime.InferenceSession(str(files.weights))
    ids, mask = padded(lengths)
    feed = {"input_ids": ids, "attention_mask": mask}
    (expected,) = carried.run([OUTPUT], {**feed, "token_type_ids": np.zeros_like(ids)})
    (states,) = MiniLMSession(files.weights, files.graph).run([OUTPUT], feed)
    assert states.shape == (*ids.shape, 384)
    assert np.abs(states - expected)[mask == 1].max() < 1e-5


def test_a_text_has_the_same_states_beside_a_longer_one(files: ModelFiles) -> None:
    session = MiniLMSession(files.weights, files.graph)
    ids, mask = padded([5, 20])
    (both,) = session.run([OUTPUT], {"input_ids": ids, "attention_mask": mask})
    feed = {"input_ids": ids[:1, :5], "attention_mask": mask[:1, :5]}
    (alone,) = session.run([OUTPUT], feed)
    assert np.abs(both[0, :5] - alone[0]).max() < 1e-5


def test_the_graph_is_what_its_recipe_makes(
    files: ModelFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    recipe = importlib.import_module("sentence_graph")
    made = recipe.Graph(onnx.load(str(files.weights)).graph).model().graph
    shipped = onnx.load(
        str(Path(minilm.__file__).with_name(files.graph)), load_external_data=False
    ).graph
    assert list(made.node) == list(shipped.node)
    assert list(made.initializer) == list(shipped.initializer)
