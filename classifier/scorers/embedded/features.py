"""What the features of a pair are made from (`pairs` makes them). Pure: no files, no state.

Features depend on one article, one category and the fixed reference topics alone. "Closer than
usual" is measured against the reference topics, never against other categories or articles of a
run, so a pair gets the same confidence alone and with others.

Vectors have length 1, so a dot product is a cosine. d is the number of dimensions of the model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifier.scorers.embedded import lexical, naming

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from classifier.scorers.embedded.exclusions import Trigger

    Vectors = NDArray[np.float32]
    Numbers = NDArray[np.float64]

_BEST = 3
"""How many of the best prototypes, and of the best passages, are averaged."""
SPANS = (1, 3)
"""How many of the closest spans are averaged."""


def mean_of_best(values: Vectors, n: int = _BEST) -> float:
    """Return the mean of the `n` largest values, or of all if there are fewer."""
    best = values if len(values) <= n else np.partition(values, -n)[-n:]
    return float(best.sum() / len(best))


def means_of_best(rows: Vectors, n: int = _BEST) -> Vectors:
    """Return `mean_of_best` of each row."""
    best = rows if rows.shape[1] <= n else np.partition(rows, -n, axis=1)[:, -n:]
    return np.asarray(best.sum(axis=1) / best.shape[1], np.float32)


def product(rows: Vectors, columns: Vectors) -> Vectors:
    """Return the matrix product, computed on this thread alone as the cores are busy embedding.

    The blocks are too small for the engine to share between threads: waiting for each other would
    double the total time.
    """
    size = max(_UNSHARED // columns.size, 1)
    blocks = -(-len(rows) // size)
    padded = np.zeros((blocks * size, rows.shape[1]), np.float32)
    padded[: len(rows)] = rows
    result = padded.reshape(blocks, size, rows.shape[1]) @ columns
    return np.asarray(result.reshape(blocks * size, columns.shape[1])[: len(rows)], np.float32)


_UNSHARED = 1 << 18
"""Multiplications in a matrix product that OpenBLAS, numpy's usual engine, keeps on one thread."""


def closest_spans(closeness: Vectors) -> list[Vectors]:
    """Return, for each number in `SPANS`, the mean of that many closest spans of each column.

    Args:
        closeness: Spans x prototypes or topics.
    """
    most = SPANS[-1]
    if len(closeness) > most:
        closeness = np.partition(closeness, -most, axis=0)[-most:]
    best = np.sort(closeness, axis=0)
    return [best[-n:].mean(axis=0) for n in SPANS]


def unit_vector(vector: Vectors) -> Vectors:
    length = math.sqrt(vector.dot(vector))
    return np.asarray(vector / max(length, 1e-12), np.float32)


