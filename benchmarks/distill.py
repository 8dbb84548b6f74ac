"""What a taught sample makes of the embedded scorer: our choice of articles beside others.

    python benchmarks/distill.py --data ../shared/data [--cache DIR] [--draws 3] [--articles 500]
        [SET ...]

Labels of a set stand in for the answers of a teacher. Of the articles of every set (`--articles`,
or all) 40 %, at most 1,000, are drawn to measure on; 25, 50, 100 and 200 of the others, at most
2,000, are taught. Samples of 200 of 300 articles hardly differ, however they are chosen: for these,
take more articles. The head of the embedded scorer was trained without the set (train_head.py).
Ways to choose:

- random: the mean of the draws;
- expected labels: those with most labels to expect, each further one of a category counting less;
- uncertain: those with most pairs in doubt;
- k-means++: at random, by the squared distance to the closest one chosen;
- ours: as `classify train --teacher` does, so that each article is near one of them (facility
  location);
- in turn: expected labels and ours;
- half random: ours and random in turn.

`--noise MISSED FALSE` has the teacher miss a share of the labels, and give as many false ones as
this share of them, the likelier the higher the untrained confidence. Beside the site's own scores
(../shared/nkda/gold.csv, 50 of 295 pairs Primary or Secondary), a strong model missed 0.52 and gave
0.08 (`panel.py`). What is measured is always the set's own labels.

Then the share of pairs (of articles: those with such a pair) that a cascade has to ask about: by
the best cut on the same articles, which no sample can promise. `recall.py` measures the promise.
"""

from __future__ import annotations

import argparse
import pickle
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import calibration
import numpy as np
from quality import Seen, see
from ranking import average_precision
from train import RULE, Predicted, by_default, calibrated, corrected, dataset_of, f1
from train_head import ARTICLES, CachedModel, feature_names, folders, prepare, zero_shot

from classifier.calibration import ScorerCalibration
from classifier.scorers.embedded import reference_topics
from classifier.scorers.embedded.encoding import FeatureEncoder
from classifier.training import teaching_sample
from classifier.training.correction_model import probability
from classifier.training.kind_training import TrainingRule, train_on_features

SIZES = (25, 50, 100, 200)
RECALLS = (0.8, 0.9, 0.95, 0.98)
HELD_OUT, MOST_HELD_OUT, POOL = 0.4, 1000, 2000

Choice = Callable[[np.ndarray, np.ndarray, int, np.random.Generator], list[int]]
"""From unit vectors, confidences, and a number of articles."""


def at_random(
    vectors: np.ndarray, _: np.ndarray, size: int, chance: np.random.Generator
) -> list[int]:
    return list(map(int, chance.permutation(len(vectors))[:size]))


def ours(vectors: np.ndarray, _: np.ndarray, size: int, _chance: np.random.Generator) -> list[int]:
    return teaching_sample.choose(vectors, size)


def expected(
    _vectors: np.ndarray, confidences: np.ndarray, size: int, _: np.random.Generator
) -> list[int]:
    rows: list[int] = []
    seen = np.zeros(confidences.shape[1])
    for _turn in range(size):
        gain = np.log1p(confidences / (1 + seen)).sum(axis=1)
        gain[rows] = -1
        rows.append(int(gain.argmax()))
        seen += confidences[rows[-1]]
    return rows


def in_turn(
    vectors: np.ndarray, confidences: np.ndarray, size: int, _: np.random.Generator
) -> list[int]:
    similar = np.clip(vectors @ vectors.T, 0, 1)
    rows: list[int] = []
    near, seen = np.zeros(len(vectors)), np.zeros(confidences.shape[1])
    for turn in range(size):
        if turn % 2:
            gain = np.maximum(similar - near, 0).sum(axis=1)
        else:
            gain = np.log1p(confidences / (1 + seen)).sum(axis=1)
        gain[rows] = -1
        rows.append(int(gain.argmax()))
        near = np.maximum(near, similar[rows[-1]])
        seen += confidences[rows[-1]]
    return rows


def uncertain(
    _: np.ndarray, confidences: np.ndarray, size: int, _chance: np.random.Generator
) -> list[int]:
    return list(map(int, np.argsort(-(confidences * (1 - confidences)).sum(axis=1))[:size]))


