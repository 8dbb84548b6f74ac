"""What a keystroke of a reviewer brings: the queue of `classify review` beside a random one.

    python benchmarks/review_queue.py [--data ../shared/data] [--cache DIR] [--draws 3]
        [--moving W] [SET ...]

A simulated reviewer decides by a set's own labels. Of 500 articles, a random half is under review
and the other half is never shown: its F1 (micro, labels as a run gives them) is measured after each
training, at the same numbers of keystrokes and by the same code as `classify train`. Before it,
the site profile decides. The scorer's head was trained without the set (train_head.py).

ours             the queue's order; a key or click for each correction in what the page lists, and
                 one that confirms the article: what else would fit is missed, and counts as
                 rejected
random, confirm  a random order of articles, and the same keys
random, listed   a random order; the key confirms the pairs that are asked about, no more
random           a random order; a key for each pair that is asked about, as in most annotation
                 tools

ours, moving     with --moving W: as ours, but after training the minimums of an article move with
                 the sum of its confidences, by W (0-1) of what the site profile moves its own

Then, for F1 that a random queue reached: the keystrokes ours needs for it, between two trainings by
a straight line.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import calibration
import numpy as np
from quality import Seen, see
from train import corrected
from train_head import CachedModel, feature_names, folders, prepare, zero_shot

from classifier.calibration import ScorerCalibration
from classifier.models import Article, Category, Rule, Taxonomy
from classifier.review.queue import LISTED, order, questions
from classifier.review.table import PairTable, ScannedArticle
from classifier.scorers.embedded import reference_topics
from classifier.scorers.embedded.encoding import FeatureEncoder
from classifier.site_profile import KindProfile
from classifier.training import profiling
from classifier.training.correction_model import Examples, probability
from classifier.training.dataset import Dataset, LabelledArticle, shared_words, word_share_matrix
from classifier.training.kind_training import TrainingRule, train_on_features
from classifier.training.targets import assigned

SETS = ("arxiv", "digitalgov")
TRAININGS = (50, 100, 200, 400)  # keystrokes
RULE = Rule()
KIND = "tags"
_SMOOTHING = 0.3  # as in classifier.site_profile


@dataclass
class Simulation:
    """A set with some articles under review, and what people have said of them so far."""

    seen: Seen
    pool: np.ndarray
    rest: np.ndarray
    moving: float = 0.0
    """How far trained minimums move with an article's confidences, 0-1."""

    def __post_init__(self) -> None:
        self.truth = self.seen.data.truth.astype(bool)
        self.known = np.zeros_like(self.truth)
        self.accepted = np.zeros_like(self.truth)
        self.rejected = np.zeros_like(self.truth)
        self.categories = tuple(
            Category(id=f"{KIND}/{n}", kind=KIND, title=str(n)) for n in range(self.truth.shape[1])
        )
        raw = probability(self.seen.logits).round(4)
        self.rule = TrainingRule(
            rule=RULE,
            fixed=False,
            profile=profiling.fit(raw, [category.digest for category in self.categories]),
        )
        self.untrained()

    def untrained(self) -> None:
        """Decide by the site profile."""
        self.confidence = probability(self.seen.logits).round(4)
        self.minimums = np.full(self.truth.shape, RULE.minimum)
        if isinstance(self.rule.profile, KindProfile):
            digests = [category.digest for category in self.categories]
            for minimums, row in zip(self.minimums, self.confidence.tolist(), strict=True):
                needed = self.rule.profile.minimums(dict(zip(digests, row, strict=True)))
                minimums[:] = [needed[digest] for digest in digests]

    def labels(self, rows: np.ndarray) -> np.ndarray:
        confidence = self.confidence[rows]
        return assigned(confidence, np.zeros(confidence.shape, np.bool_), self.minimums[rows], RULE)

    def table(self) -> PairTable:
        taxonomy = Taxonomy(categories=self.categories, default_rule=RULE)
        table = PairTable(taxonomy, height=len(self.pool))
        # The digest decides who is in the random sample.
        table.rows += [
            ScannedArticle(str(it), f"{(int(it) * 2654435761) % 2**32:08x}") for it in self.pool
        ]
        table.confidence[:] = self.confidence[self.pool]
        table.minimums[:] = self.minimums[self.pool]
        table.suggested[:] = table.label[:] = self.labels(self.pool)
        known, accepted = self.known[self.pool], self.accepted[self.pool]
        table.verdict[:] = np.where(known, np.where(accepted, 1, -1), 0)
        return table

    def f1(self) -> float:
        labels, truth = self.labels(self.rest), self.truth[self.rest]
        hits = (labels & truth).sum()
        return float(2 * hits / max(1, labels.sum() + truth.sum()))

    def train(self) -> None:
        """Train as `classify train` does, and judge all articles anew."""
        rows = np.flatnonzero(self.known.any(axis=1))
        if len(rows) < 2:
            return
        rows = np.random.default_rng(0).permutation(rows)
        words = shared_words([self.seen.counts[row] for row in rows])
        dataset = Dataset(
            articles=tuple(
                LabelledArticle(
                    article=Article(id=f"{row}.md", body=f"{row}"),
                    known={},
                    notes={},
                    rejected=frozenset(
                        self.categories[n].id for n in np.flatnonzero(self.rejected[row])
                    ),
                )
                for row in rows
            ),
            categories=self.categories,
            examples=self.examples(rows, words),
            features=tuple(map(str, range(self.seen.data.rows["given"].shape[2]))),
            words=words,
            excluded=np.zeros((len(rows), len(self.categories)), np.bool_),
        )
        trained = train_on_features(KIND, dataset, self.rule)
        self.untrained()
        if trained.corrections is None and trained.fitted is None:
            return
        if trained.corrections is not None:
            every = self.examples(np.arange(len(self.truth)), words)
            self.confidence = probability(corrected(trained.corrections, every, dataset)).round(4)
        self.minimums = np.full(self.truth.shape, RULE.minimum)
        if trained.fitted is None:
            return
        self.take(trained.fitted)
        if self.moving:
            totals = self.confidence.sum(axis=1)
            shift = np.log((totals / totals.mean() + _SMOOTHING) / (1 + _SMOOTHING))
            odds = np.log(self.minimums / (1 - self.minimums))
            self.minimums = probability(odds + self.moving * shift[:, None])

    def take(self, fitted: ScorerCalibration) -> None:
        """Decide by trained curves and minimums."""
        for n, category in enumerate(self.categories):
            curve, minimum = fitted.curve(category), fitted.minimum_of(category)
            if curve is not None:
                self.confidence[:, n] = [curve(float(value)) for value in self.confidence[:, n]]
            if minimum is not None:
                self.minimums[:, n] = minimum.minimum

    def examples(self, rows: np.ndarray, words: Sequence[str]) -> Examples:
        seen = self.seen
        return Examples(
            truth=self.accepted[rows],
            known=self.known[rows],
            logits=seen.logits[rows],
            features=seen.data.rows["given"][rows],
            vectors=seen.vectors[rows],
            words=word_share_matrix([seen.counts[row] for row in rows], words),
        )


