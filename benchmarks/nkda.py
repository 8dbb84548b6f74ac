"""The embedded scorer beside two baselines on pairs that a language model scored.

    python benchmarks/nkda.py [--data ../shared/nkda]

A pair counts as right where the model's level was Primary or Secondary. Only for checking:
nothing is trained on these pairs.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from ranking import keyword_scores, precision_mean

from classifier import taxonomy
from classifier.content import articles
from classifier.models import Article, Category, Failure, Judgement, Task
from classifier.scorers.embedded.encoding import ArticleTexts
from classifier.scorers.embedded.features import unit_vector
from classifier.scorers.embedded.model_files import ModelFiles
from classifier.scorers.embedded.scorer import EmbeddedScorer
from classifier.scorers.embedded.sentence_model import SentenceModel


def cosine(model: SentenceModel, article: Article, category: Category) -> float:
    passages = (passage.text for passage in ArticleTexts.of(article).passages)
    texts = [text for text in (article.title, *passages) if text]
    about = model.encode([f"{category.title}. {category.description}"])[0]
    return float(unit_vector(model.encode(texts).mean(axis=0)) @ about)


def keyword_score(article: Article, category: Category) -> int:
    return keyword_scores(f"{article.title} {article.body}", [category.title])[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/nkda"))
    folder = parser.parse_args().data
    categories = taxonomy.load(folder / "categories").categories
    by_title = {category.title: category for category in categories}
    read = [(path, articles.read(path)) for path in sorted((folder / "articles").glob("*.md"))]
    found = {path.stem: article for path, article in read if not isinstance(article, Failure)}
    with (folder / "gold.csv").open(encoding="utf-8") as file:
        gold = list(csv.DictReader(file))

    names = {article.id: slug for slug, article in found.items()}
    judged: dict[tuple[str, str], Judgement] = {}
    tasks = (Task(article, categories) for article in found.values())
    for outcome in EmbeddedScorer().score(tasks):
        slug = names[outcome.task.article.id]
        judged |= {(slug, judgement.category): judgement for judgement in outcome.judgements}

    model = SentenceModel.open(ModelFiles.find())
    pairs = [(row["article_slug"], by_title[row["category_title"]]) for row in gold]
    truth = np.array([row["level"] in ("Primary", "Secondary") for row in gold])
    scores = {
        "embedded scorer": [judged[slug, category.id].confidence for slug, category in pairs],
        "cosine to title and description": [cosine(model, found[s], c) for s, c in pairs],
        "keyword score": [keyword_score(found[s], c) for s, c in pairs],
    }
    print(f"{len(categories)} definitions, {len(gold)} pairs, {truth.sum()} Primary or Secondary")
    for name, values in scores.items():
        print(f"{name:34} average precision {precision_mean(np.array(values), truth):.3f}")
    confidence = np.array(scores["embedded scorer"])
    chosen = confidence >= 0.5
    print(
        f"at 0.5: {chosen.sum()} pairs, precision {truth[chosen].mean():.2f}, "
        f"recall {truth[chosen].sum() / truth.sum():.2f}"
    )
    fired = [(key, judgement) for key, judgement in judged.items() if judgement.exclusion]
    print(f"exclusion rules that fired: {len(fired)} of {len(judged)} pairs")
    for (slug, category), judgement in fired:
        print(f"  {slug[:40]:40} {category:36} {judgement.exclusion!r:.70}")


if __name__ == "__main__":
    main()
