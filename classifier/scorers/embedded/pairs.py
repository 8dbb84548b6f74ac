"""An article beside many categories at once: what is compared, and the features of each pair.

A pair's features depend on its article and its category alone; categories stand side by side only
because one product of matrices is much cheaper than many small ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from classifier.scorers.embedded import lexical, naming
from classifier.scorers.embedded.features import (
    CLOSE_Z,
    SPANS,
    EncodedArticle,
    EncodedCategory,
    closest_spans,
    interactions,
    product,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from classifier.scorers.embedded.features import Vectors

    Numbers = NDArray[np.float64]
    Columns = dict[str, Numbers]
    """Numbers by name: one for each category."""

_BEST = 3


class CategoryTable:
    """Encoded categories side by side. Has no state that changes."""

    def __init__(self, categories: Sequence[EncodedCategory]) -> None:
        """Take at least one category."""
        self.categories = tuple(categories)
        names = [name for c in categories for name in c.encoded_names]
        self.names = np.stack([name.vector for name in names])
        self.white_names = np.stack([name.white for name in names])
        self.profile_names = np.stack([name.profile for name in names])
        self.name_baselines = np.array([name.baseline for name in names])
        self.name_starts = _starts([len(c.encoded_names) for c in categories])
        self.full = np.stack([c.full for c in categories])
        self.white_full = np.stack([c.white_full for c in categories])
        self.profile_full = np.stack([c.profile_full for c in categories])
        self.full_baselines = np.array([c.full_baseline for c in categories])
        self.prototypes = np.concatenate([c.prototypes for c in categories])
        self.along = np.concatenate([c.along for c in categories])
        self.starts = _starts([len(c.prototypes) for c in categories])
        baselines = np.concatenate([c.prototype_baselines for c in categories])
        self.means, self.deviations = baselines[:, 0], np.maximum(baselines[:, 1], 1e-3)
        self.best_prototypes = np.array([c.best_prototypes_baseline for c in categories])
        self.crowd = np.array([c.crowd for c in categories])
        self.described = np.array([c.described for c in categories])
        self.groups = _groups([len(c.prototypes) for c in categories], self.starts)
        self.name_columns = np.array(
            [i for c, start in zip(categories, self.starts, strict=True) for i in _first(c, start)]
        )
        self.mention_starts = [naming.starts(c.names) for c in categories]
        self.own = _own(categories)
        self.words = _Words(categories)

    def __len__(self) -> int:
        return len(self.categories)

    def by_category(
        self, values: Vectors, reduce: Callable[[NDArray[Any]], NDArray[Any]]
    ) -> Numbers:
        """Reduce what is known of each prototype (... x prototypes) to each category.

        Args:
            values: One row for all prototypes, or one row of them for each passage.
            reduce: Takes an array whose last axis is the prototypes of one category.
        """
        made = np.empty((*values.shape[:-1], len(self)))
        for rows, columns in self.groups:
            made[..., rows] = reduce(values[..., columns])
        return made


def _starts(counts: Sequence[int]) -> NDArray[np.intp]:
    return np.cumsum([0, *counts[:-1]])


def _groups(
    counts: Sequence[int], starts: NDArray[np.intp]
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Return the categories that have as many prototypes, and the columns of each."""
    many = np.array(counts)
    return [
        (rows := np.flatnonzero(many == count), starts[rows][:, None] + np.arange(count))
        for count in sorted(set(counts))  # np.unique would import numpy.ma
    ]


def _first(category: EncodedCategory, start: int) -> range:
    """Return the columns of a category's names: they are its first prototypes."""
    return range(start, start + len(category.encoded_names))


def _own(categories: Sequence[EncodedCategory]) -> Columns:
    """Return the features of the categories themselves."""
    sizes = [len(c.prototypes) for c in categories]
    return {
        "described": np.array([float(c.described) for c in categories]),
        "prototypes": np.log1p(sizes),
        "name_length": np.log1p([len(c.name_words[0]) for c in categories]),
        # Without key topics or aliases, depth says no more than title and description do.
        "richness": np.log(np.maximum(sizes, 2) / 2),
        **{
            name: np.array([c.neighbourhood[name] for c in categories])
            for name in categories[0].neighbourhood
        },
    }


# --- words ---------------------------------------------------------------------------------------


class _Bags:
    """Weighted stems of several texts, and which category each text belongs to."""

    def __init__(
        self, bags: Sequence[Sequence[Mapping[str, float]]], index: Mapping[str, int]
    ) -> None:
        flat = [bag for of_category in bags for bag in of_category]
        self.category = np.array([i for i, some in enumerate(bags) for _ in some], np.intp)
        self.bag = np.array([i for i, bag in enumerate(flat) for _ in bag], np.intp)
        self.stem = np.array([index[s] for bag in flat for s in bag], np.intp)
        self.weight = np.array([w for bag in flat for w in bag.values()])
        self.total = np.array([sum(bag.values()) for bag in flat])
        self.categories = len(bags)

    def best(self, values: Numbers) -> Numbers:
        """Return each category's largest share (0-1, by weight) of what its stems are worth.

        Args:
            values: What each stem of the vocabulary is worth (0-1).
        """
        sums = np.bincount(self.bag, self.weight * values[self.stem], len(self.total))
        shares = np.divide(sums, self.total, out=np.zeros(len(sums)), where=self.total > 0)
        best = np.zeros(self.categories)
        np.maximum.at(best, self.category, shares)
        return best