Queue = Callable[[PairTable, np.random.Generator], Iterator[int]]
Keys = Literal["whole", "listed", "each"]
"""What Enter settles: the whole article, the pairs asked about, or there is no such key."""


def ours(table: PairTable, _: np.random.Generator) -> Iterator[int]:
    return (ask.row for ask in order(table))


def at_random(table: PairTable, chance: np.random.Generator) -> Iterator[int]:
    return (int(row) for row in chance.permutation(table.height))


QUEUES: dict[str, tuple[Queue, Keys]] = {
    "ours": (ours, "whole"),
    "random, confirm": (at_random, "whole"),
    "random, listed": (at_random, "listed"),
    "random": (at_random, "each"),
}


def shown(table: PairTable, asked: np.ndarray, row: int) -> np.ndarray:
    """Return the columns that the page lists: those to decide on, then the best of the others."""
    others = np.argsort(-np.where(asked[row], -1.0, table.confidence[row]), kind="stable")
    more = others[: max(0, LISTED - int(asked[row].sum()))]
    return np.unique(np.append(np.flatnonzero(asked[row]), more))


def reviewed(
    seen: Seen, queue: Queue, draw: int, *, keys: Keys, moving: float = 0.0
) -> list[float]:
    """Return F1 at first and after each training; NaN once nothing is left to decide."""
    chance = np.random.default_rng(draw)
    rows = chance.permutation(len(seen.data.truth))
    half = len(rows) // 2
    simulation = Simulation(seen, rows[:half], rows[half:], moving)
    found, pressed = [simulation.f1()], 0
    for until in TRAININGS:
        table = simulation.table()
        asked = questions(table) & (table.verdict == 0)
        for row in queue(table, np.random.default_rng(draw + 1000)):
            if pressed >= until:
                break
            article = simulation.pool[row]
            columns = decided = np.flatnonzero(asked[row])
            if not len(columns):
                continue
            if keys == "each":
                columns = decided = columns[: until - pressed]
            elif keys == "whole":
                columns = shown(table, asked, row)
            truth = simulation.truth[article, columns]
            wrong = int((truth != table.suggested[row, columns]).sum())
            simulation.known[article, columns] = True
            simulation.accepted[article, columns] = truth
            simulation.rejected[article, decided] = ~simulation.truth[article, decided]
            if keys == "whole":
                simulation.known[article] = True
            pressed += len(columns) if keys == "each" else 1 + wrong
        simulation.train()
        found.append(simulation.f1() if pressed >= until else float("nan"))
    return found


