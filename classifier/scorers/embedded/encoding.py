"""Encode articles and categories to be compared: split, embed and count words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from classifier.content import passages
from classifier.content.document import prose
from classifier.models import Article, Category, Passage
from classifier.scorers.embedded import lexical, naming, reference_topics
from classifier.scorers.embedded.exclusions import triggers
from classifier.scorers.embedded.features import (
    EncodedArticle,
    EncodedCategory,
    EncodedName,
    NeighbourRanks,
    ReferenceTopics,
    SpanBaselines,
    Whitening,
    mean_and_deviation,
    mean_of_best,
    means_of_best,
    neighbourhood,
    profile,
    unit_vector,
)
from classifier.scorers.embedded.model_files import BEGINNING
from classifier.scorers.embedded.token_spans import unit_spans

if TYPE_CHECKING:
    from classifier.scorers.embedded.features import Vectors
    from classifier.scorers.embedded.reference_topics import TextEncoder
    from classifier.scorers.embedded.token_spans import Spans

ONE_IN = 10
"""Of the passages after the beginning, one in so many is read."""
REST_AT_MOST = 50
"""The largest number of those."""


@dataclass(frozen=True, slots=True)
class ArticleTexts:
    """The texts of an article: its title and passages."""

    article: Article
    passages: tuple[Passage, ...]
    """All that it has, at least one: an article without prose is judged by its title and
    description."""
    read: tuple[Passage, ...]
    """Those that the sentence model reads."""

    @classmethod
    def of(cls, article: Article, *, beginning: int = BEGINNING) -> ArticleTexts:
        """Split an article; `beginning` is that of the model's recipe."""
        found = passages.split(prose(article))
        lead = article.description.strip()
        if lead or not found:
            found = (Passage(text=lead or article.title, start=0, end=0), *found)
        return cls(article, found, _read(found, beginning))

    @property
    def blank(self) -> bool:
        return not any(text.strip() for text in self.texts)

    @property
    def headings(self) -> str:
        return "\n".join(dict.fromkeys(p.heading for p in self.passages if p.heading))

    @property
    def texts(self) -> list[str]:
        """What is embedded: the title, then each passage that is read."""
        return [self.article.title, *(p.text for p in self.read)]


def _read(found: Sequence[Passage], beginning: int) -> tuple[Passage, ...]:
    """Return which passages the sentence model reads: depends on the article alone."""
    before = accumulate((len(passage.text) for passage in found), initial=0)
    first = sum(1 for characters, _ in zip(before, found, strict=False) if characters < beginning)
    step = max(ONE_IN, ceil((len(found) - first) / REST_AT_MOST))
    return (*found[:first], *found[first:][step - 1 :: step])


