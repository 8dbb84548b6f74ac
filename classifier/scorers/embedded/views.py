"""Articles and categories made ready to be compared: split, embedded, counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np

from classifier.content import passages
from classifier.models import Article, Category, Passage
from classifier.scorers.embedded import background, explain, lexical
from classifier.scorers.embedded.features import (
    Around,
    ArticleView,
    Background,
    CategoryView,
    NameView,
    UsualSpans,
    Whitening,
    mean_of_best,
    means_of_best,
    moments,
    profile,
    surroundings,
    unit,
)
from classifier.scorers.embedded.spans import directions

if TYPE_CHECKING:
    from classifier.scorers.embedded.background import Encoder
    from classifier.scorers.embedded.features import Vectors
    from classifier.scorers.embedded.spans import Spans


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
        self._along = known.along(known.titles), known.along(known.texts)

    def articles(self, parts: Sequence[ArticleParts]) -> list[ArticleView]:
        """Embed all of `parts` together; each view depends on its own part."""
        groups = [part.texts for part in parts]
        vectors, spans = self._encoder.read(
            [text for texts in groups for text in texts], self._background.axes
        )
        return [
            self.article(part, vectors[start:end], np.concatenate(spans[start:end]))
            for part, (start, end) in zip(parts, _extents(groups), strict=True)
        ]

    def article(self, parts: ArticleParts, vectors: Vectors, spans: Spans) -> ArticleView:
        """Make the view of an article from the vectors and spans of its `texts`."""
        titled = bool(parts.article.title.strip())
        inside = vectors[1:]
        title = vectors[0] if titled else inside[0]
        lengths = np.array([len(p.text) for p in parts.passages], np.float32)
        body = unit((inside * lengths[:, None]).sum(axis=0))
        document = unit(body + TITLE_WEIGHT * title) if titled else body
        said = directions(spans) if len(spans) else self._background.along(document[None])
        to_titles = self._background.titles @ document
        to_texts = self._background.texts @ document
        return ArticleView(
            title=title,
            titled=titled,
            document=document,
            passages=inside,
            spans=said,
            usual_spans=UsualSpans.of(said, *self._along),
            white=self._white(document),
            profile=profile(to_texts),
            titles=Around(to_titles),
            texts=Around(to_texts),
            title_text=lexical.Text(parts.article.title),
            headings_text=lexical.Text(parts.headings),
            body_text=lexical.Text("\n".join(p.text for p in parts.passages)),
            title_words=lexical.weigh(parts.article.title, self._encoder.rarity),
        )

    def categories(self, categories: Sequence[Category]) -> list[CategoryView]:
        """Embed all of `categories` together; each view depends on its own category."""
        groups = [category_texts(c) for c in categories]
        vectors = self._encoder.encode([text for texts in groups for text in texts], role="query")
        return [
            self.category(category, vectors[start:end])
            for category, (start, end) in zip(categories, _extents(groups), strict=True)
        ]

    def category(self, category: Category, vectors: Vectors) -> CategoryView:
        """Make the view of a category from the vectors of its `category_texts`."""
        called, rules = len(_names(category)), len(category.instructions.exclusions)
        names = background.merged(vectors[:called], vectors[called : 2 * called])
        about, exclusions = np.split(vectors[2 * called :], [len(vectors) - 2 * called - rules])
        texts, rarity = self._background.texts, self._encoder.rarity
        described = bool(_description(category))
        full = about[0] if described else names[0]
        prototypes = np.concatenate([names, about])
        together = means_of_best(texts @ prototypes.T)
        topics = [lexical.weigh(topic, rarity) for topic in category.instructions.topics]
        words = lexical.weigh(_description(category), rarity)
        for topic in topics:
            words = {**topic, **words}
        name_words = [lexical.weigh(name, rarity) for name in _names(category)]
        return CategoryView(
            called=tuple(self._name(vector) for vector in names),
            full=full,
            prototypes=prototypes,
            exclusions=exclusions,
            usual_prototypes=_usual(prototypes, texts),
            along=self._background.along(prototypes),
            usual_exclusions=_usual(exclusions, texts),
            white_full=self._white(full),
            profile_full=profile(texts @ full),
            usual_full=moments(texts @ full),
            usual_together=moments(together),
            crowd=mean_of_best(together, CROWD),
            surroundings={
                **surroundings(names[0], full, self._background),
                "name_joined": float(lexical.joins(category.title)),
            },
            described=described,
            labels=prototype_labels(category),
            names=lexical.names(_names(category)),
            name_words=tuple(name_words),
            rules=explain.can_fire(category.instructions.exclusions),
            words=words or name_words[0],
            all_words={**words, **name_words[0]},
            topic_words=tuple(topics),
        )

    def _name(self, vector: Vectors) -> NameView:
        closeness = self._background.texts @ vector
        return NameView(
            vector=vector,
            white=self._white(vector),
            profile=profile(closeness),
            usual=moments(closeness),
        )


def category_texts(category: Category) -> list[str]:
    """Return the texts of a category that are embedded, all in the role of a query."""
    called = _names(category)
    phrases = background.phrased(called)
    return [*called, *phrases, *_about(category), *category.instructions.exclusions]


def _extents(groups: Sequence[Sequence[str]]) -> Iterator[tuple[int, int]]:
    """Yield where the texts of each group begin and end among all of them."""
    return pairwise(accumulate((len(texts) for texts in groups), initial=0))


CROWD = 5
"""Nearest background topics that tell how crowded the neighbourhood of a category is."""

TITLE_WEIGHT = 0.5
"""Of an article's title beside all its passages."""


def prototype_labels(category: Category) -> tuple[str, ...]:
    """Return what the prototypes are called in a sentence, row by row."""
    described = [category.title] if _description(category) else []
    return (*_names(category), *described, *category.instructions.topics)


def _names(category: Category) -> tuple[str, ...]:
    return (category.title, *category.aliases)


def _about(category: Category) -> list[str]:
    """Return the texts of the prototypes that are no names: description, then key topics."""
    about = _description(category)
    described = [f"{category.title}: {about}"] if about else []
    return [*described, *category.instructions.topics]


def _description(category: Category) -> str:
    return category.description or category.instructions.scope


def _usual(rows: Vectors, texts: Vectors) -> Vectors:
    closeness = rows @ texts.T
    return np.stack([closeness.mean(axis=1), closeness.std(axis=1)], axis=1)
