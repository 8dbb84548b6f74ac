"""Texts to vectors with a sentence model. The only module that knows the engine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from classifier.errors import ModelError
from classifier.scorers.embedded.engine import new_session
from classifier.scorers.embedded.minilm import MiniLMSession
from classifier.scorers.embedded.model_files import MULTILINGUAL, ModelFiles
from classifier.scorers.embedded.tokens import Tokens, tokens

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

    from classifier.scorers.embedded.packed_e5 import PackedSession
    from classifier.scorers.embedded.token_spans import Spans

    Vectors = NDArray[np.float32]
    Ids = NDArray[np.int64]
    Session: TypeAlias = "InferenceSession | MiniLMSession | PackedSession"
    _Read: TypeAlias = tuple[Vectors, list[Spans]]

Role = Literal["query", "passage"]

BATCH_TOKENS = 256
"""Tokens of one batch with padding, few enough to stay in a core's cache."""
_AT_ONCE = 32
"""Windows that are looked up at once in a static table."""
PADDING = 16
"""Tokens of padding in one batch, at most: a batch of its own takes as long as so many."""


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
    _batches: tuple[Future[_Read], ...]

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
    """Takes the place of the engine: a token's state is its row, whatever is beside it.

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

    def batches(self, windows: Sequence[_Window]) -> Sequence[Sequence[_Window]]:
        """Cut windows into parts of a size that is worth a hand-over to another thread."""
        return [windows[i : i + _AT_ONCE] for i in range(0, len(windows), _AT_ONCE)]

    def states(self, batch: Sequence[Ids]) -> list[Vectors]:
        """Return the states of each window: tokens x d."""
        return [self._rows.take(ids, axis=0) for ids in batch]


class _Engine:
    """Runs a batch of windows at once, padded to the longest."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def _inputs(self) -> frozenset[str]:
        return frozenset(node.name for node in self._session.get_inputs())

    @cached_property
    def _output(self) -> str:
        names = [node.name for node in self._session.get_outputs()]
        return "last_hidden_state" if "last_hidden_state" in names else names[0]

    def batches(self, windows: Sequence[_Window]) -> Sequence[Sequence[_Window]]:
        """Cut windows into batches, the longest windows first.

        The short ones at the end leave no core without work for long.
        """
        return list(batched(sorted(windows, key=lambda window: len(window.ids))))[::-1]

    def states(self, batch: Sequence[Ids]) -> list[Vectors]:
        """Return the states of each window: tokens x d, or d where the model pools by itself."""
        import numpy as np

        width = max(len(ids) for ids in batch)
        ids = np.zeros((len(batch), width), np.int64)
        mask = np.zeros((len(batch), width), np.int64)
        for row, window in enumerate(batch):
            ids[row, : len(window)] = window
            mask[row, : len(window)] = 1
        known = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        feed = {name: array for name, array in known.items() if name in self._inputs}
        made = np.asarray(self._session.run([self._output], feed)[0], np.float32)
        if made.ndim == 2:
            return list(made)
        return [row[: len(window)] for row, window in zip(made, batch, strict=True)]


class SentenceModel:
    """Turns texts into vectors of length 1. Safe to use from several threads.

    Every core works on a batch of its own, which is faster than all cores on one batch.
    """

    def __init__(
        self, files: ModelFiles, tokenizer: Tokenizer, engine: Session | StaticTable
    ) -> None:
        self.recipe = files.recipe
        self.digest = files.digest
        self.head = files.head
        self._tokenizer = tokenizer
        self._engine = engine if isinstance(engine, StaticTable) else _Engine(engine)
        self._cores = ThreadPoolExecutor(_cores(), thread_name_prefix="embedding")
        self._empty: dict[Role, tuple[Vectors | None, _Read]] = {}
        """The axes and what was read of an empty text, by role."""

    @classmethod
    def open(cls, files: ModelFiles) -> SentenceModel:
        """Load the model.

        Raises:
            ModelError: the files are not an ONNX model and a tokenizer.
        """
        if files.tokenizer == files.weights:
            return cls(files, *_open_packed(files))
        return cls(files, _open_tokenizer(files), _open_engine(files))

    @cached_property
    def _tokens(self) -> Tokens:
        return tokens(self._tokenizer)

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
        windows = list(self._windows(texts, role))
        batches = list(self._engine.batches([each for each in windows if texts[each.text]]))
        running = [
            self._cores.submit(self.run, [window.ids for window in batch], axes)
            for batch in batches
        ]
        if empty := [each for each in windows if not texts[each.text]]:
            batches.append(empty)
            running.append(self._read_empty([window.ids for window in empty], role, axes))
        return PendingEmbedding(len(texts), tuple(map(tuple, batches)), tuple(running))

    def _read_empty(self, batch: Sequence[Ids], role: Role, axes: Vectors | None) -> Future[_Read]:
        """Read an empty text once: every article without a title has one."""
        known = self._empty.get(role)
        if known is None or known[0] is not axes:
            known = self._empty[role] = axes, self.run(batch[:1], axes)
        vectors, spans = known[1]
        done: Future[_Read] = Future()
        done.set_result((vectors.repeat(len(batch), axis=0), spans * len(batch)))
        return done

    def span_extents(self, text: str) -> list[tuple[int, int]]:
        """Return where the spans of a passage are in it, in characters and half-open.

        Of a model that pools by itself there is one span per window, which this does not know.
        """
        from classifier.scorers.embedded import token_spans

        prefix = len(self.recipe.passage_prefix)
        return [
            (max(start - prefix, 0), max(end - prefix, 0))
            for offsets in self._tokens.offsets(self.recipe.passage_prefix + text)
            for start, end in token_spans.extents(offsets)
        ]

    def _windows(self, texts: Sequence[str], role: Role) -> Iterator[_Window]:
        import numpy as np

        prefix = self.recipe.query_prefix if role == "query" else self.recipe.passage_prefix
        prefixed = [prefix + text for text in texts] if prefix else texts
        for i, windows in enumerate(self._tokens.windows(prefixed)):
            for number, ids in enumerate(windows):
                yield _Window(i, number, np.array(ids, np.int64))

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

    def run(self, batch: Sequence[Ids], axes: Vectors | None = None) -> _Read:
        """Run the engine on this thread; return a vector of length 1 and the spans per window."""
        import numpy as np

        states = self._engine.states(batch)
        if states[0].ndim == 1:  # the model pools by itself: a window is all there is
            return _unit(np.stack(states)), _spans([row[None] for row in states], axes)
        # Without the special tokens at start and end.
        return self._pool(states), _spans([window[1:-1] for window in states], axes)

    def _pool(self, states: Sequence[Vectors]) -> Vectors:
        import numpy as np

        if self.recipe.pooling == "cls":
            return _unit(np.stack([window[0] for window in states]))
        lengths = np.array([len(window) for window in states], np.float32)
        sums = np.stack([window.sum(axis=0) for window in states])
        return _unit(np.asarray(sums / lengths[:, None], np.float32))


def _spans(states: Sequence[Vectors], axes: Vectors | None) -> list[Spans]:
    import numpy as np

    from classifier.scorers.embedded import token_spans

    if axes is None:
        return [np.zeros((0, 0), np.int8) for _ in states]
    return [token_spans.from_tokens(window, axes) for window in states]


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


def _open_engine(files: ModelFiles) -> Session | StaticTable:
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
