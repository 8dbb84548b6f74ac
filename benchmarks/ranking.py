"""How well scores rank pairs, and what simple programs reach: shared by the benchmarks.

`truth` and scores are tables: articles x categories.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from classifier.models import Article
from classifier.scorers.embedded import features
from classifier.scorers.embedded.encoding import ArticleTexts

if TYPE_CHECKING:
    from classifier.scorers.embedded.reference_topics import TextEncoder

K1, B = 1.5, 0.75  # of BM25
RESAMPLES = 100


def precision_mean(scores: np.ndarray, truth: np.ndarray) -> float:
    """Return average precision; pairs of the same score share a place."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    ends = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(ranked) - 1)
    hits = np.cumsum(truth[order])[ends]
    return float((np.diff(hits, prepend=0) * hits / (ends + 1)).sum() / max(hits[-1], 1))


def average_precision(scores: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Return micro (all pairs) and macro (mean over categories with a label) AP."""
    used = np.flatnonzero(truth.any(axis=0))
    macro = [precision_mean(scores[:, j], truth[:, j]) for j in used]
    return precision_mean(scores.ravel(), truth.ravel()), float(np.mean(macro))


def leads(
    ours: np.ndarray, others: Mapping[str, np.ndarray], truth: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the 95 % interval of `ours` minus each of `others`: rows low, high; micro, macro.

    A paired bootstrap over articles.
    """
    rng = np.random.default_rng(0)
    found: dict[str, list[np.ndarray]] = {name: [] for name in others}
    for _ in range(RESAMPLES):
        rows = rng.integers(len(truth), size=len(truth))
        reached = average_precision(ours[rows], truth[rows])
        for name, scores in others.items():
            found[name].append(np.subtract(reached, average_precision(scores[rows], truth[rows])))
    return {name: np.percentile(values, [2.5, 97.5], axis=0) for name, values in found.items()}


# --- baselines -----------------------------------------------------------------------------------


def baselines(
    docs: Sequence[dict], labels: Sequence[dict], model: TextEncoder
) -> dict[str, np.ndarray]:
    """Give each pair a score as simple programs would."""
    documents = np.array([_mean_passage(doc, model) for doc in docs])
    titles = [label["title"] for label in labels]
    full = [f"{label['title']}. {label['description']}".strip(" .") for label in labels]
    texts = [f"{doc['title']}\n{doc['text']}" for doc in docs]
    tfidf = TfidfVectorizer(stop_words="english", sublinear_tf=True).fit(texts + full)
    return {
        "title": documents @ model.encode(titles).T,
        "title+desc": documents @ model.encode(full).T,
        "tf-idf": (tfidf.transform(texts) @ tfidf.transform(full).T).toarray(),
        "bm25": bm25(texts, full),
        "keyword": np.array([keyword_scores(f"{d['title']} {d['text']}", titles) for d in docs]),
    }


def _mean_passage(doc: dict, model: TextEncoder) -> np.ndarray:
    parts = ArticleTexts.of(Article(id=doc["id"], title=doc["title"], body=doc["text"]))
    texts = [doc["title"], *(passage.text for passage in parts.passages)]  # the whole article
    return features.unit_vector(model.encode([t for t in texts if t]).mean(axis=0))


def bm25(texts: Sequence[str], queries: Sequence[str]) -> np.ndarray:
    """Return Okapi BM25 of every text (rows) for every query; idf from the texts themselves."""
    vectorizer = CountVectorizer(stop_words="english").fit([*texts, *queries])
    counts = vectorizer.transform(texts).astype(np.float64)
    asked = vectorizer.transform(queries)
    asked.data[:] = 1
    having = counts.astype(bool).sum(axis=0).A1
    idf = np.log1p((len(texts) - having + 0.5) / (having + 0.5))
    length = counts.sum(axis=1).A1
    flat = K1 * (1 - B + B * length / length.mean())
    rows = np.repeat(np.arange(len(texts)), np.diff(counts.indptr))
    counts.data = counts.data * (K1 + 1) / (counts.data + flat[rows]) * idf[counts.indices]
    return np.asarray((counts @ asked.T).todense())


def keyword_scores(text: str, titles: Sequence[str]) -> list[int]:
    """Score as a program without a model would: words of the title, and the title as it is."""
    text = text.lower()
    found = set(re.findall(r"\w+", text))
    return [_keyword_score(text, found, title.lower()) for title in titles]


def _keyword_score(text: str, words: set[str], title: str) -> int:
    score = 10 * sum(word in words for word in re.findall(r"\w+", title))
    if title not in text:
        return score
    return score + (50 if re.search(rf"\b{re.escape(title)}\b", text) else 30)
