"""Training examples made up by a rule."""

from __future__ import annotations

import numpy as np

from classifier.models import Article, Category
from classifier.training.correction_model import Examples, fit
from classifier.training.dataset import Dataset, LabelledArticle


def examples(
    articles: int = 60, categories: int = 4, *, signal: float = 6.0, seed: int = 0
) -> Examples:
    """Articles whose vectors and first words say what belongs; the log-odds know half of it."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(articles, 16))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    directions = rng.normal(size=(16, categories))
    logits = rng.normal(size=(articles, categories)) - 1
    truth = logits + signal * vectors @ directions + rng.normal(size=logits.shape) > 0
    words = rng.random((articles, 30)) * (rng.random((articles, 30)) < 0.3)
    words[:, :categories] = truth * 0.3
    return Examples(
        truth=truth,
        known=np.ones_like(truth),
        logits=logits,
        features=rng.normal(size=(articles, categories, 3)).astype(np.float32),
        vectors=vectors.astype(np.float32),
        words=words.astype(np.float32),
    )


def after(given: Examples, taught: Examples) -> np.ndarray:
    (found,) = fit(taught)
    return found.recalibrated(given) + found.added(given)


def dataset(examples: Examples) -> Dataset:
    """The same, of tags and features called by their number."""
    articles, categories, features = examples.features.shape
    return Dataset(
        articles=tuple(
            LabelledArticle(article=Article(id=f"{n}.md", body=""), known={}, notes={})
            for n in range(articles)
        ),
        categories=tuple(
            Category(id=f"tags/{n}", kind="tags", title=f"Tag {n}") for n in range(categories)
        ),
        examples=examples,
        features=tuple(f"feature {n}" for n in range(features)),
        words=tuple(f"w{n:02}" for n in range(examples.words.shape[1])),
        excluded=np.zeros_like(examples.truth),
    )
