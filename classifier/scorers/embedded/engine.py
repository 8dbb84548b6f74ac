"""Sessions of onnxruntime, all with the same options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession


@dataclass(frozen=True, slots=True)
class Node:
    """An input or output, of what stands in for a session."""

    name: str


def new_session(
    model: str | bytes, weights: Mapping[str, NDArray[Any]] | None = None
) -> InferenceSession:
    """Open a model.

    Args:
        model: Path of an ONNX file, or its bytes.
        weights: Those that the model names without having them. Matrices are copied into an order
            that suits the processor, so that a caller can let go of these.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # its warnings are about graphs, not about anything a user did
    options.intra_op_num_threads = 1  # the threads that call it are as many as the cores
    options.enable_mem_pattern = False  # lengths of batches differ: plans for each only take memory
    if weights:
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in weights.values()]
        options.add_external_initializers(list(weights), values)
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