def unit_rows(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


DEFAULT_SPREAD = 0.082
"""Standard deviation of the default model's cosines of reference texts with titles of others."""

# --- what is compared ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceTopics:
    """Vectors of about 300 general topics that closeness is compared with."""

    titles: Vectors
    """Vectors of the titles: topics x d."""
    texts: Vectors
    """Vectors of `Title: description`: topics x d, in the same order."""
    axes: Vectors
    """Directions in which spans are compared: d x `token_spans.DIMENSIONS`."""

    @property
    def spread(self) -> float:
        """How much cosines of unlike texts vary, in tenths of what they do with the default model.

        Models differ: those of e5 are all between 0.7 and 0.9.
        """
        cosines = self.texts @ self.titles.T
        unlike = cosines[~np.eye(len(cosines), dtype=bool)]
        return max(round(float(unlike.std()) / DEFAULT_SPREAD, 1), 0.1)

    def along(self, vectors: Vectors) -> Vectors:
        """Return vectors projected onto the axes, as rows of length 1."""
        return unit_rows(vectors @ self.axes)


class Whitening:
    """Removes from vectors what nearly all texts share, so that differences count.

    Mean removal and soft whitening with the reference topics' covariance, shrunk towards a sphere
    (as in Mu & Viswanath 2018, "All-but-the-Top", and Su et al. 2021, "Whitening sentence
    representations").
    """

    def __init__(self, background: ReferenceTopics, *, shrinkage: float = 0.5) -> None:
        rows = np.concatenate([background.titles, background.texts])
        self._mean = rows.mean(axis=0)
        centred = (rows - self._mean).astype(np.float64)
        covariance = centred.T @ centred / len(rows)
        sphere = np.trace(covariance) / len(covariance)
        mixed = (1 - shrinkage) * covariance + shrinkage * sphere * np.eye(len(covariance))
        values, axes = np.linalg.eigh(mixed)
        self._matrix = np.asarray((axes / np.sqrt(values)) @ axes.T, np.float32)

    def __call__(self, vector: Vectors) -> Vectors:
        return unit_vector((vector - self._mean) @ self._matrix)

    @property
    def dimensions(self) -> int:
        return len(self._mean)


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedName:
    """A title or alias of a category."""

    vector: Vectors
    white: Vectors
    """The whitened vector."""
    profile: Vectors
    """Closeness to each reference topic, centred and of length 1."""
    baseline: tuple[float, float]
    """Mean and standard deviation of its closeness to the reference texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedCategory:
    """A category, encoded to be compared with articles."""

    spread: float
    """`ReferenceTopics.spread`: what a difference of cosines is worth."""
    encoded_names: tuple[EncodedName, ...]
    """Title and aliases; an article is compared with the one closest to it."""
    full: Vectors
    """Vector of title and description; of the title if there is no description."""
    prototypes: Vectors
    """Vectors of title, aliases, description and key topics: prototypes x d."""
    exclusions: Vectors
    """Vectors of `triggers`: triggers x d."""
    exclusion_baselines: Vectors
    """Mean and standard deviation of their closeness to the reference texts: triggers x 2."""
    prototype_baselines: Vectors
    """Mean and standard deviation of each prototype's closeness to the reference texts."""
    along: Vectors
    """The prototypes projected onto the axes of the spans."""
    white_full: Vectors
    """`full`, whitened."""
    profile_full: Vectors
    """The profile of `full`."""
    full_baseline: tuple[float, float]
    """Mean and standard deviation of the closeness of `full` to the reference texts."""
    best_prototypes_baseline: tuple[float, float]
    """Mean and standard deviation of the closeness of the best prototypes to the reference
    texts."""
    crowd: float
    """Mean closeness of the best prototypes to the nearest reference texts."""
    neighbourhood: Mapping[str, float]
    """Features of the category alone: how general it is, and how many topics are near."""
    described: bool
    """Whether it has a description or scope."""
    labels: tuple[str, ...]
    """The name of each prototype in the reasoning."""
    names: tuple[naming.Name, ...]
    """Names that count as mentions."""
    name_words: tuple[Mapping[str, float], ...]
    """Weighted stems of the title and of each alias."""
    triggers: tuple[Trigger, ...]
    """What can be weighed of the exclusion rules."""
    words: Mapping[str, float]
    """Weighted stems of description and key topics; of the title if there are none."""
    all_words: Mapping[str, float]
    """Weighted stems of title, description and key topics."""
    topic_words: tuple[Mapping[str, float], ...]
    """Weighted stems of each key topic."""


@dataclass(frozen=True, slots=True)
class SpanBaselines:
    """Mean and standard deviation, over the reference topics, of an article's closest spans.

    One pair for each number in `SPANS`.
    """

    titles: tuple[tuple[float, float], ...]
    texts: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, spans: Vectors, titles: Vectors, texts: Vectors) -> SpanBaselines:
        both = (
            tuple(mean_and_deviation(row) for row in closest_spans(product(spans, rows.T)))
            for rows in (titles, texts)
        )
        return cls(*both)