def kmeans(vectors: np.ndarray, _: np.ndarray, size: int, chance: np.random.Generator) -> list[int]:
    rows = [int(chance.integers(len(vectors)))]
    far = np.full(len(vectors), np.inf)
    while len(rows) < size:
        far = np.minimum(far, ((vectors - vectors[rows[-1]]) ** 2).sum(axis=1))
        rows.append(int(chance.choice(len(vectors), p=far / far.sum())))
    return rows


def half(
    vectors: np.ndarray, confidences: np.ndarray, size: int, chance: np.random.Generator
) -> list[int]:
    both = zip(
        ours(vectors, confidences, len(vectors), chance),
        at_random(vectors, confidences, len(vectors), chance),
        strict=True,
    )
    return list(dict.fromkeys(row for pair in both for row in pair))[:size]


CHOICES: dict[str, tuple[Choice, bool]] = {
    "random": (at_random, True),
    "expected labels": (expected, False),
    "uncertain": (uncertain, False),
    "k-means++": (kmeans, True),
    "in turn": (in_turn, False),
    "half random": (half, True),
    "ours": (ours, False),
}
"""With whether it depends on chance."""


def noisy(seen: Seen, noise: tuple[float, float], confidence: np.ndarray) -> Seen:
    """Return the set as a teacher labels it that misses labels and gives false ones.

    Args:
        seen: The set.
        noise: Labels missed, and false ones given: each as a share of the labels.
        confidence: The untrained scorer's: false labels are the likelier, the higher it is.
    """
    share, false = noise
    chance = np.random.default_rng(5)
    truth = seen.data.truth
    missed = truth & (chance.random(truth.shape) < share)
    weight = np.where(truth, 0, confidence**2)
    rate = false * truth.sum() * weight / weight.sum()
    return replace(
        seen, data=replace(seen.data, truth=truth & ~missed | (chance.random(truth.shape) < rate))
    )


def taught(
    teacher: Seen, rows: np.ndarray, rest: np.ndarray, names: Sequence[str]
) -> tuple[Predicted, np.ndarray, ScorerCalibration | None]:
    """Return what a run decides on the others, the confidences that a cut is for, and curves."""
    dataset = dataset_of(teacher, rows, names)
    rule = TrainingRule(rule=RULE, fixed=False, spread=True)
    trained = train_on_features("set", dataset, rule)
    others = teacher.examples(rest, dataset.words)
    logits = others.logits
    if trained.corrections is not None:
        logits = corrected(trained.corrections, others, dataset)
    raw = probability(logits).round(4)
    made = by_default(raw) if trained.fitted is None else calibrated(trained.fitted, raw, teacher)
    return made, raw, trained.fitted


def asked(confidence: np.ndarray, truth: np.ndarray) -> list[float]:
    """Return shares of pairs, then of articles, that the best cut for each recall asks about."""
    labels = np.sort(confidence[truth])
    above = [confidence >= labels[int((1 - recall) * len(labels))] for recall in RECALLS]
    return [float(one.mean()) for one in above] + [float(one.any(axis=1).mean()) for one in above]


def measure(
    seen: Seen,
    names: Sequence[str],
    *,
    draws: int,
    noise: tuple[float, float],
    choices: Sequence[str],
    sizes: Sequence[int] = SIZES,
) -> dict[str, dict[int, np.ndarray]]:
    """Return micro-AP, macro-AP, micro F1, macro F1 and `asked`, by choice and number taught."""
    confidence = 1 / (1 + np.exp(-seen.logits))
    vectors = seen.vectors / np.maximum(np.linalg.norm(seen.vectors, axis=1, keepdims=True), 1e-9)
    teacher = noisy(seen, noise, confidence)
    found: dict[str, dict[int, np.ndarray]] = {}
    for draw in range(draws):
        chance = np.random.default_rng(draw)
        order = chance.permutation(len(vectors))
        held_out = min(MOST_HELD_OUT, round(HELD_OUT * len(order)))
        rest, pool = order[:held_out], order[held_out:][:POOL]
        truth, wanted = seen.data.truth[rest], min(max(sizes), len(pool))
        untrained = found.setdefault("untrained", {})
        for size in sizes:
            row = np.array(
                [
                    *average_precision(confidence[rest], truth),
                    *f1(confidence[rest] >= RULE.minimum, truth),
                    *asked(confidence[rest], truth),
                ]
            )
            untrained.setdefault(size, np.zeros(12))[:] += row / draws
        for name in choices:
            rows = pool[CHOICES[name][0](vectors[pool], confidence[pool], wanted, chance)]
            for size in (size for size in sizes if size <= len(pool)):
                predicted, raw, _ = taught(teacher, rows[:size], rest, names)
                row = np.array(
                    [
                        *average_precision(predicted.confidence, truth),
                        *f1(predicted.labels, truth),
                        *asked(raw, truth),
                    ]
                )
                found.setdefault(name, {}).setdefault(size, np.zeros(12))[:] += row / draws
    return found


