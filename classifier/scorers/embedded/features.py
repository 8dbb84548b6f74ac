"""The numbers a confidence is made from. Pure: vectors and words in, a row of numbers out.

A row depends on one article, one category and the fixed background alone. "Closer than usual" is
therefore measured against the background's topics, never against the other categories or articles
of a run, so that a pair gets the same confidence alone and in company.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifier.scorers.embedded import lexical

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

_BEST = 3
"""Prototypes, and passages, of which the mean is taken."""
SPANS = (1, 3)
"""How many of the closest spans are taken."""


def mean_of_best(values: Vectors, n: int = _BEST) -> float:
    """Return the mean of the `n` largest values (of all where there are fewer)."""
    best = values if len(values) <= n else np.partition(values, -n)[-n:]
    return float(best.sum() / len(best))


def means_of_best(rows: Vectors, n: int = _BEST) -> Vectors:
    """Return the same for every row."""
    best = rows if rows.shape[1] <= n else np.partition(rows, -n, axis=1)[:, -n:]
    return np.asarray(best.sum(axis=1) / best.shape[1], np.float32)


def product(rows: Vectors, columns: Vectors) -> Vectors:
    """Return the matrix product, made on this thread alone: the cores are busy embedding.

    In blocks that are too small to be shared between threads, whose waiting for the next product
    would double the time it all takes.
    """
    size = max(_UNSHARED // columns.size, 1)
    blocks = -(-len(rows) // size)
    padded = np.zeros((blocks * size, rows.shape[1]), np.float32)
    padded[: len(rows)] = rows
    found = padded.reshape(blocks, size, rows.shape[1]) @ columns
    return np.asarray(found.reshape(blocks * size, columns.shape[1])[: len(rows)], np.float32)


_UNSHARED = 1 << 18
"""Multiplications in a matrix product that OpenBLAS, numpy's usual engine, keeps on one thread."""


def closest_spans(closeness: Vectors) -> list[Vectors]:
    """Return the mean of the closest spans (rows) for each column, by how many, as `SPANS`."""
    most = SPANS[-1]
    if len(closeness) > most:
        closeness = np.partition(closeness, -most, axis=0)[-most:]
    best = np.sort(closeness, axis=0)
    return [best[-n:].mean(axis=0) for n in SPANS]


def unit_vector(vector: Vectors) -> Vectors:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), np.float32)