class NeighbourRanks:
    """Ranks closeness to an article among its closeness to the reference topics."""

    def __init__(self, closeness: Vectors) -> None:
        self.baseline = mean_and_deviation(closeness)
        self.best = mean_of_best(closeness)
        self.order = np.argsort(-closeness, kind="stable")
        """Indices of the topics, the closest first."""
        self._ascending = closeness[self.order[::-1]]

    def closer(self, closeness: Numbers) -> NDArray[np.intp]:
        """Return how many topics are closer than each closeness."""
        return len(self._ascending) - self._ascending.searchsorted(closeness, side="right")

    def ranks(self, closeness: Numbers) -> Numbers:
        """Return the log-scaled rank of each: 0 if no topic is closer, 1 if all are."""
        ranks = np.log1p(self.closer(closeness)) / math.log1p(len(self._ascending))
        return np.asarray(ranks)


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedArticle:
    """An article, encoded to be compared with categories."""

    title: Vectors
    """Vector of the title, else of the first passage."""
    titled: bool
    """Whether the article has a title."""
    document: Vectors
    """Weighted mean of passages and title."""
    passages: Vectors
    """Those that are read: passages x d."""
    unread: int
    """Number of passages that are not."""
    spans: Vectors
    """Spans of a few words, at least one: spans x `token_spans.DIMENSIONS`."""
    span_baselines: SpanBaselines
    white: Vectors
    """`document`, whitened."""
    profile: Vectors
    """Closeness to each reference topic, centred and of length 1."""
    titles: NeighbourRanks
    """Ranks among the titles of the reference topics."""
    texts: NeighbourRanks
    """Ranks among the texts of the reference topics."""
    title_text: lexical.Text
    headings_text: lexical.Text
    body_text: lexical.Text
    title_words: Mapping[str, float]
    """Weighted stems of the title."""

    @property
    def share(self) -> float:
        """Share (0-1) of the passages that are read."""
        return len(self.passages) / (len(self.passages) + self.unread)


def profile(closeness: Vectors) -> Vectors:
    """Return closeness to the reference topics, centred and of length 1."""
    return unit_vector(closeness - closeness.mean())


def best_rows(passages: Vectors, category: EncodedCategory, n: int) -> list[int]:
    """Return the indices of the `n` passages that are closest to any prototype."""
    best = (passages @ category.prototypes.T).max(axis=1)
    return [int(i) for i in np.argsort(-best, kind="stable")[:n]]


CLOSE_Z = 2.5
"""Z-score from which a passage counts as being about a prototype."""


# --- their names ----------------------------------------------------------------------------------

_BY_WORDS = ("name_coverage", "mentions", "mention_density", "mention_title", "words_overlap")
_BY_MEANING = ("z_title_topics", "z_full_topics", "z_full_texts", "white_title", "profile_title")

NEGATIVE_FEATURES = frozenset({"rank_title", "rank_full"})
"""Features that speak for a pair when they are small."""
CONTEXT_FEATURES = frozenset(
    {
        *("article_length", "titled", "described", "prototypes", "name_length", "name_joined"),
        *(
            f"{what}_{of}_{among}"
            for what in ("general", "crowd")
            for of in ("title", "full")
            for among in ("topics", "texts")
        ),
    }
)
"""Features that speak neither for nor against a pair, but weigh the others.

All others speak for a pair when they are large.
"""


def interactions(values: Mapping[str, Numbers]) -> dict[str, Numbers]:
    """Return products of word and vector features: agreement is worth more than the sum."""
    positive = {name: np.maximum(values[name], 0.0) for name in (*_BY_WORDS, *_BY_MEANING)}
    return {
        f"{words} x {meaning}": positive[words] * positive[meaning]
        for words in _BY_WORDS
        for meaning in _BY_MEANING
    }


def mean_and_deviation(values: Vectors) -> tuple[float, float]:
    """Return mean and standard deviation."""
    return float(values.mean()), float(values.std())


def neighbourhood(title: Vectors, full: Vectors, known: ReferenceTopics) -> dict[str, float]:
    """Return how close a category is to all reference topics, and to the nearest, by name.

    A general category is assigned more often than a special one, and closeness says less if many
    topics are near.
    """
    numbers = {}
    for of, vector in (("title", title), ("full", full)):
        for among, rows in (("topics", known.titles), ("texts", known.texts)):
            closeness = rows @ vector
            numbers[f"general_{of}_{among}"] = float(closeness.mean())
            numbers[f"crowd_{of}_{among}"] = mean_of_best(closeness)
    return numbers