def load(
    data: Path, cache: Path | None, wanted: Sequence[str], *, articles: int = ARTICLES
) -> tuple[list[Seen], list[str]]:
    file = cache / f"distill-{articles}.pickle" if cache else None
    if file is not None and file.exists():
        sets, names = pickle.loads(file.read_bytes())  # our own
        return [one for one in sets if not wanted or one.name in wanted], names
    model = CachedModel(cache)
    viewer = FeatureEncoder(model, reference_topics.embed(model))
    names = feature_names(viewer)
    every = [
        prepare(folder.name, folder, model, viewer, articles=articles) for folder in folders(data)
    ]
    raw = {one.name: zero_shot(names, every, one) for one in every}
    platt = {one.name: calibration.platt(raw[one.name], one.truth) for one in every}
    sets = []
    for one in every:
        others = [curve(raw[one.name]) for name, curve in platt.items() if name != one.name]
        sets.append(see(one, viewer, np.mean(others, axis=0)))
    if file is not None:
        file.write_bytes(pickle.dumps((sets, names)))
    return [one for one in sets if not wanted or one.name in wanted], names


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--articles", type=int, default=ARTICLES)
    parser.add_argument(
        "--noise", type=float, nargs=2, default=(0.0, 0.0), metavar=("MISSED", "FALSE")
    )
    parser.add_argument("--size", action="append", type=int)
    parser.add_argument("--choice", action="append", choices=list(CHOICES))
    parser.add_argument("sets", nargs="*", metavar="SET", help="all by default")
    given = parser.parse_args()
    sets, names = load(given.data, given.cache, given.sets, articles=given.articles)
    choices = given.choice or list(CHOICES)
    total: dict[str, dict[int, list[np.ndarray]]] = {}
    print("micro-AP / macro-AP / micro F1 / macro F1 of articles that were not taught")
    sizes = tuple(given.size or SIZES)
    for seen in sets:
        started = time.monotonic()
        found = measure(
            seen, names, draws=given.draws, noise=tuple(given.noise), choices=choices, sizes=sizes
        )
        print(f"\n{seen.name} ({time.monotonic() - started:.0f} s)")
        print_rows(found)
        for name, by_size in found.items():
            for size, row in by_size.items():
                total.setdefault(name, {}).setdefault(size, []).append(row)
    print("\nmean of the sets (200: of those with so many articles)")
    means = {n: {s: np.mean(rows, axis=0) for s, rows in of.items()} for n, of in total.items()}
    print_rows(means)
    print(f"\npairs (articles) to ask about for a recall of {', '.join(map(str, RECALLS))}")
    for name, by_size in means.items():
        for size, row in by_size.items():
            cells = [f"{row[4 + n]:.0%} ({row[8 + n]:.0%})" for n in range(len(RECALLS))]
            print(f"{name:16}{size:>5} taught   " + "   ".join(cells))


def print_rows(found: dict[str, dict[int, np.ndarray]]) -> None:
    sizes = list(next(iter(found.values())))
    print(f"{'':16}" + "".join(f"{f'{size} taught':>31}" for size in sizes))
    for name, by_size in found.items():
        cells = [
            "   " + " / ".join(f"{value:.3f}" for value in row[:4]) for row in by_size.values()
        ]
        print(f"{name:16}" + "".join(f"{cell:>31}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
