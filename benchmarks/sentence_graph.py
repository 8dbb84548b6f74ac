"""Make the graph that runs the default sentence model: minilm.onnx of classifier/scorers/embedded.

    python benchmarks/sentence_graph.py

The file that the package carries turns its 8-bit weights into floats each time it is opened, all
30,522 word vectors too, and has what its exporter left behind: tests for numbers that cannot be,
and a mask gathered by index. This graph has the operations of the layers alone, as onnxruntime
itself fuses them, in the same order: the same numbers to the last bit. It has no weights;
`minilm.py` takes them from the file that is carried, by the names they have there.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

from classifier.scorers.embedded import minilm
from classifier.scorers.embedded.model_files import MINILM, ModelFiles

LAYERS, HEADS, WIDTH = 6, 12, 384
CONTRIB = "com.microsoft"
EPSILON = float(np.float32(1e-12))
SCALE = 0.1767767071723938
"""1 / sqrt(WIDTH / HEADS), as the product of the two factors of the carried graph."""
CONSTANTS = {
    "heads": np.array([0, 0, HEADS, WIDTH // HEADS], np.int64),
    "whole": np.array([0, 0, WIDTH], np.int64),
    "root": np.float32(1.4142135381698608),
    "one": np.float32(1.0),
    "half": np.float32(0.5),
}


class Graph:
    """The nodes that were added, and the weights that they name."""

    def __init__(self, carried: onnx.GraphProto) -> None:
        shapes = {tensor.name: tuple(tensor.dims) for tensor in carried.initializer}
        floats = {node.output[0]: node.input[0] for node in carried.node if node.op_type == "Cast"}
        packed = {
            node.output[0]: floats[node.input[0]]
            for node in carried.node
            if node.op_type == "Mul" and node.input[0] in floats
        }
        self.shapes = shapes | {name: shapes[source] for name, source in packed.items()}
        self.matrices = [
            node.input[1]
            for node in carried.node
            if node.op_type == "MatMul" and node.input[1] in packed
        ]
        self.nodes: list[NodeProto] = []
        self.weights: dict[str, None] = {}

    def add(self, kind: str, inputs: list[str], output: str, domain: str = "", **more: Any) -> str:
        self.weights |= dict.fromkeys(name for name in inputs if name in self.shapes)
        self.nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **more))
        return output

    def linear(self, states: str, matrix: str, bias: str, output: str) -> str:
        return self.add("Add", [self.add("MatMul", [states, matrix], f"{output}.m"), bias], output)

    def normalised(self, states: str, before: str, name: str, bias: str, output: str) -> str:
        weights = [f"{name}.weight", f"{name}.bias", bias]
        inputs = [states, before, *weights]
        return self.add("SkipLayerNormalization", inputs, output, CONTRIB, epsilon=EPSILON)

    def layer(self, number: int, states: str, output: str) -> str:
        prefix, name = f"inner.encoder.layer.{number}", f"l{number}"
        own = self.matrices[6 * number : 6 * number + 6]
        queries, keys, values = (
            self._heads(states, matrix, f"{prefix}.attention.self.{what}.bias", order)
            for what, matrix, order in zip(
                ("query", "key", "value"),
                own,
                ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]),
                strict=False,
            )
        )
        close = self.add("FusedMatMul", [queries, keys], f"{name}.close", CONTRIB, alpha=SCALE)
        masked = self.add("Add", [close, "mask"], f"{name}.masked")
        shares = self.add("Softmax", [masked], f"{name}.shares", axis=-1)
        mixed = self.add("MatMul", [shares, values], f"{name}.mixed")
        mixed = self.add("Transpose", [mixed], f"{name}.joined", perm=[0, 2, 1, 3])
        mixed = self.add("Reshape", [mixed, "whole"], f"{name}.seen")
        mixed = self.add("MatMul", [mixed, own[3]], f"{name}.attention")
        dense = f"{prefix}.attention.output"
        states = self.normalised(
            mixed, states, f"{dense}.LayerNorm", f"{dense}.dense.bias", f"{name}.attended"
        )
        inner = self.linear(states, own[4], f"{prefix}.intermediate.dense.bias", f"{name}.inner")
        inner = self.add("MatMul", [self._gelu(inner, name), own[5]], f"{name}.outer")
        dense = f"{prefix}.output"
        return self.normalised(inner, states, f"{dense}.LayerNorm", f"{dense}.dense.bias", output)

    def _heads(self, states: str, matrix: str, bias: str, order: list[int]) -> str:
        made = self.linear(states, matrix, bias, f"{bias}.all")
        made = self.add("Reshape", [made, "heads"], f"{bias}.heads")
        return self.add("Transpose", [made], f"{bias}.turned", perm=order)

    def _gelu(self, inner: str, name: str) -> str:
        made = self.add("Div", [inner, "root"], f"{name}.gelu.divided")
        made = self.add("Erf", [made], f"{name}.gelu.erf")
        made = self.add("Add", [made, "one"], f"{name}.gelu.added")
        made = self.add("Mul", ["half", made], f"{name}.gelu.share")
        return self.add("Mul", [inner, made], f"{name}.gelu")

    def model(self) -> onnx.ModelProto:
        name = "inner.embeddings.LayerNorm"
        inputs = ["embedded", f"{name}.weight", f"{name}.bias"]
        states = self.add("LayerNormalization", inputs, "states", epsilon=EPSILON)
        for number in range(LAYERS):
            last = number == LAYERS - 1
            states = self.layer(number, states, minilm.OUTPUT if last else f"l{number}")
        floats: list[str | int | None] = ["batch", "tokens", WIDTH]
        hidden: list[str | int | None] = ["batch", 1, 1, "tokens"]
        made = helper.make_graph(
            self.nodes,
            "all-MiniLM-L6-v2",
            [
                helper.make_tensor_value_info("embedded", TensorProto.FLOAT, floats),
                helper.make_tensor_value_info("mask", TensorProto.FLOAT, hidden),
            ],
            [helper.make_tensor_value_info(minilm.OUTPUT, TensorProto.FLOAT, floats)],
            [
                *(
                    numpy_helper.from_array(np.array(value), name)
                    for name, value in CONSTANTS.items()
                ),
                *(self._external(weight) for weight in self.weights),
            ],
        )
        versions = [helper.make_opsetid("", 17), helper.make_opsetid(CONTRIB, 1)]
        return helper.make_model(made, opset_imports=versions, ir_version=8)

    def _external(self, name: str) -> TensorProto:
        """Return a tensor without its numbers: `minilm.py` has them ready before it is opened."""
        shape = self.shapes[name]
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape)
        tensor.data_location = TensorProto.EXTERNAL
        size = 4 * int(np.prod(shape))
        for key, value in (("location", "model.onnx"), ("offset", "0"), ("length", str(size))):
            entry = tensor.external_data.add()
            entry.key, entry.value = key, value
        return tensor


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    carried = onnx.load(str(ModelFiles.find().weights)).graph
    path = Path(minilm.__file__).with_name(MINILM.graph)
    path.write_bytes(Graph(carried).model().SerializeToString(deterministic=True))
    print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
