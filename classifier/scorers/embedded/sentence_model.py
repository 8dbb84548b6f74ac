"""Texts to vectors with a sentence model. The only module that knows the engine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from classifier.errors import ModelError
from classifier.scorers.embedded.engine import Node, new_session
from classifier.scorers.embedded.minilm import MiniLMSession
from classifier.scorers.embedded.model_files import MULTILINGUAL, ModelFiles

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

    from classifier.scorers.embedded.packed_e5 import PackedSession
    from classifier.scorers.embedded.token_spans import Spans

    Vectors = NDArray[np.float32]
    Ids = NDArray[np.int64]
    Engine: TypeAlias = "InferenceSession | MiniLMSession | PackedSession | StaticTable"

Role = Literal["query", "passage"]

BATCH_TOKENS = 256
"""Tokens of one batch with padding, few enough to stay in a core's cache."""
PADDING = 16
"""Tokens of padding in one batch, at most: a batch of its own takes as long as so many."""
_TEXTS_AT_ONCE = 512
"""Texts tokenised at once: the tokenizer's output is a hundred times what is kept of it."""


@dataclass(frozen=True, slots=True)
class _Window:
    """What the model reads at once of a text."""

    text: int
    """Index of the text."""
    number: int
    """Of the window in its text."""
    ids: Ids


@dataclass(frozen=True, slots=True)
class PendingEmbedding:
    """Vectors that are being computed in the background."""

    _texts: int
    _windows: tuple[tuple[_Window, ...], ...]
    """The windows of each batch."""
    _batches: tuple[Future[tuple[Vectors, list[Spans]]], ...]

    def vectors(self) -> Vectors:
        """Wait, and return one vector of length 1 per text in order: texts x d.

        Rounded to half precision, so that cached vectors are the same.
        """
        import numpy as np

        if not self._batches:
            return np.zeros((0, 0), np.float32)
        pooled = np.concatenate([batch.result()[0] for batch in self._batches])
        windows = [window for batch in self._windows for window in batch]
        weights = np.array([len(window.ids) for window in windows], np.float32)
        sums = np.zeros((self._texts, pooled.shape[1]), np.float32)
        np.add.at(sums, [window.text for window in windows], pooled * weights[:, None])
        return _unit(sums).astype(np.float16).astype(np.float32)

    def spans(self) -> list[Spans]:
        """Wait, and return the spans of each text, in its order; none if no axes were given."""
        import numpy as np

        made = sorted(
            (window.text, window.number, i, j)
            for i, batch in enumerate(self._windows)
            for j, window in enumerate(batch)
        )
        by_text: list[list[Spans]] = [[] for _ in range(self._texts)]
        for text, _, i, j in made:
            by_text[text].append(self._batches[i].result()[1][j])
        return [np.concatenate(spans) for spans in by_text]

    def cancel(self) -> None:
        """Cancel what has not started."""
        for batch in self._batches:
            batch.cancel()


class StaticTable:
    """Stands in for the engine: a token's state is its row, whatever is beside it.

    Such static embeddings (as in Tulkens & van Dongen 2024, "Model2Vec") cost next to nothing.
    """

    def __init__(self, rows: Vectors) -> None:
        """Take the rows of all tokens: vocabulary x d."""
        self._rows = rows

    @classmethod
    def load(cls, path: Path) -> StaticTable:
        """Read rows of one byte a number, each row at its own scale."""
        import numpy as np

        with np.load(path) as stored:
            return cls(stored["rows"].astype(np.float32) * stored["scales"].astype(np.float32))

    def get_inputs(self) -> list[Node]:
        return [Node("input_ids")]

    def get_outputs(self) -> list[Node]:
        return [Node("last_hidden_state")]

    def run(self, _outputs: Sequence[str], feed: Mapping[str, Ids]) -> list[Vectors]:
        """Return the states of a batch: texts x tokens x d."""
        return [self._rows[feed["input_ids"]]]