class _Words:
    """The weighted stems of some categories."""

    def __init__(self, categories: Sequence[EncodedCategory]) -> None:
        kinds: list[list[Sequence[Mapping[str, float]]]] = [
            [c.name_words for c in categories],
            [(c.words,) for c in categories],
            [c.topic_words for c in categories],
        ]
        stems = {s: None for bags in kinds for some in bags for bag in some for s in bag}
        index = {stem: i for i, stem in enumerate(stems)}
        self._index = index
        self._names, self._words, self._topics = (_Bags(bags, index) for bags in kinds)
        self._having: dict[str, list[int]] = {}
        for i, category in enumerate(categories):
            for stem in category.all_words:
                self._having.setdefault(stem, []).append(i)
        self._count = len(categories)

    def columns(self, article: EncodedArticle) -> Columns:
        title, body = article.title_text, article.body_text
        counts, in_title = self._counts(body), np.minimum(self._counts(title), 1.0)
        anywhere = np.maximum(in_title, counts > 0)
        matched = lexical.saturated(counts, len(body))
        return {
            "name_coverage": self._names.best(anywhere),
            "name_in_headline": self._names.best(in_title),
            "name_overlap": self._names.best(matched),
            "words_overlap": self._words.best(matched),
            "words_in_headline": self._in_headline(article.title_words),
            "topic_coverage": self._topics.best(anywhere),
        }

    def _counts(self, text: lexical.Text) -> Numbers:
        """Return how often a text has each stem of the vocabulary."""
        shared = self._index.keys() & text.frequencies.keys()
        counts = np.zeros(len(self._index))
        counts[[self._index[stem] for stem in shared]] = [text.frequencies[it] for it in shared]
        return counts

    def _in_headline(self, weights: Mapping[str, float]) -> Numbers:
        shared = np.zeros(self._count)
        for stem, weight in weights.items():
            shared[self._having.get(stem, [])] += weight
        return shared / (sum(weights.values()) or 1.0)


# --- comparing -----------------------------------------------------------------------------------


