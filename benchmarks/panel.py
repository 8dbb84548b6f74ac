"""A panel of the embedded scorer and a language model beside each of them alone.

    python benchmarks/panel.py [--site ../shared/nkda] [2:../shared/replies/v2 ...]

The language model's part is read from recorded answers to the prompt of that version, one file per
article, as `replies.py` reads them. A pair of gold.csv is right where its level is Primary or
Secondary. Average precision, and precision and recall at 0.5. The interval is of the difference to
the better scorer alone, 2,000 draws of articles with replacement. Nothing is trained or chosen on
these pairs, but for the row "weights fitted": a share for each article, chosen of 21 on all others.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ranking import precision_mean
from replies import Replies, read

from classifier import taxonomy
from classifier.content import articles
from classifier.models import ConfidenceKind, Failure, Judgement, Outcome, Task
from classifier.scorers.base import Scorer
from classifier.scorers.embedded.scorer import EmbeddedScorer
from classifier.scorers.panel import Panel

MINIMUM = 0.5


@dataclass(frozen=True)
class Recorded:
    """A scorer that answers what is recorded."""

    replies: Replies
    name: str = "recorded"

    @property
    def identity(self) -> str:
        return f"{self.name}:{self.replies.name.replace(':', '-')}:0"

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        for task in tasks:
            slug = Path(task.article.id).stem
            judgements = (
                Judgement(
                    category=category.id,
                    confidence=self.replies.confidence[slug, category.title],
                    kind=ConfidenceKind.STATED,
                    scorer=self.identity,
                )
                for category in task.categories
            )
            yield Outcome(task=task, judgements=tuple(judgements))


def confidences(scorer: Scorer, tasks: list[Task]) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for outcome in scorer.score(tasks):
        assert not outcome.failures, outcome.failures
        slug = Path(outcome.task.article.id).stem
        titles = {category.id: category.title for category in outcome.task.categories}
        found |= {(slug, titles[j.category]): j.confidence for j in outcome.judgements}
    return found


def interval(
    one: np.ndarray, other: np.ndarray, truth: np.ndarray, groups: np.ndarray
) -> tuple[float, float]:
    """Return the 95 % interval of the difference in average precision, articles drawn anew."""
    rng = np.random.default_rng(0)
    rows = [np.flatnonzero(groups == name) for name in np.unique(groups)]
    draws = []
    for _ in range(2000):
        drawn = np.concatenate([rows[n] for n in rng.integers(len(rows), size=len(rows))])
        if truth[drawn].any():
            both = (precision_mean(scores[drawn], truth[drawn]) for scores in (one, other))
            draws.append(next(both) - next(both))
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)


def weighted(both: np.ndarray, truth: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return weighted means; the weights of an article's pairs rank those of the others best."""
    found = np.empty(len(truth))
    shares = np.linspace(0, 1, 21)
    for name in np.unique(groups):
        others = groups != name
        best = max(
            shares,
            key=lambda share: precision_mean(
                (share * both[0] + (1 - share) * both[1])[others], truth[others]
            ),
        )
        found[~others] = (best * both[0] + (1 - best) * both[1])[~others]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--site", type=Path, default=Path("../shared/nkda"))
    parser.add_argument("folders", nargs="*", default=["2:../shared/replies/v2"])
    given = parser.parse_args()
    categories = taxonomy.load(given.site / "categories").categories
    files = sorted((given.site / "articles").glob("*.md"))
    found = [it for it in map(articles.read, files) if not isinstance(it, Failure)]
    tasks = [Task(article, categories) for article in found]
    with (given.site / "gold.csv").open(encoding="utf-8") as file:
        gold = list(csv.DictReader(file))
    pairs = [(row["article_slug"], row["category_title"]) for row in gold]
    groups = np.array([slug for slug, _ in pairs])
    truth = np.array([row["level"] in ("Primary", "Secondary") for row in gold])
    print(f"{len(pairs)} pairs, {truth.sum()} right")

    embedded = EmbeddedScorer()
    alone: dict[str, Scorer] = {"embedded": embedded}
    panels: dict[str, Panel] = {}
    for folder in given.folders:
        version, _, path = folder.partition(":")
        model = Recorded(read(version, Path(path), files, categories))
        name = Path(path).name
        alone[name] = model
        panels[f"mean of embedded and {name}"] = Panel([embedded, model])
        panels[f"least of embedded and {name}"] = Panel([embedded, model], "least")
    values = {}
    for name, scorer in {**alone, **panels}.items():
        judged = confidences(scorer, tasks)
        scores = values[name] = np.array([judged[pair] for pair in pairs])
        labels = scores >= MINIMUM
        print(
            f"{name:34} average precision {precision_mean(scores, truth):.3f}; at {MINIMUM}: "
            f"{labels.sum()} labels, precision {truth[labels].mean():.2f}, recall "
            f"{truth[labels].sum() / truth.sum():.2f}"
        )
    for name in (name for name in panels if name.startswith("mean")):
        both = np.stack([values["embedded"], values[name.rpartition(" ")[2]]])
        fitted = weighted(both, truth, groups)
        print(
            f"{'weights fitted, ' + name:34} average precision {precision_mean(fitted, truth):.3f}"
        )
    for name, panel in panels.items():
        parts = [values["embedded"], values[name.rpartition(" ")[2]]]
        best = max(parts, key=lambda scores: precision_mean(scores, truth))
        low, high = interval(values[name], best, truth, groups)
        print(f"{name:34} {low:+.3f} to {high:+.3f} beside the better of {len(panel.members)}")


if __name__ == "__main__":
    main()
