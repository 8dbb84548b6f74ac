"""What 200 labelled articles make of the embedded scorer's confidences, on articles not labelled.

    python benchmarks/calibration.py --data ../shared/data [--cache DIR] [--labelled 200] [SET ...]

Every set is left out in turn: its scores are those of a head that never saw it (train_head.py), and
its confidences as they are the mean of what the curves of the other sets say. They are calibrated
on so many of its articles, drawn five times, and measured on the rest; beside ours, on the same
draws, Platt scaling (Platt 1999), beta calibration (Kull et al. 2017) and isotonic regression
(Zadrozny & Elkan 2002). Needs the `bench` extra.
"""

from __future__ import annotations

import argparse
import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from train_head import CachedModel, feature_names, fit, prepare

from classifier.evaluation.gold_pairs import GoldPairs
from classifier.evaluation.metrics import Scored, reliability
from classifier.models import Category, Rule
from classifier.scorers.embedded import reference_topics
from classifier.scorers.embedded.encoding import FeatureEncoder
from classifier.training import curves, targets
from classifier.training.targets import MetricTarget, PairScores

DRAWS = 5
GOAL = 0.03
PRECISIONS = (0.5, 0.6, 0.7, 0.8, 0.9)
Calibrator = Callable[[GoldPairs, GoldPairs], np.ndarray]


# --- confidences that know nothing of a set -------------------------------------------------------


def left_out(
    folder: Path, cache: Path | None, wanted: list[str]
) -> Iterator[tuple[str, GoldPairs]]:
    model = CachedModel(cache)
    viewer = FeatureEncoder(model, reference_topics.embed(model))
    folders = sorted(path.parent for path in folder.glob("*/labels.json"))
    sets = [prepare(each.name, each, model, viewer) for each in folders]
    scores = {}
    for one in sets:
        head = fit(feature_names(viewer), [other for other in sets if other is not one])
        scores[one.name] = head(one.rows["given"]), one.truth
    for name, (score, truth) in scores.items():
        if wanted and name not in wanted:
            continue
        curves_ = [platt(*it) for other, it in scores.items() if other != name]
        yield name, pairs(np.mean([curve(score) for curve in curves_], axis=0), truth)


