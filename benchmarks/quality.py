"""How right the embedded scorer is on sets it has not seen, and what labels of a set make of it.

    python benchmarks/quality.py --data ../shared/data [--cache DIR] [--draws 3] [SET ...]

Everything of a set is measured with a head that was trained without it (train_head.py):

1. zero-shot, beside what simple programs reach, with 95 % intervals of the difference;
2. after `classify train` from 10, 50, 200 and 400 of its articles, on the rest, beside zero-shot
   and beside supervised logistic regression on the same vectors, one a category, its strength
   chosen by cross-validation;
3. the calibration error on the rest, before and after 200 labelled articles.

Needs the `bench` extra (scikit-learn).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import calibration
import numpy as np
from ranking import average_precision, baselines, precision_mean
from sklearn.linear_model import LogisticRegression
from train_head import (
    CachedModel,
    Labelled,
    feature_names,
    folders,
    prepare,
    print_leads,
    print_table,
    zero_shot,
)

from classifier.models import Article
from classifier.scorers.embedded import corrections, reference_topics
from classifier.scorers.embedded.encoding import ArticleTexts, FeatureEncoder
from classifier.training.correction_model import Examples
from classifier.training.cross_validate import cross_validate
from classifier.training.dataset import shared_words, word_share_matrix

SIZES = (10, 50, 200, 400)
FEWEST_LEFT = 60  # articles, to measure on
STRENGTHS = (0.1, 1.0, 10.0, 100.0)  # C of supervised logistic regression
FOLDS = 5


@dataclass
class Seen:
    """A set, as the scorer sees it with a head that does not know it."""

    data: Labelled
    logits: np.ndarray
    vectors: np.ndarray
    counts: list

    @property
    def name(self) -> str:
        return self.data.name

    def draws(self, labelled: int, number: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for draw in range(number):
            order = np.random.default_rng(draw).permutation(len(self.data.truth))
            yield order[:labelled], order[labelled:]

    def examples(self, rows: np.ndarray, words: Sequence[str]) -> Examples:
        truth = self.data.truth[rows]
        return Examples(
            truth=truth,
            known=np.ones_like(truth),
            logits=self.logits[rows],
            features=self.data.rows["given"][rows],
            vectors=self.vectors[rows],
            words=word_share_matrix([self.counts[row] for row in rows], words),
        )


def see(data: Labelled, viewer: FeatureEncoder, confidence: np.ndarray) -> Seen:
    parts = [
        ArticleTexts.of(Article(id=doc["id"], title=doc["title"], body=doc["text"]))
        for doc in data.docs
    ]
    views = viewer.articles(parts)
    return Seen(
        data=data,
        logits=np.log(confidence / (1 - confidence)),
        vectors=np.array([view.document for view in views], np.float32),
        counts=[corrections.word_counts(view) for view in views],
    )


# --- with labels ----------------------------------------------------------------------------------

Method = Callable[[Seen, np.ndarray, np.ndarray], np.ndarray]
"""From articles with labels to scores of the others."""


def untaught(seen: Seen, _: np.ndarray, rest: np.ndarray) -> np.ndarray:
    return seen.logits[rest]


def taught(seen: Seen, labelled: np.ndarray, rest: np.ndarray) -> np.ndarray:
    words = shared_words([seen.counts[row] for row in labelled])
    lesson = cross_validate(seen.examples(labelled, words))
    others = seen.examples(rest, words)
    change = (
        lesson.fit.recalibrated(others)
        + lesson.shrinkage * lesson.fit.added(others)
        - others.logits
    )
    return others.logits + lesson.blend * change


def supervised(seen: Seen, labelled: np.ndarray, rest: np.ndarray) -> np.ndarray:
    fold = np.arange(len(labelled)) % FOLDS
    truth = seen.data.truth[labelled]
    reached = []
    for strength in STRENGTHS:
        scores = np.zeros(truth.shape)
        for number in range(FOLDS):
            inside, outside = labelled[fold != number], labelled[fold == number]
            scores[fold == number] = one_a_category(seen, inside, outside, strength)
        reached.append(precision_mean(scores.ravel(), truth.ravel()))
    return one_a_category(seen, labelled, rest, STRENGTHS[int(np.argmax(reached))])


def one_a_category(
    seen: Seen, labelled: np.ndarray, rest: np.ndarray, strength: float
) -> np.ndarray:
    scores = np.zeros((len(rest), seen.data.truth.shape[1]))
    for column, truth in enumerate(seen.data.truth[labelled].T):
        if truth.any() and not truth.all():
            model = LogisticRegression(C=strength, max_iter=300).fit(seen.vectors[labelled], truth)
            scores[:, column] = model.predict_proba(seen.vectors[rest])[:, 1]
        else:
            scores[:, column] = truth.mean()
    return scores


METHODS: dict[str, Method] = {"zero-shot": untaught, "supervised": supervised, "ours": taught}


def print_learning(sets: Sequence[Seen], draws: int) -> None:
    print(f"\nmicro-AP / macro-AP on the rest, mean of {draws} draws of the labelled articles")
    print(f"{'':20}" + "".join(f"{f'{size} labelled':>16}" for size in SIZES))
    for seen in sets:
        for name, method in METHODS.items():
            cells = []
            for size in SIZES:
                if len(seen.data.truth) - size < FEWEST_LEFT:
                    cells.append(f"{'-':>16}")
                    continue
                found = [
                    average_precision(method(seen, labelled, rest), seen.data.truth[rest])
                    for labelled, rest in seen.draws(size, draws)
                ]
                micro, macro = np.mean(found, axis=0)
                cells.append(f"   {micro:.3f} / {macro:.3f}")
            print(f"{seen.name if method is untaught else '':14}{name:>11}" + "".join(cells))


# --- calibration ----------------------------------------------------------------------------------


def print_calibration(sets: Sequence[Seen], labelled: int = 200) -> None:
    print(f"\nexpected calibration error on the rest, {labelled} labelled articles (at most half)")
    for seen in sets:
        whole = calibration.pairs(1 / (1 + np.exp(-seen.logits)), seen.data.truth)
        found = [
            [
                calibration.calibration_error(method(some, rest), rest.truth)
                for method in (calibration.as_it_is, calibration.ours)
            ]
            for some, rest in calibration.draws(whole, labelled)
        ]
        before, after = np.mean(found, axis=0)
        print(f"{seen.name:20} as it is {before:.4f}   calibrated {after:.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("sets", nargs="*", metavar="SET", help="all by default")
    given = parser.parse_args()
    model = CachedModel(given.cache)
    viewer = FeatureEncoder(model, reference_topics.embed(model))
    names = feature_names(viewer)
    every = [prepare(folder.name, folder, model, viewer) for folder in folders(given.data)]
    unknown = set(given.sets) - {data.name for data in every}
    if unknown:
        parser.error(f"no such set in {str(given.data)!r}: {', '.join(sorted(unknown))}")
    wanted = [data for data in every if data.name in (given.sets or {d.name for d in every})]

    raw = {data.name: zero_shot(names, every, data) for data in every}
    scores = {
        data.name: {**baselines(data.docs, data.labels, model), "head": raw[data.name]}
        for data in wanted
    }
    print_table(wanted, scores)
    print_leads(wanted, scores)

    curves = {data.name: calibration.platt(raw[data.name], data.truth) for data in every}
    seen = []
    for data in wanted:
        others = [curve(raw[data.name]) for name, curve in curves.items() if name != data.name]
        seen.append(see(data, viewer, np.mean(others, axis=0)))
    print_learning(seen, given.draws)
    print_calibration(seen)


if __name__ == "__main__":
    main()
