"""The default sentence model: weights as a package carries them, run by a graph of our own.

Only what a batch needs becomes floats: the layers' matrices once, and of the 30,522 word vectors
the rows of its tokens, which stay in the file, mapped into memory. The graph has no weights
(benchmarks/sentence_graph.py made it) and computes the same numbers as the one in the file, in less
time and half the memory.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from classifier.scorers.embedded.engine import Node, new_session
from classifier.scorers.embedded.onnx_file import tensors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

OUTPUT: Final = "last_hidden_state"
_EMBEDDINGS: Final = "inner.embeddings"
_HIDDEN: Final = -3.4028234663852886e38
"""Added to what a token sees of padding: the smallest number."""


class MiniLMSession:
    """Stands in for an `InferenceSession` on the carried file."""

    def __init__(self, weights: Path, graph: str) -> None:
        """Open a model.

        Args:
            weights: The carried file, whose digest was checked.
            graph: File of this package.
        """
        import numpy as np

        stored = {name: array for name, array in tensors(weights).items() if array is not None}
        self._words = stored[f"{_EMBEDDINGS}.word_embeddings.weight_q"]
        self._scales = np.array(stored[f"{_EMBEDDINGS}.word_embeddings.weight_scale"])
        positions, kinds = (
            f"{_EMBEDDINGS}.{it}_embeddings.weight" for it in ("position", "token_type")
        )
        self._positions = _together(stored, [positions])[positions]
        self._kind = np.array(stored[kinds][0])
        layers = Path(__file__).with_name(graph)
        missing = [name for name, own in tensors(layers).items() if own is None]
        self._session = new_session(layers.read_bytes(), weights=_together(stored, missing))

    def get_inputs(self) -> Sequence[Node]:
        """Return the inputs that `run` takes."""
        return Node("input_ids"), Node("attention_mask")

    def get_outputs(self) -> Sequence[Node]:
        """Return the output of `run`."""
        return (Node(OUTPUT),)

    def run(self, outputs: Sequence[str], feed: Mapping[str, NDArray[np.int64]]) -> list[Any]:
        """Return the states of the last layer: batch x tokens x width."""
        import numpy as np

        ids, mask = feed["input_ids"], feed["attention_mask"]
        words = self._words[ids].astype(np.float32) * self._scales[ids]
        hidden = np.where(mask, np.float32(0), np.float32(_HIDDEN))
        return list(
            self._session.run(
                list(outputs),
                {
                    "embedded": words + self._kind + self._positions[: ids.shape[1]],
                    "mask": hidden[:, None, None, :],
                },
            )
        )


def _together(stored: Mapping[str, NDArray[Any]], names: Sequence[str]) -> dict[str, Floats]:
    """Return weights as views of one array: large enough to go back to the system when it goes."""
    import numpy as np

    shapes = {name: stored[name if name in stored else f"{name}_q"].shape for name in names}
    ends = np.cumsum([math.prod(shape) for shape in shapes.values()])
    whole = np.empty(ends[-1], np.float32)
    parts = np.split(whole, ends[:-1])
    views = {n: part.reshape(shapes[n]) for n, part in zip(names, parts, strict=True)}
    for name, view in views.items():
        if name in stored:
            view[:] = stored[name]
        else:  # bytes with scales
            np.multiply(stored[f"{name}_q"], stored[f"{name}_scale"], out=view)
    return views
