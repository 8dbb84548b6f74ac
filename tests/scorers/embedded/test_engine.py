from __future__ import annotations

import numpy as np
from onnx import TensorProto, helper

from classifier.scorers.embedded.engine import new_session


def product() -> bytes:
    """Return a model that multiplies by a matrix it does not have."""
    matrix = TensorProto(name="matrix", data_type=TensorProto.FLOAT, dims=(2, 2))
    matrix.data_location = TensorProto.EXTERNAL
    for key, value in (("location", "nowhere"), ("offset", "0"), ("length", "16")):
        entry = matrix.external_data.add()
        entry.key, entry.value = key, value
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["rows", "matrix"], ["product"])],
        "product",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, [None, 2])],
        [helper.make_tensor_value_info("product", TensorProto.FLOAT, [None, 2])],
        [matrix],
    )
    versions = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=versions, ir_version=8).SerializeToString()


def test_a_model_takes_the_weights_it_does_not_have() -> None:
    weights = {"matrix": np.array([[0, 2], [1, 0]], np.float32)}
    session = new_session(product(), weights)
    weights.clear()
    (made,) = session.run(None, {"rows": np.array([[3, 4]], np.float32)})
    assert made.tolist() == [[4, 6]]


def test_a_session_leaves_the_cores_to_its_callers() -> None:
    session = new_session(product(), {"matrix": np.eye(2, dtype=np.float32)})
    assert session.get_session_options().intra_op_num_threads == 1
