"""Articles and categories made ready to be compared: split, embedded, counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifier import passages
from classifier.models import Article, Category, Passage
from classifier.scorers import background, lexical
from classifier.scorers.features import (
    ArticleView,
    Background,
    CategoryView,
    Whitening,
    mean_of_best,
    profile,
    unit,
)

if TYPE_CHECKING:
    from classifier.scorers.background import Encoder
    from classifier.scorers.features import Vectors


@dataclass(frozen=True, slots=True)
class ArticleParts:
    """The texts of an article that are embedded."""

    article: Article
    passages: tuple[Passage, ...]
    """Never empty: an article without prose is judged by its title and description."""

    @classmethod
    def of(cls, article: Article) -> ArticleParts:
        found = passages.split(article.body)
        lead = article.description.strip()
        if lead or not found:
            found = (Passage(text=lead or article.title, start=0, end=0), *found)
        return cls(article, found)

    @property
    def blank(self) -> bool:
        return not any(text.strip() for text in self.texts)

    @property
    def headings(self) -> str:
        return "\n".join(dict.fromkeys(p.heading for p in self.passages if p.heading))

    @property
    def texts(self) -> list[str]:
        return [self.article.title, *(p.text for p in self.passages)]


class Viewer:
    """Makes views with one model and one background. Holds nothing that changes."""

    def __init__(self, encoder: Encoder, known: Background) -> None:
        self._encoder = encoder
        self._background = known
        self._white = Whitening(known)

    def articles(self, parts: Sequence[ArticleParts]) -> list[ArticleView]:
        """Embed all of `parts` together, as is quickest; each view depends on its own part."""
        texts = [text for part in parts for text in part.texts]
        vectors = self._encoder.encode(texts)
        views, start = [], 0
        for part in parts:
            end = start + len(part.texts)
            views.append(self._article(part, vectors[start:end]))
            start = end
        return views

    def _article(self, parts: ArticleParts, vectors: Vectors) -> ArticleView:
        titled = bool(parts.article.title.strip())
        inside = vectors[1:]
        title = vectors[0] if titled else inside[0]
        lengths = np.array([len(p.text) for p in parts.passages], np.float32)
        body = unit((inside * lengths[:, None]).sum(axis=0))
        document = unit(body + TITLE_WEIGHT * title) if titled else body
        to_titles = self._background.titles @ document
        to_texts = self._background.texts @ document
        return ArticleView(
            title=title,
            titled=titled,
            document=document,
            passages=inside,
            white=self._white(document),
            profile=profile(to_texts),
            closeness_titles=to_titles,
            closeness_texts=to_texts,
            title_text=lexical.Text(parts.article.title),
            headings_text=lexical.Text(parts.headings),
            body_text=lexical.Text("\n".join(p.text for p in parts.passages)),
            title_words=lexical.weigh(parts.article.title, self._encoder.rarity),
        )

    def categories(self, categories: Sequence[Category]) -> list[CategoryView]:
        prototypes = [prototype_texts(category) for category in categories]
        texts = [
            [*prototype, *category.instructions.exclusions]
            for prototype, category in zip(prototypes, categories, strict=True)
        ]
        vectors = self._encoder.encode([t for group in texts for t in group], role="query")
        titles = background.titles(self._encoder, [category.title for category in categories])
        views, start = [], 0
        for i, (category, prototype, group) in enumerate(
            zip(categories, prototypes, texts, strict=True)
        ):
            end = start + len(group)
            vectors[start] = titles[i]
            views.append(self._category(category, len(prototype), vectors[start:end]))
            start = end
        return views

    def _category(self, category: Category, n: int, vectors: Vectors) -> CategoryView:
        prototypes, exclusions = vectors[:n], vectors[n:]
        described = bool(category.description or category.instructions.scope)
        title, full = prototypes[0], prototypes[1 if described else 0]
        texts = self._background.texts
        by_text = texts @ prototypes.T
        together = np.array([mean_of_best(line) for line in by_text], np.float32)
        rarity = self._encoder.rarity
        topics = [lexical.weigh(topic, rarity) for topic in category.instructions.topics]
        title_words = lexical.weigh(" ".join((category.title, *category.aliases)), rarity)
        words = lexical.weigh(category.description or category.instructions.scope, rarity)
        for topic in topics:
            words = {**topic, **words}
        return CategoryView(
            title=title,
            full=full,
            prototypes=prototypes,
            exclusions=exclusions,
            usual_prototypes=_usual(prototypes, texts),
            usual_exclusions=_usual(exclusions, texts),
            white_title=self._white(title),
            white_full=self._white(full),
            profile_title=profile(texts @ title),
            profile_full=profile(texts @ full),
            usual_title=_moments(texts @ title),
            usual_full=_moments(texts @ full),
            usual_together=_moments(together),
            crowd=mean_of_best(together, CROWD),
            described=described,
            labels=prototype_labels(category),
            names=lexical.names((category.title, *category.aliases)),
            title_words=lexical.weigh(category.title, rarity),
            words=words or title_words,
            all_words={**words, **title_words},
            topic_words=tuple(topics),
        )


CROWD = 5
"""Nearest background topics that tell how crowded the neighbourhood of a category is."""

TITLE_WEIGHT = 0.5
"""Of an article's title beside all its passages."""


def prototype_texts(category: Category) -> list[str]:
    """Return the title, title with description, aliases and every key topic, in this order."""
    about = category.description or category.instructions.scope
    described = [f"{category.title}: {about}"] if about else []
    return [category.title, *described, *category.aliases, *category.instructions.topics]


def prototype_labels(category: Category) -> tuple[str, ...]:
    """Return what the prototypes are called in a sentence, in the same order."""
    described = [category.title] if category.description or category.instructions.scope else []
    topics = category.instructions.topics
    return (category.title, *described, *category.aliases, *topics)


def _moments(values: Vectors) -> tuple[float, float]:
    return float(values.mean()), float(values.std())


def _usual(rows: Vectors, texts: Vectors) -> Vectors:
    closeness = rows @ texts.T
    return np.stack([closeness.mean(axis=1), closeness.std(axis=1)], axis=1)
