"""What there is to learn from: people's words on pairs, beside what the scorer sees of them."""

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
"""Words that are looked at, at most: those that most articles have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledArticle:
    """An article and what people said of it, by category id."""

    article: Article
    known: Mapping[str, bool]
    notes: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """Articles x categories of one kind, ready to be learned from."""

    articles: tuple[LabelledArticle, ...]
    categories: tuple[Category, ...]
    examples: Examples
    features: tuple[str, ...]
    words: tuple[str, ...]


def read_labelled(gold: Gold, verdicts: Verdicts) -> tuple[list[LabelledArticle], list[Failure]]:
    """Read the articles of `gold`, in an order that says nothing; of copies of one text, one.

    Verdicts win over what the gold says.
    """
    found: dict[str, LabelledArticle] = {}
    failures = []
    for path, known in gold.labels.items():
        article = articles.read(Path(path))
        if isinstance(article, Failure):
            failures.append(article)
            continue
        said = verdicts.of(path=path, article=article.digest)
        before = found[article.digest].known if article.digest in found else {}
        found[article.digest] = LabelledArticle(
            article=article,
            known={**before, **known, **{name: its.accepted for name, its in said.items()}},
            # Of what was imported, the note says where it was written.
            notes={name: its.note for name, its in said.items() if its.note and not its.source},
        )
    return [found[key] for key in sorted(found)], failures


def build_dataset(
    given: Sequence[LabelledArticle], categories: Sequence[Category], scorer: EmbeddedScorer
) -> Dataset | None:
    """Have the scorer look at the articles; None where there is nothing to see in any."""
    tasks = (Task(it.article, tuple(categories)) for it in given)
    pairs = zip(given, scorer.inspect(tasks), strict=True)
    seen = [(it, its) for it, its in pairs if its is not None]
    if not seen or not categories:
        return None
    counts = [corrections.word_counts(its.view) for _, its in seen]
    words = shared_words(counts)
    return Dataset(
        articles=tuple(it for it, _ in seen),
        categories=tuple(categories),
        examples=Examples(
            truth=np.array([[it.known.get(c.id, False) for c in categories] for it, _ in seen]),
            known=np.array([[c.id in it.known for c in categories] for it, _ in seen]),
            logits=np.array(
                [[corrections.log_odds(c) for c in its.confidences] for _, its in seen]
            ),
            features=np.array(
                [[list(row.values()) for row in its.numbers] for _, its in seen], np.float32
            ),
            vectors=np.array([its.view.document for _, its in seen], np.float32),
            words=word_share_matrix(counts, words),
        ),
        features=tuple(seen[0][1].numbers[0]),
        words=words,
    )


def shared_words(counts: Sequence[Counter[str]]) -> tuple[str, ...]:
    """Return the words that more than one article has: of others nothing can be learned."""
    having = Counter(word for its in counts for word in its)
    words = sorted((word for word, n in having.items() if n > 1), key=lambda w: (-having[w], w))
    return tuple(sorted(words[:WORDS]))


def word_share_matrix(counts: Sequence[Counter[str]], words: Sequence[str]) -> NDArray[np.float32]:
    column = {word: i for i, word in enumerate(words)}
    table = np.zeros((len(counts), len(words)), np.float32)
    for row, its in zip(table, counts, strict=True):
        for word, share in corrections.word_shares(its).items():
            if word in column:
                row[column[word]] = share
    return table
