"""What a keystroke of a reviewer brings: the queue of `classify review` beside a random one.

    python benchmarks/review_queue.py [--data ../shared/data] [--cache DIR] [--draws 3] [SET ...]

A simulated reviewer decides by a set's own labels. Of 500 articles, a random half is under review
and the other half is never shown: its F1 (micro, labels as a run gives them) is measured after each
training, at the same numbers of keystrokes and by the same code as `classify train`. All queues ask
the same questions about an article. The scorer's head was trained without the set (train_head.py).

ours            the queue's order; a key for each correction, and one that confirms the rest
random          a random order of articles; a key for each verdict, as in most annotation tools
random, confirm a random order, with the key that confirms the rest

Then, for F1 that a random queue reached: the keystrokes ours needs for it, between two trainings by
a straight line.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import calibration
import numpy as np
from quality import Seen, see
from train_head import CachedModel, feature_names, folders, prepare, zero_shot

from classifier.evaluation.gold_pairs import GoldPairs
from classifier.models import Category, Rule, Taxonomy
from classifier.review.queue import order, questions
from classifier.review.table import PairTable, Row
from classifier.scorers.embedded import reference_topics
from classifier.scorers.embedded.encoding import FeatureEncoder
from classifier.training.correction_model import Examples
from classifier.training.cross_validate import cross_validate
from classifier.training.dataset import shared_words, word_share_matrix
from classifier.training.kind_training import (
    TrainingRule,
    Uncorrected,
    rescaled,
    train_on_confidences,
)
from classifier.training.targets import assigned

SETS = ("arxiv", "digitalgov")
TRAININGS = (50, 100, 200, 400, 800)  # keystrokes
RULE = Rule()
KIND = "tags"


@dataclass
class Simulation:
    """A set with some articles under review, and what people have said of them so far."""

    seen: Seen
    pool: np.ndarray
    rest: np.ndarray

    def __post_init__(self) -> None:
        self.truth = self.seen.data.truth.astype(bool)
        self.known = np.zeros_like(self.truth)
        self.confidence = probability(self.seen.logits)
        self.minimums = np.full(self.truth.shape[1], RULE.minimum)
        self.categories = tuple(
            Category(id=f"{KIND}/{n}", kind=KIND, title=str(n)) for n in range(self.truth.shape[1])
        )

    def table(self) -> PairTable:
        minimums = {it.id: float(m) for it, m in zip(self.categories, self.minimums, strict=True)}
        taxonomy = Taxonomy(categories=self.categories, default_rule=RULE, minimums=minimums)
        table = PairTable(taxonomy, height=len(self.pool))
        for row in self.pool:
            pairs = [
                (it.id, float(value), minimums[it.id], False)
                for it, value in zip(self.categories, self.confidence[row], strict=True)
            ]
            # The digest decides who is in the random sample.
            table.add(Row(str(row), f"{(int(row) * 2654435761) % 2**32:08x}"), pairs, {})
        for n, row in enumerate(self.pool):
            known, truth = self.known[row], self.truth[row]
            table.verdict[n] = np.where(known, np.where(truth, 1, -1), 0)
        return table

    def f1(self) -> float:
        confidence, truth = self.confidence[self.rest], self.truth[self.rest]
        labels = assigned(confidence, np.zeros_like(truth), self.minimums, RULE)
        hits = (labels & truth).sum()
        return float(2 * hits / max(1, labels.sum() + truth.sum()))

    def train(self) -> None:
        """Train as `classify train` does, and judge all articles anew."""
        seen, known = self.seen, self.known
        rows = np.flatnonzero(known.any(axis=1))
        if len(rows) < 2:
            return
        words = shared_words([seen.counts[row] for row in rows])
        lesson = cross_validate(self.examples(rows, words, known[rows]))
        every = self.examples(np.arange(len(self.truth)), words, known)
        change = (
            lesson.fit.recalibrated(every)
            + lesson.shrinkage * lesson.fit.added(every)
            - every.logits
        )
        corrected = every.logits + lesson.blend * change
        pairs = GoldPairs(
            articles=tuple(map(str, rows)),
            digests=tuple(map(str, rows)),
            categories=self.categories,
            truth=self.truth[rows],
            known=known[rows],
            confidence=probability(lesson.after),
            excluded=np.zeros_like(known[rows]),
        )
        fitted = train_on_confidences(
            KIND,
            pairs,
            TrainingRule(rule=RULE, fixed=False),
            before=Uncorrected(
                probability(lesson.before),
                rescaled(np.full(len(self.categories), RULE.minimum), lesson),
            ),
        ).fitted
        self.confidence = probability(corrected)
        self.minimums = np.full(self.truth.shape[1], RULE.minimum)
        if fitted is None:
            return
        for n, category in enumerate(self.categories):
            curve, minimum = fitted.curve(category), fitted.minimum_of(category)
            if curve is not None:
                self.confidence[:, n] = [curve(float(value)) for value in self.confidence[:, n]]
            if minimum is not None:
                self.minimums[n] = minimum.minimum

    def examples(self, rows: np.ndarray, words: Sequence[str], known: np.ndarray) -> Examples:
        seen = self.seen
        return Examples(
            truth=self.truth[rows],
            known=known,
            logits=seen.logits[rows],
            features=seen.data.rows["given"][rows],
            vectors=seen.vectors[rows],
            words=word_share_matrix([seen.counts[row] for row in rows], words),
        )


Queue = Callable[[PairTable, np.random.Generator], Iterator[int]]


def ours(table: PairTable, _: np.random.Generator) -> Iterator[int]:
    return (ask.row for ask in order(table))


def at_random(table: PairTable, chance: np.random.Generator) -> Iterator[int]:
    return (int(row) for row in chance.permutation(table.height))


QUEUES: dict[str, tuple[Queue, bool]] = {
    "ours": (ours, True),
    "random": (at_random, False),
    "random, confirm": (at_random, True),
}
"""With whether one key confirms the rest of an article."""


def reviewed(seen: Seen, queue: Queue, draw: int, *, confirm: bool) -> list[float]:
    """Return F1 at first and after each training; NaN once nothing is left to decide."""
    chance = np.random.default_rng(draw)
    rows = chance.permutation(len(seen.data.truth))
    half = len(rows) // 2
    simulation = Simulation(seen, rows[:half], rows[half:])
    found, pressed = [simulation.f1()], 0
    for until in TRAININGS:
        table = simulation.table()
        asked = questions(table) & (table.verdict == 0)
        for row in queue(table, np.random.default_rng(draw + 1000)):
            if pressed >= until:
                break
            columns, article = np.flatnonzero(asked[row]), simulation.pool[row]
            keys = len(columns)
            if confirm and keys:
                right = simulation.truth[article, columns] == table.suggested[row, columns]
                keys = min(keys, 1 + int((~right).sum()))
            elif not confirm:
                columns = columns[: until - pressed]
                keys = len(columns)
            simulation.known[article, columns] = True
            pressed += keys
        simulation.train()
        found.append(simulation.f1() if pressed >= until else float("nan"))
    return found


def probability(logits: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-logits)))


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


def compare(seen: Seen, draws: int) -> None:
    curves = {
        name: np.mean([reviewed(seen, q, d, confirm=confirm) for d in range(draws)], axis=0)
        for name, (q, confirm) in QUEUES.items()
    }
    print(f"\n{seen.name}: F1 on articles that nobody saw, mean of {draws} draws")
    print(f"{'keystrokes':>17}" + "".join(f"{n:>8}" for n in (0, *TRAININGS)))
    for name, curve in curves.items():
        print(f"{name:>17}" + "".join(f"{value:8.3f}" for value in curve))
    for name in ("random", "random, confirm"):
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
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"default: {' '.join(SETS)}")
    given = parser.parse_args()
    for seen in load(given.data, given.cache, given.sets or SETS):
        compare(seen, given.draws)


if __name__ == "__main__":
    main()
