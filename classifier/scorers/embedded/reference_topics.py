"""The reference topics that every article and category is compared with, and their vectors."""

from __future__ import annotations

import hashlib
import io
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from classifier.scorers.embedded import token_spans
from classifier.scorers.embedded.features import ReferenceTopics, unit_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifier.scorers.embedded.features import Vectors
    from classifier.scorers.embedded.sentence_model import Role
    from classifier.scorers.embedded.token_spans import Spans

TOPICS = "reference_topics.txt"
VECTORS = (
    "reference_topics.npz",
    "reference_topics.multilingual.npz",
    "reference_topics.fast.npz",
)
"""The topics' vectors by the models that are carried: a cold start need not compute them."""

PHRASE = "an article about {}"


class TextEncoder(Protocol):
    """What the encoding needs of a sentence model."""

    @property
    def digest(self) -> str: ...

    def encode(self, texts: Sequence[str], *, role: Role = "passage") -> Vectors: ...

    def rarities(self, words: Sequence[str]) -> Sequence[float]: ...

    def read(self, texts: Sequence[str], axes: Vectors) -> tuple[Vectors, list[Spans]]:
        """Return the vectors of `texts` as passages (texts x d), and the spans of each."""


def topics() -> list[tuple[str, str]]:
    """Return title and description of every topic."""
    lines = [line for line in _text().splitlines() if line and not line.startswith("#")]
    pairs = (line.partition(": ") for line in lines)
    return [(title, description) for title, _, description in pairs]


def digest() -> str:
    """Return the digest of the topics' text."""
    return hashlib.sha256(_text().encode()).hexdigest()


def as_phrases(titles: Sequence[str]) -> list[str]:
    """Return titles in a phrase, which a model understands better than bare words."""
    return [PHRASE.format(title) for title in titles]


def merge_with_phrases(alone: Vectors, in_phrases: Vectors) -> Vectors:
    """Return the means of titles embedded alone and in a phrase, closer to what they name."""
    return unit_rows(alone + in_phrases)


def load(encoder: TextEncoder) -> ReferenceTopics:
    """Return the vectors of the topics: the shipped ones if `encoder` made them, else new ones."""
    for name in VECTORS:
        with np.load(io.BytesIO(files(__package__).joinpath(name).read_bytes())) as shipped:
            if str(shipped["key"]) == _key(encoder):
                return _restored(shipped["titles"], shipped["texts"], shipped["axes"])
    return embed(encoder)


def embed(encoder: TextEncoder) -> ReferenceTopics:
    """Compute the vectors of the topics."""
    pairs = topics()
    titles = [title for title, _ in pairs]
    both = encoder.encode([*titles, *as_phrases(titles)], role="query")
    merged = merge_with_phrases(both[: len(titles)], both[len(titles) :])
    texts = encoder.encode([f"{title}: {about}" for title, about in pairs])
    # Rounded as the shipped ones are, so that both give the same confidences.
    axes = token_spans.principal_axes(np.concatenate([merged, texts]))
    return _restored(*(rows.astype(np.float16) for rows in (merged, texts, axes)))


def save(background: ReferenceTopics, encoder: TextEncoder, path: Path) -> None:
    np.savez_compressed(
        path,
        key=np.array(_key(encoder)),
        titles=background.titles.astype(np.float16),
        texts=background.texts.astype(np.float16),
        axes=background.axes.astype(np.float16),
    )


def _restored(titles: np.ndarray, texts: np.ndarray, axes: np.ndarray) -> ReferenceTopics:
    return ReferenceTopics(
        titles=unit_rows(np.asarray(titles, np.float32)),
        texts=unit_rows(np.asarray(texts, np.float32)),
        axes=np.asarray(axes, np.float32),
    )


def _key(encoder: TextEncoder) -> str:
    return f"{encoder.digest} {digest()} {PHRASE}"


def _text() -> str:
    return files(__package__).joinpath(TOPICS).read_text("utf-8")