def needed(curve: Sequence[float], goal: float) -> float:
    """Return the keystrokes at which a curve first reaches a goal; NaN where it never does."""
    places = (0, *TRAININGS)
    for n in range(len(curve)):
        if curve[n] >= goal:
            if n == 0:
                return 0.0
            share = (goal - curve[n - 1]) / (curve[n] - curve[n - 1])
            return places[n - 1] + share * (places[n] - places[n - 1])
    return float("nan")


def compare(seen: Seen, draws: int, moving: float) -> None:
    curves = {
        name: np.mean([reviewed(seen, queue, d, keys=keys) for d in range(draws)], axis=0)
        for name, (queue, keys) in QUEUES.items()
    }
    if moving:
        each = [reviewed(seen, ours, d, keys="whole", moving=moving) for d in range(draws)]
        curves["ours, moving"] = np.mean(each, axis=0)
    print(f"\n{seen.name}: F1 on articles that nobody saw, mean of {draws} draws")
    print(f"{'keystrokes':>17}" + "".join(f"{n:>8}" for n in (0, *TRAININGS)))
    for name, curve in curves.items():
        print(f"{name:>17}" + "".join(f"{value:8.3f}" for value in curve))
    for name in list(QUEUES)[1:]:
        for n, until in enumerate(TRAININGS, 1):
            goal = float(curves[name][n])
            keys = needed(list(curves["ours"]), goal)
            print(f"  {name} {until}: F1 {goal:.3f}; ours {keys:.0f} ({keys / until:.2f})")


def load(data: Path, cache: Path | None, wanted: Sequence[str]) -> list[Seen]:
    model = CachedModel(cache)
    viewer = FeatureEncoder(model, reference_topics.embed(model))
    names = feature_names(viewer)
    every = [prepare(folder.name, folder, model, viewer) for folder in folders(data)]
    raw = {it.name: zero_shot(names, every, it) for it in every}
    curves = {it.name: calibration.platt(raw[it.name], it.truth) for it in every}
    return [
        see(
            it,
            viewer,
            np.mean([c(raw[it.name]) for name, c in curves.items() if name != it.name], axis=0),
        )
        for it in every
        if it.name in wanted
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--moving", type=float, default=0.0, metavar="W")
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"default: {' '.join(SETS)}")
    given = parser.parse_args()
    for seen in load(given.data, given.cache, given.sets or SETS):
        compare(seen, given.draws, given.moving)


if __name__ == "__main__":
    main()
