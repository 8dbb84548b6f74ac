from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from classifier.scorers.embedded.onnx_file import tensors

ARRAYS = {
    "floats": np.arange(6, dtype=np.float32).reshape(2, 3) / 3,
    "bytes": np.array([[-128], [0], [127]], np.int8),
    "integers": np.array([1, -1, 1 << 40], np.int64),
    "a name with ünicode": np.ones((1, 300), np.float32),
}


def written(path: Path, *weights: TensorProto) -> Path:
    graph = helper.make_graph([], "weights", [], [], list(weights))
    path.write_bytes(helper.make_model(graph, producer_name="test").SerializeToString())
    return path


def test_weights_are_read_as_the_library_reads_them(tmp_path: Path) -> None:
    stored = [numpy_helper.from_array(array, name) for name, array in ARRAYS.items()]
    found = tensors(written(tmp_path / "model.onnx", *stored))
    assert found.keys() == ARRAYS.keys()
    for name, array in found.items():
        assert array is not None
        assert array.dtype == ARRAYS[name].dtype
        assert array.tolist() == ARRAYS[name].tolist()


def test_weights_that_are_elsewhere_are_named(tmp_path: Path) -> None:
    outside = TensorProto(name="outside", data_type=TensorProto.FLOAT, dims=(2, 2))
    outside.data_location = TensorProto.EXTERNAL
    entry = outside.external_data.add()
    entry.key, entry.value = "location", "beside.bin"
    own = numpy_helper.from_array(np.ones(2, np.float32), "own")
    found = tensors(written(tmp_path / "model.onnx", outside, own))
    assert found["outside"] is None
    assert found["own"] is not None


def test_weights_stay_in_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / "model.onnx", numpy_helper.from_array(ARRAYS["floats"], "floats"))
    floats = tensors(path)["floats"]
    assert floats is not None
    with pytest.raises(ValueError, match="read-only"):
        floats[0, 0] = 1
    assert not floats.flags.owndata


def test_a_model_without_weights_has_none(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(onnx.ModelProto(ir_version=8).SerializeToString())
    assert tensors(path) == {}
