"""Training data: people's verdicts beside the features that the embedded scorer computes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.content import articles
from classifier.evaluation.gold import Gold
from classifier.models import Article, Category, Failure, Task
from classifier.scorers.embedded import corrections
from classifier.scorers.embedded.scorer import EmbeddedScorer
from classifier.training.correction_model import Examples
from classifier.verdicts import WHOLE_ARTICLE, Verdicts

PEOPLES: Final = 10
"""Articles that people labelled, from which labels of others are trained on but not measured on."""
WORDS: Final = 5000
"""Size of the vocabulary, at most: the words that most articles have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledArticle:
    """An article with people's verdicts and notes, by category id."""

    article: Article
    known: Mapping[str, bool]
    notes: Mapping[str, str]
    trust: Mapping[str, float] = field(default_factory=dict)
    """Weights (0-1) of labels that are no person's, by category id."""
    settled: frozenset[str] = frozenset()
    """Categories (ids) confirmed with their whole article: no other of their kind belongs."""
    rejected: frozenset[str] = frozenset()
    """Categories (ids) that a verdict rejects."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """Arrays of one kind to train on: articles x categories."""

    articles: tuple[LabelledArticle, ...]
    categories: tuple[Category, ...]
    examples: Examples
    features: tuple[str, ...]
    words: tuple[str, ...]
    excluded: NDArray[np.bool_]
    """Whether an exclusion rule fired."""

    @property
    def rejected(self) -> NDArray[np.bool_]:
        """Return the pairs that people rejected one by one, rather than by labelling an article."""
        return np.array(
            [[c.id in article.rejected for c in self.categories] for article in self.articles]
        )

    @property
    def measured(self) -> NDArray[np.bool_]:
        """Return the pairs to calibrate and measure on: people's, where they labelled enough."""
        known, trust = self.examples.known, self.examples.trust
        peoples = known if trust is None else known & (trust >= 1)
        return peoples if peoples.any(axis=1).sum() >= PEOPLES else known


def read_labelled(gold: Gold, verdicts: Verdicts) -> tuple[list[LabelledArticle], list[Failure]]:
    """Read the articles of `gold`, in an order that carries no information; copies of a text once.

    Verdicts win over gold labels.

    Returns:
        The articles, and a failure for each one that cannot be read.
    """
    by_digest: dict[str, LabelledArticle] = {}
    failures = []
    for path, known in gold.labels.items():
        article = articles.read(Path(path))
        if isinstance(article, Failure):
            failures.append(article)
            continue
        given = verdicts.of(path=path, article=article.digest)
        before = by_digest[article.digest].known if article.digest in by_digest else {}
        trust = by_digest[article.digest].trust if article.digest in by_digest else {}
        settled = {name for name, verdict in given.items() if verdict.source == WHOLE_ARTICLE}
        rejected = {name for name, verdict in given.items() if not verdict.accepted}
        if article.digest in by_digest:
            settled |= by_digest[article.digest].settled
            rejected |= by_digest[article.digest].rejected - given.keys()
        trust = {name: weight for name, weight in trust.items() if name not in known}
        trust |= {
            name: weight
            for name in known
            if name not in given and (weight := gold.trust.get((path, name), 1.0)) < 1
        }
        by_digest[article.digest] = LabelledArticle(
            article=article,
            trust=trust,
            settled=frozenset(settled),
            rejected=frozenset(rejected),
            known={
                **before,
                **known,
                **{name: verdict.accepted for name, verdict in given.items()},
            },
            # The note of an imported verdict only says where it was imported from.
            notes={
                name: verdict.note
                for name, verdict in given.items()
                if verdict.note and not verdict.source
            },
        )
    return [by_digest[key] for key in sorted(by_digest)], failures


def build_dataset(
    labelled: Sequence[LabelledArticle], categories: Sequence[Category], scorer: EmbeddedScorer
) -> Dataset | None:
    """Compute the features of articles; None if no article has any text."""
    tasks = (Task(article.article, tuple(categories)) for article in labelled)
    pairs = zip(labelled, scorer.inspect(tasks), strict=True)
    examples = [(article, features) for article, features in pairs if features is not None]
    if not examples or not categories:
        return None
    ids = {category.id for category in categories}
    counts = [corrections.word_counts(features.view) for _, features in examples]
    words = shared_words(counts)
    return Dataset(
        articles=tuple(article for article, _ in examples),
        categories=tuple(categories),
        examples=Examples(
            truth=np.array(
                [[article.known.get(c.id, False) for c in categories] for article, _ in examples]
            ),
            known=np.array(
                [
                    [c.id in article.known or bool(ids & article.settled) for c in categories]
                    for article, _ in examples
                ]
            ),
            logits=np.array(
                [
                    [corrections.log_odds(c) for c in features.confidences]
                    for _, features in examples
                ]
            ),
            features=np.array(
                [[list(row.values()) for row in features.features] for _, features in examples],
                np.float32,
            ),
            vectors=np.array([features.view.document for _, features in examples], np.float32),
            words=word_share_matrix(counts, words),
            trust=np.array(
                [[article.trust.get(c.id, 1.0) for c in categories] for article, _ in examples]
            )
            if any(article.trust for article, _ in examples)
            else None,
        ),
        features=tuple(examples[0][1].features[0]),
        words=words,
        excluded=np.array([features.excluded for _, features in examples], np.bool_),
    )


def shared_words(counts: Sequence[Counter[str]]) -> tuple[str, ...]:
    """Return the words that more than one article has, sorted; others cannot be learned from."""
    having = Counter(word for of_article in counts for word in of_article)
    words = sorted((word for word, n in having.items() if n > 1), key=lambda w: (-having[w], w))
    return tuple(sorted(words[:WORDS]))


def word_share_matrix(counts: Sequence[Counter[str]], words: Sequence[str]) -> NDArray[np.float32]:
    """Return articles x words: rows of `corrections.word_shares`."""
    column = {word: i for i, word in enumerate(words)}
    table = np.zeros((len(counts), len(words)), np.float32)
    for row, of_article in zip(table, counts, strict=True):
        for word, share in corrections.word_shares(of_article).items():
            if word in column:
                row[column[word]] = share
    return table