def unit_rows(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


# --- what is compared ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceTopics:
    """Topics from everywhere, as categories (title, description) and as texts."""

    titles: Vectors
    texts: Vectors
    """Vectors of `Title: description`, row by row as `titles`."""
    axes: Vectors
    """Directions, as columns, in which spans are compared with anything else."""

    def along(self, vectors: Vectors) -> Vectors:
        """Return `vectors` as spans are: rows of length 1 along the axes."""
        return unit_rows(vectors @ self.axes)


class Whitening:
    """Takes out of the vectors what nearly all texts share, so that differences count.

    Mean removal and soft whitening with the background's covariance, shrunk half way to a sphere
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


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedName:
    """A title or alias, ready to be compared."""

    vector: Vectors
    white: Vectors
    profile: Vectors
    """How it stands to each background topic, standardised."""
    baseline: tuple[float, float]
    """Mean and deviation of its closeness to the background's texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedCategory:
    """A category, ready to be compared."""

    encoded_names: tuple[EncodedName, ...]
    """Its title and aliases; an article is compared with the one that is closest to it."""
    full: Vectors
    """Title and description together; the title again where there is no description."""
    prototypes: Vectors
    """Title, description and every key topic, each a row."""
    exclusions: Vectors
    """A row per exclusion rule; none where there are no rules."""
    exclusion_baselines: Vectors
    """Mean and deviation of each rule's closeness to the background's texts, a row each."""
    prototype_baselines: Vectors
    """Mean and deviation of each prototype's closeness to the background's texts, a row each."""
    along: Vectors
    """The prototypes as spans are compared with them."""
    white_full: Vectors
    profile_full: Vectors
    full_baseline: tuple[float, float]
    best_prototypes_baseline: tuple[float, float]
    """The same for the mean of its best prototypes."""
    crowd: float
    """And how close the nearest of the background's texts are."""
    neighbourhood: Mapping[str, float]
    """How general it is and how crowded its neighbourhood: numbers of the category alone."""
    described: bool
    labels: tuple[str, ...]
    """What each prototype is called, to be read by people."""
    names: tuple[lexical.Name, ...]
    name_words: tuple[Mapping[str, float], ...]
    """Of its title and of each alias."""
    rules: tuple[int, ...]
    """Which of its exclusions can fire."""
    words: Mapping[str, float]
    """Of the description and the key topics; of the title where there are none."""
    all_words: Mapping[str, float]
    topic_words: tuple[Mapping[str, float], ...]


@dataclass(frozen=True, slots=True)
class SpanBaselines:
    """Mean and deviation, over the background's topics, of how close an article's spans come.

    By how many of the closest spans are taken, as `SPANS`.
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
    """How close an article is to every background topic."""

    def __init__(self, closeness: Vectors) -> None:
        self.baseline = mean_and_deviation(closeness)
        self.best = mean_of_best(closeness)
        self.order = np.argsort(-closeness, kind="stable")
        """Topics, the closest first."""
        self._ascending = closeness[self.order[::-1]]

    def closer(self, closeness: float) -> int:
        """Return how many topics are closer than something that is as close as this."""
        return len(self._ascending) - int(self._ascending.searchsorted(closeness, side="right"))

    def rank(self, closeness: float) -> float:
        """Return 0 where no topic is closer, 1 where all are, on a logarithmic scale."""
        return math.log1p(self.closer(closeness)) / math.log1p(len(self._ascending))


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedArticle:
    """An article, ready to be compared."""

    title: Vectors
    """The article's title, else its first passage."""
    titled: bool
    document: Vectors
    """All passages and the title together."""
    passages: Vectors
    spans: Vectors
    """Of a few words each; never none."""
    span_baselines: SpanBaselines
    white: Vectors
    profile: Vectors
    titles: NeighbourRanks
    """Among the titles of the background's topics."""
    texts: NeighbourRanks
    title_text: lexical.Text
    headings_text: lexical.Text
    body_text: lexical.Text
    title_words: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """An article beside a category: what both the numbers and the explanation are made from."""

    article: EncodedArticle
    category: EncodedCategory
    name: EncodedName
    """The name of the category that is closest to the article."""
    name_closeness: float
    closeness: Vectors
    """Closeness of each passage (rows) to each prototype (columns)."""
    z_scores: Vectors
    """How unusually close that is: in deviations from what is usual for that prototype and the
    background's texts."""
    mentions: lexical.Mentions

    @classmethod
    def of(cls, article: EncodedArticle, category: EncodedCategory) -> Pair:
        names = [(float(article.document @ name.vector), name) for name in category.encoded_names]
        name_closeness, name = max(names, key=lambda pair: pair[0])
        closeness = article.passages @ category.prototypes.T
        mean, deviation = category.prototype_baselines.T
        return cls(
            article=article,
            category=category,
            name=name,
            name_closeness=name_closeness,
            closeness=closeness,
            z_scores=np.asarray((closeness - mean) / np.maximum(deviation, 1e-3), np.float32),
            mentions=lexical.mentions(
                category.names,
                title=article.title_text,
                headings=article.headings_text,
                body=article.body_text,
            ),
        )


def profile(closeness: Vectors) -> Vectors:
    """Return the closeness to all background topics, centred and of length 1."""
    return unit_vector(closeness - closeness.mean())


def best_rows(passages: Vectors, category: EncodedCategory, n: int) -> list[int]:
    """Return the indices of the `n` passages that are closest to any prototype."""
    best = (passages @ category.prototypes.T).max(axis=1)
    return [int(i) for i in np.argsort(-best, kind="stable")[:n]]


CLOSE_Z = 2.5
"""The standing from which a passage counts as being about a prototype."""


# --- the row -------------------------------------------------------------------------------------


def compute_features(article: EncodedArticle, category: EncodedCategory) -> dict[str, float]:
    return pair_features(Pair.of(article, category))


def pair_features(pair: Pair) -> dict[str, float]:
    """Return the features of one pair by name; each stays small and is never infinite."""
    found = {
        **_closeness(pair),
        **_unusual(pair),
        **_depth(pair),
        **_spans(pair),
        **_words(pair),
        **_shape(pair),
    }
    return {**found, **_together(found)}


_BY_WORDS = ("name_coverage", "mentions", "mention_density", "mention_title", "words_overlap")
_BY_MEANING = ("z_title_topics", "z_full_topics", "z_full_texts", "white_title", "profile_title")

NEGATIVE_FEATURES = frozenset({"rank_title", "rank_full"})
"""Features that can only speak for a pair when they are small."""
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
"""Features that speak neither for nor against a pair, but say what the others are worth.

All the rest can only speak for a pair when they are large.
"""


def _together(values: Mapping[str, float]) -> dict[str, float]:
    """Words and meaning that agree are worth more than their sum."""
    return {
        f"{words} x {meaning}": max(values[words], 0.0) * max(values[meaning], 0.0)
        for words in _BY_WORDS
        for meaning in _BY_MEANING
    }


def _closeness(pair: Pair) -> dict[str, float]:
    article, category, name = pair.article, pair.category, pair.name
    best = means_of_best(pair.closeness)
    return {
        "title_cos": pair.name_closeness,
        "full_cos": float(article.document @ category.full),
        "passages_max": float(best.max()),
        "passages_best": mean_of_best(best),
        "headline_title": float(article.title @ name.vector),
        "headline_best": mean_of_best(category.prototypes @ article.title),
        "white_title": float(article.white @ name.white),
        "white_full": float(article.white @ category.white_full),
        "profile_title": float(article.profile @ name.profile),
        "profile_full": float(article.profile @ category.profile_full),
    }


def _depth(pair: Pair) -> dict[str, float]:
    article, category = pair.article, pair.category
    best = pair.z_scores.max(axis=1)
    whole = pair.z_scores.sum(axis=0) / len(pair.z_scores)
    together = mean_of_best(category.prototypes @ article.document)
    values = {
        "depth": float((best >= CLOSE_Z).sum() / len(best)),
        "standing_best": mean_of_best(best),
        "standing_whole": mean_of_best(whole),
        "lead_prototypes": together - article.texts.best,
        "z_prototypes": _z(together, category.best_prototypes_baseline),
        "lead_crowd": together - category.crowd,
    }
    # Only key topics and aliases make these say more than title and description do above.
    richness = math.log(max(len(category.prototypes), 2) / 2)
    return {f"{name} x richness": value * richness for name, value in values.items()}


def _spans(pair: Pair) -> dict[str, float]:
    article, category = pair.article, pair.category
    baseline, names = article.span_baselines, len(category.encoded_names)
    values = {}
    for i, best in enumerate(closest_spans(product(article.spans, category.along.T))):
        values[f"z_name_spans_{SPANS[i]}"] = _z(float(best[:names].max()), baseline.titles[i])
        values[f"z_best_spans_{SPANS[i]}"] = _z(float(best.max()), baseline.texts[i])
    return values


def _unusual(pair: Pair) -> dict[str, float]:
    article, category = pair.article, pair.category
    full_cos = float(article.document @ category.full)
    others = article.texts if category.described else article.titles
    return {
        "z_title_topics": _z(pair.name_closeness, article.titles.baseline),
        "z_full_topics": _z(full_cos, others.baseline),
        "z_title_texts": _z(pair.name_closeness, pair.name.baseline),
        "z_full_texts": _z(full_cos, category.full_baseline),
        "rank_title": article.titles.rank(pair.name_closeness),
        "rank_full": others.rank(full_cos),
        "lead_title": pair.name_closeness - article.titles.best,
        "lead_full": full_cos - others.best,
    }


def mean_and_deviation(values: Vectors) -> tuple[float, float]:
    """Return mean and deviation."""
    return float(values.mean()), float(values.std())


def _z(value: float, baseline: tuple[float, float]) -> float:
    mean, deviation = baseline
    return (value - mean) / max(deviation, 1e-3)


def _words(pair: Pair) -> dict[str, float]:
    article, category, found = pair.article, pair.category, pair.mentions
    title, body = article.title_text, article.body_text
    names = category.name_words
    topics = [lexical.coverage(words, title, body) for words in category.topic_words]
    return {
        "mentions": min(math.log1p(found.body), 4.0),
        "mention_density": lexical.density(found.body, len(body)),
        "mentioned": float(found.body > 0),
        "mention_early": 1.0 - found.first,
        "mention_title": float(found.title > 0),
        "mention_heading": float(found.headings > 0),
        "name_coverage": max(lexical.coverage(n, title, body) for n in names),
        "name_in_headline": max(lexical.coverage(n, title) for n in names),
        "name_overlap": max(lexical.overlap(n, body) for n in names),
        "words_overlap": lexical.overlap(category.words, body),
        "words_in_headline": lexical.shared(article.title_words, category.all_words),
        "topic_coverage": max(topics, default=0.0),
    }


def _shape(pair: Pair) -> dict[str, float]:
    article, category = pair.article, pair.category
    return {
        "article_length": math.log1p(len(article.body_text)),
        "titled": float(article.titled),
        "described": float(category.described),
        "prototypes": math.log1p(len(category.prototypes)),
        "name_length": math.log1p(len(category.name_words[0])),
        **category.neighbourhood,
    }


def neighbourhood(title: Vectors, full: Vectors, known: ReferenceTopics) -> dict[str, float]:
    """Say how close a category is to the background's topics: to all of them, and to the nearest.

    A general category is assigned more often than a special one, and a closeness says less where
    many topics are near.
    """
    found = {}
    for of, vector in (("title", title), ("full", full)):
        for among, rows in (("topics", known.titles), ("texts", known.texts)):
            closeness = rows @ vector
            found[f"general_{of}_{among}"] = float(closeness.mean())
            found[f"crowd_{of}_{among}"] = mean_of_best(closeness)
    return found
