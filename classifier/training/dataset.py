"""Training data: people's verdicts beside the features that the embedded scorer computes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from classifier.verdicts import Verdicts

WORDS: Final = 5000
"""Size of the vocabulary, at most: the words that most articles have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledArticle:
    """An article with people's verdicts and notes, by category id."""

    article: Article
    known: Mapping[str, bool]
    notes: Mapping[str, str]


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
        by_digest[article.digest] = LabelledArticle(
            article=article,
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
                [[c.id in article.known for c in categories] for article, _ in examples]
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
