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

from classifier.scorers import lexical

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

_BEST = 3
"""Prototypes, and passages, of which the mean is taken."""


def mean_of_best(values: Vectors, n: int = _BEST) -> float:
    """Return the mean of the `n` largest values (of all where there are fewer)."""
    if len(values) <= n:
        return float(values.mean())
    return float(np.partition(values, -n)[-n:].mean())


def unit(vector: Vectors) -> Vectors:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), np.float32)


def unit_rows(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


# --- what is compared ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """Topics from everywhere, as categories (title, description) and as texts."""

    titles: Vectors
    texts: Vectors
    """Vectors of `Title: description`, row by row as `titles`."""


class Whitening:
    """Takes out of the vectors what nearly all texts share, so that differences count.

    Mean removal and soft whitening with the background's covariance, shrunk half way to a sphere
    (as in Mu & Viswanath 2018, "All-but-the-Top", and Su et al. 2021, "Whitening sentence
    representations").
    """

    def __init__(self, background: Background, *, shrinkage: float = 0.5) -> None:
        rows = np.concatenate([background.titles, background.texts])
        self._mean = rows.mean(axis=0)
        centred = (rows - self._mean).astype(np.float64)
        covariance = centred.T @ centred / len(rows)
        sphere = np.trace(covariance) / len(covariance)
        mixed = (1 - shrinkage) * covariance + shrinkage * sphere * np.eye(len(covariance))
        values, axes = np.linalg.eigh(mixed)
        self._matrix = np.asarray((axes / np.sqrt(values)) @ axes.T, np.float32)

    def __call__(self, vector: Vectors) -> Vectors:
        return unit((vector - self._mean) @ self._matrix)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameView:
    """A title or alias, ready to be compared."""

    vector: Vectors
    white: Vectors
    profile: Vectors
    """How it stands to each background topic, standardised."""
    usual: tuple[float, float]
    """Mean and deviation of its closeness to the background's texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryView:
    """A category, ready to be compared."""

    called: tuple[NameView, ...]
    """Its title and aliases; an article is compared with the one that is closest to it."""
    full: Vectors
    """Title and description together; the title again where there is no description."""
    prototypes: Vectors
    """Title, description and every key topic, each a row."""
    exclusions: Vectors
    """A row per exclusion rule; none where there are no rules."""
    usual_exclusions: Vectors
    """Mean and deviation of each rule's closeness to the background's texts, a row each."""
    usual_prototypes: Vectors
    """Mean and deviation of each prototype's closeness to the background's texts, a row each."""
    white_full: Vectors
    profile_full: Vectors
    usual_full: tuple[float, float]
    usual_together: tuple[float, float]
    """The same for the mean of its best prototypes."""
    crowd: float
    """And how close the nearest of the background's texts are."""
    described: bool
    labels: tuple[str, ...]
    """What each prototype is called, to be read by people."""
    names: tuple[lexical.Name, ...]
    name_words: tuple[Mapping[str, float], ...]
    """Of its title and of each alias."""
    words: Mapping[str, float]
    """Of the description and the key topics; of the title where there are none."""
    all_words: Mapping[str, float]
    topic_words: tuple[Mapping[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleView:
    """An article, ready to be compared."""

    title: Vectors
    """The article's title, else its first passage."""
    titled: bool
    document: Vectors
    """All passages and the title together."""
    passages: Vectors
    white: Vectors
    profile: Vectors
    closeness_titles: Vectors
    """To each background topic's title."""
    closeness_texts: Vectors
    title_text: lexical.Text
    headings_text: lexical.Text
    body_text: lexical.Text
    title_words: Mapping[str, float]


def nearest_name(article: ArticleView, category: CategoryView) -> NameView:
    return max(category.called, key=lambda name: float(article.document @ name.vector))


def profile(closeness: Vectors) -> Vectors:
    """Return the closeness to all background topics, centred and of length 1."""
    return unit(closeness - closeness.mean())


def standing(article: ArticleView, category: CategoryView) -> Vectors:
    """Return how unusually close each passage (rows) is to each prototype (columns).

    In deviations from what is usual for that prototype and the background's texts.
    """
    mean, deviation = category.usual_prototypes.T
    by_passage = article.passages @ category.prototypes.T
    return np.asarray((by_passage - mean) / np.maximum(deviation, 1e-3), np.float32)


def best_rows(passages: Vectors, category: CategoryView, n: int) -> list[int]:
    """Return the indices of the `n` passages that are closest to any prototype."""
    best = (passages @ category.prototypes.T).max(axis=1)
    return [int(i) for i in np.argsort(-best, kind="stable")[:n]]


CLOSE = 2.5
"""The standing from which a passage counts as being about a prototype."""


# --- the row -------------------------------------------------------------------------------------


def row(article: ArticleView, category: CategoryView) -> dict[str, float]:
    """Return the features of one pair by name; each stays small and is never infinite."""
    name = nearest_name(article, category)
    numbers = {
        **_closeness(article, category, name),
        **_unusual(article, category, name),
        **_depth(article, category),
        **_words(article, category),
        **_shape(article, category),
    }
    return {**numbers, **_together(numbers)}


_BY_WORDS = ("name_coverage", "mentions", "mention_density", "mention_title", "words_overlap")
_BY_MEANING = ("z_title_topics", "z_full_topics", "z_full_texts", "white_title", "profile_title")

LESS_IS_MORE = frozenset({"rank_title", "rank_full"})
"""Features that can only speak for a pair when they are small."""
NEITHER = frozenset({"article_length", "titled", "described", "prototypes", "name_length"})
"""Features that speak neither for nor against a pair, but say what the others are worth.

All the rest can only speak for a pair when they are large.
"""


def _together(numbers: Mapping[str, float]) -> dict[str, float]:
    """Words and meaning that agree are worth more than their sum."""
    return {
        f"{words} x {meaning}": max(numbers[words], 0.0) * max(numbers[meaning], 0.0)
        for words in _BY_WORDS
        for meaning in _BY_MEANING
    }


def _closeness(article: ArticleView, category: CategoryView, name: NameView) -> dict[str, float]:
    by_passage = article.passages @ category.prototypes.T
    best = np.array([mean_of_best(line) for line in by_passage], np.float32)
    return {
        "title_cos": float(article.document @ name.vector),
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


def _depth(article: ArticleView, category: CategoryView) -> dict[str, float]:
    by_prototype = standing(article, category)
    best = by_prototype.max(axis=1)
    whole = by_prototype.mean(axis=0)
    together = mean_of_best(category.prototypes @ article.document)
    numbers = {
        "depth": float((best >= CLOSE).mean()),
        "standing_best": mean_of_best(best),
        "standing_whole": mean_of_best(whole),
        "lead_prototypes": together - mean_of_best(article.closeness_texts),
        "z_prototypes": _z(together, category.usual_together),
        "lead_crowd": together - category.crowd,
    }
    # Only key topics and aliases make these say more than title and description do above.
    richness = math.log(max(len(category.prototypes), 2) / 2)
    return {f"{name} x richness": value * richness for name, value in numbers.items()}


def _unusual(article: ArticleView, category: CategoryView, name: NameView) -> dict[str, float]:
    title_cos = float(article.document @ name.vector)
    full_cos = float(article.document @ category.full)
    others = article.closeness_texts if category.described else article.closeness_titles
    return {
        "z_title_topics": _z(title_cos, _moments(article.closeness_titles)),
        "z_full_topics": _z(full_cos, _moments(others)),
        "z_title_texts": _z(title_cos, name.usual),
        "z_full_texts": _z(full_cos, category.usual_full),
        "rank_title": _rank(title_cos, article.closeness_titles),
        "rank_full": _rank(full_cos, others),
        "lead_title": title_cos - mean_of_best(article.closeness_titles),
        "lead_full": full_cos - mean_of_best(others),
    }


def _moments(values: Vectors) -> tuple[float, float]:
    return float(values.mean()), float(values.std())


def _z(value: float, usual: tuple[float, float]) -> float:
    mean, deviation = usual
    return (value - mean) / max(deviation, 1e-3)


def _rank(value: float, others: Vectors) -> float:
    """Return 0 where no background topic is closer, 1 where all are, on a logarithmic scale."""
    closer = int((others > value).sum())
    return math.log1p(closer) / math.log1p(len(others))


def _words(article: ArticleView, category: CategoryView) -> dict[str, float]:
    title, headings, body = article.title_text, article.headings_text, article.body_text
    found = lexical.mentions(category.names, title=title, headings=headings, body=body)
    called = category.name_words
    topics = [lexical.coverage(words, title, body) for words in category.topic_words]
    return {
        "mentions": min(math.log1p(found.body), 4.0),
        "mention_density": lexical.density(found.body, len(body)),
        "mentioned": float(found.body > 0),
        "mention_early": 1.0 - found.first,
        "mention_title": float(found.title > 0),
        "mention_heading": float(found.headings > 0),
        "name_coverage": max(lexical.coverage(n, title, body) for n in called),
        "name_in_headline": max(lexical.coverage(n, title) for n in called),
        "name_overlap": max(lexical.overlap(n, body) for n in called),
        "words_overlap": lexical.overlap(category.words, body),
        "words_in_headline": lexical.shared(article.title_words, category.all_words),
        "topic_coverage": max(topics, default=0.0),
    }


def _shape(article: ArticleView, category: CategoryView) -> dict[str, float]:
    return {
        "article_length": math.log1p(len(article.body_text)),
        "titled": float(article.titled),
        "described": float(category.described),
        "prototypes": math.log1p(len(category.prototypes)),
        "name_length": math.log1p(len(category.name_words[0])),
    }