class ArticleComparison:
    """An article compared with the categories of a table."""

    def __init__(self, article: EncodedArticle, table: CategoryTable) -> None:
        self.article = article
        self.table = table
        self.mentions = self._mentions()
        closeness = table.names @ article.document
        self._name = _largest(closeness, table.name_starts)
        self._name_closeness = closeness[self._name].astype(np.float64)
        self._closeness = product(article.passages, table.prototypes.T)
        self._z_scores = (self._closeness - table.means) / table.deviations
        self._best = table.by_category(self._z_scores, lambda z: z.max(axis=-1))
        self._close = self._best >= CLOSE_Z
        self._any_close: list[bool] = np.any(self._close, axis=0).tolist()
        self.closer: list[int] = article.titles.closer(self._name_closeness).tolist()
        """How many reference topics are closer to the article than each category's name."""
        most = table.by_category(self._z_scores.max(axis=0), lambda z: z.argmax(axis=-1))
        self.nearest: list[int] = most.astype(int).tolist()
        """Which prototype of each category is closest to any passage, in standard deviations above
        its mean over the reference texts."""
        self.features = self._features()
        self.named, self.alignment = self._aspects()

    def _aspects(self) -> tuple[list[float], list[float]]:
        """Return how much each category is named, and how few general topics are closer: 0-1."""
        columns = self.features
        half = 0.5 * np.minimum(columns["mentions"] / 2, 1.0)
        named = np.maximum(0.5 * columns["name_coverage"] + half, columns["mention_title"])
        rank = 1 - (columns["rank_title"] + columns["rank_full"]) / 2
        return named.tolist(), rank.tolist()

    def _mentions(self) -> list[naming.Mentions]:
        title, headings = self.article.title_text, self.article.headings_text
        body = self.article.body_text
        known = title.known | headings.known | body.known
        return [
            naming.unmentioned(category.names)
            if known.isdisjoint(starts)
            else naming.mentions(category.names, title=title, headings=headings, body=body)
            for category, starts in zip(
                self.table.categories, self.table.mention_starts, strict=True
            )
        ]

    def row(self, i: int) -> dict[str, float]:
        """Return the features of the pair with a category, by name; each is finite and small."""
        return {name: float(column[i]) for name, column in self.features.items()}

    def close(self, i: int) -> list[int]:
        """Return the closest prototype of the `i`th category for each passage close to one."""
        if not self._any_close[i]:
            return []
        close: list[int] = self._z_scores[self._close[:, i], self._columns(i)].argmax(-1).tolist()
        return close

    def closeness(self, i: int) -> Vectors:
        """Return closeness to the `i`th category: passages x prototypes."""
        return self._closeness[:, self._columns(i)]

    def _columns(self, i: int) -> slice:
        start = self.table.starts[i]
        return slice(start, start + len(self.table.categories[i].prototypes))

    def _features(self) -> Columns:
        own = dict(self.table.own)
        richness = own.pop("richness")
        depth = {f"{name} x richness": v * richness for name, v in self._depth().items()}
        columns: Columns = {
            **self._cosines(),
            **self._unusual(),
            **depth,
            **self._spans(),
            **self._words(),
            "article_length": self._same(math.log1p(len(self.article.body_text))),
            "titled": self._same(float(self.article.titled)),
            **own,
        }
        return {**columns, **interactions(columns)}

    def _same(self, value: float) -> Numbers:
        return np.full(len(self.table), value)

    def _cosines(self) -> Columns:
        article, table, name = self.article, self.table, self._name
        best = table.by_category(self._closeness, _mean_of_best)
        return {
            "title_cos": self._name_closeness,
            "full_cos": (table.full @ article.document).astype(np.float64),
            "passages_max": best.max(axis=0),
            "passages_best": _mean_of_best(best.T),
            "headline_title": (table.names @ article.title)[name].astype(np.float64),
            "headline_best": table.by_category(table.prototypes @ article.title, _mean_of_best),
            "white_title": (table.white_names @ article.white)[name].astype(np.float64),
            "white_full": (table.white_full @ article.white).astype(np.float64),
            "profile_title": (table.profile_names @ article.profile)[name].astype(np.float64),
            "profile_full": (table.profile_full @ article.profile).astype(np.float64),
        }

    def _unusual(self) -> Columns:
        article, table = self.article, self.table
        title, full = self._name_closeness, (table.full @ article.document).astype(np.float64)
        titles, texts, described = article.titles, article.texts, table.described
        return {
            "z_title_topics": _z(title, titles.baseline),
            "z_full_topics": np.where(
                described, _z(full, texts.baseline), _z(full, titles.baseline)
            ),
            "z_title_texts": _z(title, table.name_baselines[self._name].T),
            "z_full_texts": _z(full, table.full_baselines.T),
            "rank_title": titles.ranks(title),
            "rank_full": np.where(described, texts.ranks(full), titles.ranks(full)),
            "lead_title": title - titles.best,
            "lead_full": full - np.where(described, texts.best, titles.best),
        }

    def _depth(self) -> Columns:
        article, table = self.article, self.table
        best = self._best
        whole = self._z_scores.sum(axis=0) / len(self._z_scores)
        together = table.by_category(table.prototypes @ article.document, _mean_of_best)
        return {
            "depth": self._close.sum(axis=0) / len(best),
            "standing_best": _mean_of_best(best.T),
            "standing_whole": table.by_category(whole, _mean_of_best),
            "lead_prototypes": together - article.texts.best,
            "z_prototypes": _z(together, table.best_prototypes.T),
            "lead_crowd": together - table.crowd,
        }

    def _spans(self) -> Columns:
        article, table = self.article, self.table
        values = {}
        for i, best in enumerate(closest_spans(product(article.spans, table.along.T))):
            of_names = np.maximum.reduceat(best[table.name_columns], table.name_starts)
            of_all = np.maximum.reduceat(best, table.starts)
            titles, texts = article.span_baselines.titles[i], article.span_baselines.texts[i]
            values[f"z_name_spans_{SPANS[i]}"] = _z(of_names.astype(np.float64), titles)
            values[f"z_best_spans_{SPANS[i]}"] = _z(of_all.astype(np.float64), texts)
        return values

    def _words(self) -> Columns:
        length = len(self.article.body_text)
        body = np.array([m.body for m in self.mentions], np.float64)
        return {
            "mentions": np.minimum(np.log1p(body), 4.0),
            "mention_density": np.log1p(100 * body / max(length, 50)),
            "mentioned": (body > 0).astype(np.float64),
            "mention_early": np.array([1.0 - m.first for m in self.mentions]),
            "mention_title": np.array([float(m.title > 0) for m in self.mentions]),
            "mention_heading": np.array([float(m.headings > 0) for m in self.mentions]),
            **self.table.words.columns(self.article),
        }


def compute_features(article: EncodedArticle, category: EncodedCategory) -> dict[str, float]:
    """Return the features of an article and a category by name."""
    return ArticleComparison(article, CategoryTable([category])).row(0)


def _largest(values: Vectors, starts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the index of the largest value of each part, the first of several."""
    ends = [*starts[1:], len(values)]
    if len(starts) == len(values):
        return starts
    return np.array(
        [s + int(values[s:e].argmax()) for s, e in zip(starts, ends, strict=True)], np.intp
    )


def _mean_of_best(values: NDArray[Any]) -> Numbers:
    """Return the mean of the largest values along the last axis, or of all if there are fewer."""
    if values.shape[-1] > _BEST:
        values = np.partition(values, -_BEST, axis=-1)[..., -_BEST:]
    return np.asarray(values.sum(axis=-1) / values.shape[-1], np.float64)


def _z(values: Numbers, baseline: Sequence[float] | Numbers) -> Numbers:
    mean, deviation = baseline
    return np.asarray((values - mean) / np.maximum(deviation, 1e-3))