class SentenceModel:
    """Turns texts into vectors of length 1. Safe to use from several threads.

    Every core works on a batch of its own, which is faster than all cores on one batch.
    """

    def __init__(self, files: ModelFiles, tokenizer: Tokenizer, session: Engine) -> None:
        self.recipe = files.recipe
        self.digest = files.digest
        self.head = files.head
        self._tokenizer = tokenizer
        self._session = session
        self._cores = ThreadPoolExecutor(_cores(), thread_name_prefix="embedding")

    @classmethod
    def open(cls, files: ModelFiles) -> SentenceModel:
        """Load the model.

        Raises:
            ModelError: the files are not an ONNX model and a tokenizer.
        """
        if files.tokenizer == files.weights:
            return cls(files, *_open_packed(files))
        return cls(files, _open_tokenizer(files), _open_session(files))

    @cached_property
    def _inputs(self) -> frozenset[str]:
        return frozenset(node.name for node in self._session.get_inputs())

    @cached_property
    def _output(self) -> str:
        names = [node.name for node in self._session.get_outputs()]
        return "last_hidden_state" if "last_hidden_state" in names else names[0]

    def encode(self, texts: Sequence[str], *, role: Role = "passage") -> Vectors:
        """Return one vector of length 1 per text, in the order of `texts`.

        A text longer than the model's window is read in several windows, and the mean of their
        vectors, weighted by their tokens, is returned: nothing is cut off.
        """
        return self.begin(texts, role=role).vectors()

    def read(self, texts: Sequence[str], axes: Vectors) -> tuple[Vectors, list[Spans]]:
        """Return the vectors of `texts` as passages, and the spans of each."""
        begun = self.begin(texts, axes=axes)
        return begun.vectors(), begun.spans()

    def begin(
        self, texts: Sequence[str], *, role: Role = "passage", axes: Vectors | None = None
    ) -> PendingEmbedding:
        """Start `encode` in the background; only tokenising is done at once.

        With `axes` (d x `token_spans.DIMENSIONS`), spans are computed too.
        """
        windows = sorted(self._windows(texts, role), key=lambda window: len(window.ids))
        # The longest first: the short ones at the end leave no core without work for long.
        batches = list(batched(windows))[::-1]
        return PendingEmbedding(
            len(texts),
            tuple(map(tuple, batches)),
            tuple(
                self._cores.submit(self.run, [window.ids for window in batch], axes)
                for batch in batches
            ),
        )

    def span_extents(self, text: str) -> list[tuple[int, int]]:
        """Return where the spans of a passage are in it, in characters and half-open.

        Of a model that pools by itself there is one span per window, which this does not know.
        """
        from classifier.scorers.embedded import token_spans

        prefix = len(self.recipe.passage_prefix)
        encoding = self._tokenizer.encode(self.recipe.passage_prefix + text)
        return [
            (max(start - prefix, 0), max(end - prefix, 0))
            for window in (encoding, *encoding.overflowing)
            for start, end in token_spans.extents(window.offsets[1:-1])
        ]

    def _windows(self, texts: Sequence[str], role: Role) -> Iterator[_Window]:
        import numpy as np

        prefix = self.recipe.query_prefix if role == "query" else self.recipe.passage_prefix
        numbered = enumerate(texts)
        while some := list(islice(numbered, _TEXTS_AT_ONCE)):
            encodings = self._tokenizer.encode_batch_fast([prefix + text for _, text in some])
            for (i, _), encoding in zip(some, encodings, strict=True):
                for number, window in enumerate((encoding, *encoding.overflowing)):
                    yield _Window(i, number, np.array(window.ids, np.int64))

    def rarities(self, words: Sequence[str]) -> list[float]:
        """Return how rare lower-case words are, from 0 (`the`) to 1 (not in the vocabulary).

        Vocabularies of sentence models are ordered by frequency, so the logarithm of a word's
        rank stands for its inverse document frequency, and no table has to be shipped.
        """
        import math

        number = self._tokenizer.token_to_id
        top = number("the") or number("▁the") or 0
        scale = math.log1p(max(self._tokenizer.get_vocab_size() - top, 2))
        ranks = (r if (r := number(word)) is not None else number(f"▁{word}") for word in words)
        return [
            1.0 if rank is None else min(1.0, math.log1p(max(rank - top, 0)) / scale)
            for rank in ranks
        ]

    def run(self, batch: Sequence[Ids], axes: Vectors | None = None) -> tuple[Vectors, list[Spans]]:
        """Run the engine on this thread; return a vector of length 1 and the spans per window."""
        import numpy as np

        width = max(len(ids) for ids in batch)
        ids = np.zeros((len(batch), width), np.int64)
        mask = np.zeros((len(batch), width), np.int64)
        for row, window in enumerate(batch):
            ids[row, : len(window)] = window
            mask[row, : len(window)] = 1
        known = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        feed = {name: array for name, array in known.items() if name in self._inputs}
        states = np.asarray(self._session.run([self._output], feed)[0], np.float32)
        return self._pool(states, mask), self._spans(states, [len(ids) for ids in batch], axes)

    def _spans(self, states: Vectors, lengths: Sequence[int], axes: Vectors | None) -> list[Spans]:
        import numpy as np

        from classifier.scorers.embedded import token_spans

        if axes is None:
            return [np.zeros((0, 0), np.int8) for _ in lengths]
        if states.ndim == 2:  # a window is all there is
            return [token_spans.from_tokens(row[None], axes) for row in states]
        # Without the special tokens at start and end.
        return [
            token_spans.from_tokens(row[1 : length - 1], axes)
            for row, length in zip(states, lengths, strict=True)
        ]

    def _pool(self, states: Vectors, mask: NDArray[np.int64]) -> Vectors:
        if states.ndim == 2:  # the model pools by itself
            return _unit(states)
        if self.recipe.pooling == "cls":
            return _unit(states[:, 0])
        weights = mask[:, :, None].astype(states.dtype)
        return _unit((states * weights).sum(axis=1) / weights.sum(axis=1))


