"""How often the 95 % intervals of an evaluation hold the truth.

    python benchmarks/intervals.py [--sets 150]

A world of 60,000 synthetic articles, whose metrics are known, and many small gold sets drawn from
the same source; twice, with rare categories and with common ones. Beside the intervals as reported,
those that are not moved by the estimated bias.
"""

from __future__ import annotations

import argparse
from collections import defaultdict

import numpy as np

from classifier.evaluation.bootstrap import estimate, resample_weights
from classifier.evaluation.metrics import (
    Floats,
    Scored,
    Statistics,
    Weights,
    by_category,
    unit_weights,
)

WORLD, GOLD, CATEGORIES, RESAMPLES = 60_000, 350, 30, 300


def draw(chance: np.random.Generator, articles: int, shares: Floats) -> Scored:
    """Confidences of true pairs are higher, and those of one article go together."""
    shape = articles, CATEGORIES
    truth = chance.random(shape) < shares
    odds = chance.normal(0, 1, shape) + chance.normal(0, 0.5, (articles, 1)) + truth * 1.8 - 2.2
    confidence = 1 / (1 + np.exp(-1.2 * odds))
    return Scored(confidence, truth, np.ones(shape, dtype=bool), confidence >= 0.5)


def measure(scored: Scored, weights: Weights) -> dict[str, Floats]:
    return Statistics(scored).measure(weights, by_category(scored, weights)["ap"])


def held(shares: Floats, sets: int) -> dict[str, tuple[float, float]]:
    """Return, by metric, the share of intervals that hold it: as reported, and not moved."""
    chance = np.random.default_rng(3)
    world = measure(draw(chance, WORLD, shares), unit_weights(WORLD))
    weights = np.concatenate([unit_weights(GOLD), resample_weights(GOLD, RESAMPLES)])
    counts: defaultdict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for _ in range(sets):
        for name, values in measure(draw(chance, GOLD, shares), weights).items():
            found = estimate(float(values[0]), values[1:])
            assert found is not None
            low, high = np.quantile(values[1:], (0.025, 0.975))
            truth = world[name][0]
            counts[name].append((found.low <= truth <= found.high, low <= truth <= high))
    return {name: tuple(np.mean(rows, axis=0)) for name, rows in counts.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=150)
    given = parser.parse_args()
    for least, most in ((0.005, 0.08), (0.03, 0.15)):
        shares = np.geomspace(least, most, CATEGORIES)
        print(f"{GOLD} articles, {least * GOLD:.0f} to {most * GOLD:.0f} in a category")
        for name, (moved, plain) in held(shares, given.sets).items():
            print(f"  {name:<22} {moved:6.0%}   not moved {plain:4.0%}")


if __name__ == "__main__":
    main()