def platt(score: np.ndarray, truth: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    model = LogisticRegression(C=np.inf).fit(score.reshape(-1, 1), truth.ravel())
    return lambda other: model.predict_proba(other.reshape(-1, 1))[:, 1].reshape(other.shape)


def pairs(confidence: np.ndarray, truth: np.ndarray) -> GoldPairs:
    articles, categories = truth.shape
    return GoldPairs(
        articles=tuple(f"{n}.md" for n in range(articles)),
        digests=tuple(f"{n:08}" for n in range(articles)),
        categories=tuple(
            Category(id=f"set/{n}", kind="set", title=f"{n}") for n in range(categories)
        ),
        truth=truth,
        known=np.ones_like(truth),
        confidence=confidence.astype(np.float64),
        excluded=np.zeros_like(truth),
    )


def some(whole: GoldPairs, rows: np.ndarray) -> GoldPairs:
    return pairs(whole.confidence[rows], whole.truth[rows])


# --- methods --------------------------------------------------------------------------------------


def as_it_is(_: GoldPairs, rest: GoldPairs) -> np.ndarray:
    return rest.confidence


def ours(labelled: GoldPairs, rest: GoldPairs) -> np.ndarray:
    found = curves.fit(labelled)
    return rest.confidence if found is None else curves.applied(found.kind, found.categories, rest)


def logistic(features: Callable[[np.ndarray], np.ndarray]) -> Calibrator:
    def calibrated(labelled: GoldPairs, rest: GoldPairs) -> np.ndarray:
        model = LogisticRegression(C=np.inf)
        model.fit(features(labelled.confidence.ravel()), labelled.truth.ravel())
        found = model.predict_proba(features(rest.confidence.ravel()))[:, 1]
        return found.reshape(rest.truth.shape)

    return calibrated


def isotonic(labelled: GoldPairs, rest: GoldPairs) -> np.ndarray:
    model = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
    model.fit(labelled.confidence.ravel(), labelled.truth.ravel())
    return model.predict(rest.confidence.ravel()).reshape(rest.truth.shape)


def log_odds(confidence: np.ndarray) -> np.ndarray:
    return np.log(confidence / (1 - confidence))[:, None]


def beta(confidence: np.ndarray) -> np.ndarray:
    return np.column_stack([np.log(confidence), -np.log(1 - confidence)])


METHODS: dict[str, Calibrator] = {
    "as it is": as_it_is,
    "platt": logistic(log_odds),
    "beta": logistic(beta),
    "isotonic": isotonic,
    "ours": ours,
}


# --- figures --------------------------------------------------------------------------------------


def calibration_error(confidence: np.ndarray, truth: np.ndarray, *, above: float = -1.0) -> float:
    """Return the expected calibration error of pairs above a confidence: most are near 0."""
    scored = Scored(confidence, truth, confidence > above, np.zeros_like(truth))
    bins = reliability(scored)
    total = sum(one.pairs for one in bins)
    return sum(one.pairs * abs(one.confidence - one.share) for one in bins) / max(total, 1)


def figures(confidence: np.ndarray, rest: GoldPairs) -> dict[str, float]:
    return {
        "calibration error": calibration_error(confidence, rest.truth),
        "calibration error above 0.1": calibration_error(confidence, rest.truth, above=0.1),
        "Brier score": float(((confidence - rest.truth) ** 2).mean()),
        "log loss": float(curves.log_loss(confidence, rest).mean()),
        "micro-AP": average_precision_score(rest.truth.ravel(), confidence.ravel()),
    }


def draws(whole: GoldPairs, labelled: int) -> Iterator[tuple[GoldPairs, GoldPairs]]:
    articles = len(whole.articles)
    for draw in range(DRAWS):
        order = np.random.default_rng(draw).permutation(articles)
        cut = min(labelled, articles // 2)
        yield some(whole, order[:cut]), some(whole, order[cut:])


def tested(field: PairScores, precision: float) -> float | None:
    return targets.choose_minimum(field, MetricTarget("precision", precision), Rule()).minimum


def observed(field: PairScores, precision: float) -> float | None:
    """Return the lowest minimum that looks good, without a test."""
    given = targets.assigned(field.held_out, field.excluded, np.zeros(1), Rule())
    order = np.argsort(-field.held_out[given])
    shares = np.cumsum(field.truth[given][order]) / np.arange(1, len(order) + 1)
    fewest = math.ceil(math.log(targets.RISK) / math.log(precision))
    good = np.flatnonzero((shares >= precision) & (np.arange(1, len(order) + 1) >= fewest))
    return float(field.held_out[given][order][good[-1]]) if good.size else None


CHOICES = {"tested": tested, "observed alone": observed}


def targets_reached(
    labelled: GoldPairs, rest: GoldPairs
) -> Iterator[tuple[str, float, float, float]]:
    """Yield (choice, precision asked for, precision, recall) on the rest, where one was chosen."""
    found = curves.fit(labelled)
    confidence = labelled.confidence if found is None else found.confidence
    held_out = labelled.confidence if found is None else found.held_out
    field = PairScores(confidence, held_out, labelled.truth, labelled.known, labelled.excluded)
    calibrated = ours(labelled, rest)
    for (name, choose), precision in product(CHOICES.items(), PRECISIONS):
        minimum = choose(field, precision)
        if minimum is not None:
            given = targets.assigned(calibrated, rest.excluded, np.array([minimum]), Rule())
            hits = (given & rest.truth).sum()
            yield name, precision, hits / max(given.sum(), 1), hits / rest.truth.sum()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--labelled", type=int, default=200)
    parser.add_argument("sets", nargs="*", metavar="SET")
    given = parser.parse_args()
    table: dict[str, dict[str, dict[str, list[float]]]] = defaultdict(lambda: defaultdict(dict))
    reached = []
    tries = 0
    for name, whole in left_out(given.data, given.cache, given.sets):
        parts = list(draws(whole, given.labelled))
        for method, calibrator in METHODS.items():
            found = [figures(calibrator(labelled, rest), rest) for labelled, rest in parts]
            for figure in found[0]:
                table[figure][method][name] = [each[figure] for each in found]
        reached += [it for part in parts for it in targets_reached(*part)]
        tries += len(parts)
    for figure, rows in table.items():
        print_figure(figure, rows)
    print_targets(reached, tries)
    worst = max(map(np.mean, table["calibration error"]["ours"].values()))
    print(f"\ncalibration error of ours, worst set: {worst:.4f}, goal {GOAL}")


def print_figure(figure: str, rows: dict[str, dict[str, list[float]]]) -> None:
    names = list(next(iter(rows.values())))
    print(f"\n{figure:28}" + "".join(f"{name[:12]:>13}" for name in names) + f"{'mean':>13}")
    for method, by_set in rows.items():
        means = [float(np.mean(values)) for values in by_set.values()]
        print(f"  {method:26}" + "".join(f"{mean:13.4f}" for mean in (*means, np.mean(means))))


def print_targets(reached: list[tuple[str, float, float, float]], tries: int) -> None:
    print("\nminimums for a precision   chosen   missed on the rest   precision   recall there")
    for choice, precision in product(CHOICES, PRECISIONS):
        found = [its for name, asked, *its in reached if (name, asked) == (choice, precision)]
        missed = sum(got < precision for got, _ in found)
        got, recall = np.mean(found, axis=0) if found else (math.nan, math.nan)
        print(
            f"  {choice:16}{precision:8}   {len(found):3} of {tries}   {missed:18}"
            f"{got:12.2f}{recall:15.2f}"
        )


if __name__ == "__main__":
    main()