class FeatureEncoder:
    """Encodes with one model and its reference topics. Has no state that changes."""

    def __init__(self, encoder: TextEncoder, known: ReferenceTopics) -> None:
        self._encoder = encoder
        self._background = known
        self._spread = known.spread
        self._white = Whitening(known)
        self._along = known.along(known.titles), known.along(known.texts)

    def articles(self, parts: Sequence[ArticleTexts]) -> list[EncodedArticle]:
        """Embed articles together; the encoding of each depends on its own texts alone."""
        groups = [part.texts for part in parts]
        vectors, spans = self._encoder.read(
            [text for texts in groups for text in texts], self._background.axes
        )
        return [
            self.article(part, vectors[start:end], np.concatenate(spans[start:end]))
            for part, (start, end) in zip(parts, _extents(groups), strict=True)
        ]

    def article(self, parts: ArticleTexts, vectors: Vectors, spans: Spans) -> EncodedArticle:
        """Encode an article from the vectors and spans of its `texts`."""
        titled = bool(parts.article.title.strip())
        inside = vectors[1:]
        title = vectors[0] if titled else inside[0]
        document = document_vector(parts, vectors)
        span_rows = unit_spans(spans) if len(spans) else self._background.along(document[None])
        to_titles = self._background.titles @ document
        to_texts = self._background.texts @ document
        return EncodedArticle(
            title=title,
            titled=titled,
            document=document,
            passages=inside,
            unread=len(parts.passages) - len(parts.read),
            spans=span_rows,
            span_baselines=SpanBaselines.of(span_rows, *self._along),
            white=self._white(document),
            profile=profile(to_texts),
            titles=NeighbourRanks(to_titles),
            texts=NeighbourRanks(to_texts),
            title_text=lexical.Text(parts.article.title),
            headings_text=lexical.Text(parts.headings),
            body_text=lexical.Text("\n".join(p.text for p in parts.passages)),
            title_words=lexical.weigh(parts.article.title, self._encoder.rarities),
        )

    def categories(self, categories: Sequence[Category]) -> list[EncodedCategory]:
        """Embed categories together; the encoding of each depends on itself alone."""
        groups = [category_texts(c) for c in categories]
        vectors = self._encoder.encode([text for texts in groups for text in texts], role="query")
        return [
            self.category(category, vectors[start:end])
            for category, (start, end) in zip(categories, _extents(groups), strict=True)
        ]

    def category(self, category: Category, vectors: Vectors) -> EncodedCategory:
        """Encode a category from the vectors of its `category_texts`."""
        weighed = triggers(category.instructions.exclusions)
        count = len(_names(category))
        names = reference_topics.merge_with_phrases(vectors[:count], vectors[count : 2 * count])
        about, exclusions = np.split(
            vectors[2 * count :], [len(vectors) - 2 * count - len(weighed)]
        )
        texts, rarities = self._background.texts, self._encoder.rarities
        described = bool(_description(category))
        full = about[0] if described else names[0]
        prototypes = np.concatenate([names, about])
        together = means_of_best(texts @ prototypes.T)
        topics = [lexical.weigh(topic, rarities) for topic in category.instructions.topics]
        words = lexical.weigh(_description(category), rarities)
        for topic in topics:
            words = {**topic, **words}
        called = _names(category)
        name_words = [lexical.weigh(name, rarities) for name in called]
        return EncodedCategory(
            spread=self._spread,
            encoded_names=tuple(self._name(vector) for vector in names),
            full=full,
            prototypes=prototypes,
            exclusions=exclusions,
            prototype_baselines=_baselines(prototypes, texts),
            along=self._background.along(prototypes),
            exclusion_baselines=_baselines(exclusions, texts),
            white_full=self._white(full),
            profile_full=profile(texts @ full),
            full_baseline=mean_and_deviation(texts @ full),
            best_prototypes_baseline=mean_and_deviation(together),
            crowd=mean_of_best(together, CROWD),
            neighbourhood={
                **neighbourhood(names[0], full, self._background),
                "name_joined": float(lexical.joins(category.title)),
            },
            described=described,
            labels=prototype_labels(category),
            names=naming.names(_names(category)),
            name_words=tuple(name_words),
            triggers=weighed,
            words=words or name_words[0],
            all_words={**words, **name_words[0]},
            topic_words=tuple(topics),
        )

    def _name(self, vector: Vectors) -> EncodedName:
        closeness = self._background.texts @ vector
        return EncodedName(
            vector=vector,
            white=self._white(vector),
            profile=profile(closeness),
            baseline=mean_and_deviation(closeness),
        )


def document_vector(parts: ArticleTexts, vectors: Vectors) -> Vectors:
    """Return the mean of the passages that are read, by their lengths, and the title."""
    lengths = np.array([len(p.text) for p in parts.read], np.float32)
    body = unit_vector((vectors[1:] * lengths[:, None]).sum(axis=0))
    titled = bool(parts.article.title.strip())
    return unit_vector(body + TITLE_WEIGHT * vectors[0]) if titled else body


def category_texts(category: Category) -> list[str]:
    """Return the texts of a category that are embedded, all with the role `query`."""
    names = _names(category)
    phrases = reference_topics.as_phrases(names)
    weighed = [trigger.text for trigger in triggers(category.instructions.exclusions)]
    return [*names, *phrases, *_about(category), *weighed]


def _extents(groups: Sequence[Sequence[str]]) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each group's texts among all texts."""
    return pairwise(accumulate((len(texts) for texts in groups), initial=0))


CROWD = 5
"""Number of nearest reference topics that measure how crowded a category's neighbourhood is."""

TITLE_WEIGHT = 0.5
"""Weight of an article's title relative to all its passages."""


def prototype_labels(category: Category) -> tuple[str, ...]:
    """Return the names of the prototypes in the reasoning, one per prototype."""
    described = [category.title] if _description(category) else []
    return (*_names(category), *described, *category.instructions.topics)


def _names(category: Category) -> tuple[str, ...]:
    return naming.known_names(category.title, category.aliases)


def _about(category: Category) -> list[str]:
    """Return the texts of the other prototypes: description, then key topics."""
    about = _description(category)
    described = [f"{category.title}: {about}"] if about else []
    return [*described, *category.instructions.topics]


def _description(category: Category) -> str:
    return category.description or category.instructions.scope


def _baselines(rows: Vectors, texts: Vectors) -> Vectors:
    closeness = rows @ texts.T
    return np.stack([closeness.mean(axis=1), closeness.std(axis=1)], axis=1)