def _unit(rows: Vectors) -> Vectors:
    import numpy as np

    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), np.float32)


def batched(windows: Sequence[_Window]) -> Iterator[list[_Window]]:
    """Cut `windows`, sorted by length, where a batch would grow too large or be padded too much."""
    batch: list[_Window] = []
    tokens = 0
    for window in windows:
        length = len(window.ids)
        padded = (len(batch) + 1) * length
        if batch and (padded > BATCH_TOKENS or padded - tokens - length > PADDING):
            yield batch
            batch, tokens = [], 0
        batch.append(window)
        tokens += length
    if batch:
        yield batch


# --- opening -------------------------------------------------------------------------------------


def _open_tokenizer(files: ModelFiles) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(files.tokenizer))
    except Exception as error:  # noqa: BLE001 - the library raises bare Exception
        msg = f"{files.tokenizer}: not a tokenizer: {_one_line(error)}"
        raise ModelError(msg) from None
    # The file may come with settings of its own, such as a fixed length.
    tokenizer.no_padding()
    tokenizer.enable_truncation(files.recipe.max_tokens)
    return tokenizer


def _open_packed(files: ModelFiles) -> tuple[Tokenizer, PackedSession]:
    from classifier.scorers.embedded.packed_e5 import PackedE5

    packed = PackedE5(files.weights)
    tokenizer = packed.tokenizer()
    tokenizer.enable_truncation(files.recipe.max_tokens)
    try:
        return tokenizer, packed.session()
    except ImportError as error:
        msg = f"the multilingual model needs {error.name}: pip install"
        raise ModelError(f"{msg} '{MULTILINGUAL.requirement}'") from None


def _open_session(files: ModelFiles) -> Engine:
    if files.weights.suffix == ".npz":
        return StaticTable.load(files.weights)
    if files.graph:
        return MiniLMSession(files.weights, files.graph)
    try:
        return new_session(str(files.weights))
    except Exception as error:  # noqa: BLE001 - the engine's errors have no public base class
        msg = f"{files.weights}: not a model that onnxruntime can run: {_one_line(error)}"
        raise ModelError(msg) from None


def _cores() -> int:
    """Return the cores to use: fewer where OMP_NUM_THREADS says so, as in a worker on one core."""
    found = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        found = len(os.sched_getaffinity(0))
    most = os.environ.get("OMP_NUM_THREADS", "")
    return min(found, int(most)) if most.isdecimal() and int(most) else found


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
