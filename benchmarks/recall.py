"""Whether a cascade loses no more labels than it promises, and how many calls it saves.

    python benchmarks/recall.py --data ../shared/data [--cache DIR] [--recall 0.98] [SET ...]

The embedded scorer judges every pair; editors' labels stand in for the language model that is asked
about what the embedded scorer has not ruled out. Every set is left out of the training of the head
that scores it. The random parts of a cut are drawn anew each time; the promise is a recall of 0.98
with 95 % confidence, so no more than 5 % of the draws may have less. Beside ours, at the same
promise:

- tolerance: as many pairs drawn at random as ours draws, and a cut by the confidence alone at the
  exact tolerance limit (Wilks 1941), which is what a sample can say without more ado;
- SUPG (Kang et al. 2020): the same number drawn by importance, normal approximation;
- fixed: a confidence that has reached it on each of the other sets. It promises nothing;
- oracle: the best cut by confidence, knowing all labels.

Calls are pairs asked about, each once, in per cent of all pairs; without a cascade it is 100.
`--times` makes each site so many times as large, of its articles drawn again and again.

`--taught N`: the same with a scorer that learned from N articles of the set, chosen as `classify
train --teacher` does, on the 40 % of the articles that are held out; editors' labels stand in for
the teacher. First what the best cuts would ask about, which promise nothing: pairs, articles with
such a pair, articles that are not settled as a whole (their student's labels stand, and recall and
precision reach the aim), and what leaving out articles would take that knows how many labels each
has and lets no label of the student stand. Then what is promised: pairs by a sample, as above;
whole articles by as many as half of those held out, drawn from them with replacement.
Needs the `bench` extra.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from calibration import left_out

from classifier.decisions import LabelPolicy
from classifier.evaluation.gold_pairs import GoldPairs
from classifier.models import Category, Taxonomy
from classifier.scorers.cascade import deferral
from classifier.scorers.cascade.common_scale import CommonScale
from classifier.training import common_scale, teaching_sample
from classifier.training.binomial_bounds import binomial_cdf
from classifier.training.cascade_tuning import fit_articles
from classifier.training.threshold_sampling import (
    PairPool,
    RecallTarget,
    choose_thresholds,
    pilot_sample,
    plan_sample,
)


@dataclass
class Found:
    recall: float
    calls: float
    """Share of the pairs."""


@dataclass
class Set:
    confidence: np.ndarray
    truth: np.ndarray

    def asked(self, which: np.ndarray) -> Found:
        return Found(float((which & self.truth).sum() / self.truth.sum()), float(which.mean()))


# --- methods --------------------------------------------------------------------------------------


def ours(data: Set, rng: np.random.Generator, aim: RecallTarget) -> tuple[Found, int]:
    """Return what is reached, and how many pairs were drawn at random."""
    pool = PairPool(confidence=data.confidence)
    first = pilot_sample(pool, rng.random(data.truth.shape))
    made = plan_sample(pool, truth=data.truth & first, known=first, target=aim)
    drawn = rng.random(data.truth.shape) < made.rate
    settled = choose_thresholds(made, truth=data.truth & drawn, known=drawn, drawn=drawn)
    kept = drawn | (data.confidence >= settled.values)
    # What only the first look has drawn is paid for, and not counted as found.
    found = data.asked(kept)
    return Found(found.recall, float((kept | first).mean())), int((first | drawn).sum())


def tolerance(data: Set, rng: np.random.Generator, size: int, aim: RecallTarget) -> Found:
    drawn = np.zeros(data.truth.shape, bool)
    drawn.flat[rng.choice(data.truth.size, min(size, data.truth.size), replace=False)] = True
    labels = np.sort(data.confidence[drawn & data.truth])
    rank = 0
    while rank < len(labels) and binomial_cdf(rank, len(labels), 1 - aim.recall) <= aim.risk:
        rank += 1
    cut = labels[rank - 1] if rank else 0.0
    return data.asked(drawn | (data.confidence >= cut))


def supg(data: Set, rng: np.random.Generator, size: int, aim: RecallTarget) -> Found:
    """Their algorithm for a recall (IS-CI-R), as in section 5 of the paper."""
    proxy, truth = data.confidence.ravel(), data.truth.ravel()
    chance = np.sqrt(proxy)
    chance = 0.9 * chance / chance.sum() + 0.1 / len(proxy)
    sample = rng.choice(len(proxy), size, p=chance)
    weight = truth[sample] / (len(proxy) * chance[sample])
    order = np.argsort(-proxy[sample], kind="stable")
    ranked, weight = proxy[sample][order], weight[order]
    share = np.cumsum(weight) / max(weight.sum(), 1e-12)

    def cut(recall: float) -> float:
        return float(ranked[min(int(np.searchsorted(share, recall)), len(ranked) - 1)])

    above = ranked >= cut(aim.recall)
    z_above, z_below = weight * above, weight * ~above
    wide = math.sqrt(2 * math.log(2 / aim.risk) / size)
    upper = z_above.mean() + z_above.std() * wide
    lower = max(z_below.mean() - z_below.std() * wide, 0.0)
    asked = data.confidence >= cut(upper / max(upper + lower, 1e-12))
    asked.ravel()[sample] = True
    return data.asked(asked)


def reaching(data: Set, recall: float) -> float:
    """Return the highest confidence at which the recall is reached, knowing all labels."""
    labels = np.sort(data.confidence[data.truth])
    return float(labels[int((1 - recall) * len(labels))])


# --- the report -----------------------------------------------------------------------------------


def measure(
    sets: Mapping[str, Set], name: str, draws: int, aim: RecallTarget
) -> dict[str, list[Found]]:
    data = sets[name]
    fixed = min(reaching(other, aim.recall) for key, other in sets.items() if key != name)
    found: dict[str, list[Found]] = {"ours": [], "tolerance": [], "SUPG": []}
    for seed in range(draws):
        rng = np.random.default_rng(seed)
        reached, size = ours(data, rng, aim)
        found["ours"].append(reached)
        found["tolerance"].append(tolerance(data, rng, size, aim))
        found["SUPG"].append(supg(data, rng, size, aim))
    found["fixed"] = [data.asked(data.confidence >= fixed)]
    found["oracle"] = [data.asked(data.confidence >= reaching(data, aim.recall))]
    return found


def cell(found: list[Found], recall: float) -> str:
    recalls = np.array([it.recall for it in found])
    missed = (recalls < recall - 1e-12).mean()
    calls = np.mean([it.calls for it in found])
    return f"{missed:5.1%} {recalls.mean():.3f} {calls:5.1%}"


# --- a trained scorer -----------------------------------------------------------------------------

AIMS = (0.98, 0.95, 0.9, 0.8)
MINIMUM = 0.5


@dataclass
class Taught:
    untrained: np.ndarray
    confidence: np.ndarray
    truth: np.ndarray
    labels: np.ndarray
    """Of the student alone, by its own minimum and curve."""
    categories: tuple[Category, ...]
    scale: CommonScale
    """On which its own minimum is that of the teacher."""

    @cached_property
    def on_scale(self) -> np.ndarray:
        return common_scale.rescaled(self.pairs(), self.scale).confidence

    @property
    def given(self) -> np.ndarray:
        """Labels of the student that stand where an article is settled."""
        return self.on_scale >= MINIMUM

    @cached_property
    def doubts(self) -> np.ndarray:
        return np.array([deferral.doubt(row) for row in self.on_scale.tolist()])

    def pairs(self) -> GoldPairs:
        names = tuple(map(str, range(len(self.truth))))
        return GoldPairs(
            articles=names,
            digests=names,
            categories=self.categories,
            truth=self.truth,
            known=np.ones_like(self.truth),
            confidence=self.confidence,
            excluded=np.zeros_like(self.truth),
        )

    def settled(self, cut: float) -> tuple[float, float, float, float]:
        """Return recall, precision, the share of the articles that is asked about, and the share
        of the student's labels that stand and are wrong.
        """
        settled = self.doubts < cut
        made = np.where(settled[:, None], self.given, self.truth)
        right = (made & self.truth).sum()
        wrong = (made & ~self.truth).sum() / max(self.given.sum(), 1)
        return right / self.truth.sum(), right / max(made.sum(), 1), 1 - settled.mean(), wrong

    def part(self, rows: np.ndarray) -> Taught:
        names = ("untrained", "confidence", "truth", "labels")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


def teach(seen: Any, names: list[str], size: int) -> Taught:
    import distill
    from train import categories_of

    untrained = 1 / (1 + np.exp(-seen.logits))
    vectors = seen.vectors / np.maximum(np.linalg.norm(seen.vectors, axis=1, keepdims=True), 1e-9)
    order = np.random.default_rng(0).permutation(len(vectors))
    held_out = min(distill.MOST_HELD_OUT, round(distill.HELD_OUT * len(order)))
    rest, pool = order[:held_out], order[held_out:][: distill.POOL]
    rows = pool[teaching_sample.choose(vectors[pool], size)]
    made, raw, fitted = distill.taught(seen, rows, rest, names)
    categories = categories_of(seen)
    plain = Taxonomy(categories=categories)
    found = {c.id: fitted.minimum_of(c) for c in categories} if fitted else {}
    minimums = {name: it.minimum for name, it in found.items() if it is not None}
    policy = LabelPolicy(Taxonomy(categories=categories, minimums=minimums), fitted)
    scale = common_scale.fit(policy, plain)
    truth = seen.data.truth[rest]
    return Taught(untrained[rest], raw, truth, made.labels, categories, scale)


def best(taught: Taught) -> dict[str, list[float]]:
    """Return shares asked about by the best cuts for each aim."""
    found: dict[str, list[float]] = {}
    for name, confidence in (("untrained", taught.untrained), ("trained", taught.confidence)):
        labels = np.sort(confidence[taught.truth])
        asked = [confidence >= labels[int((1 - aim) * len(labels))] for aim in AIMS]
        found[f"pairs, {name}"] = [one.mean() for one in asked]
        found[f"articles with such a pair, {name}"] = [one.any(axis=1).mean() for one in asked]
    ways = [taught.settled(cut) for cut in [0.0, *np.sort(np.unique(taught.doubts)), 1.0]]
    reached = [
        min(
            (share, precision)
            for recall, precision, share, _ in ways
            if min(recall, precision) >= aim
        )
        for aim in AIMS
    ]
    found["articles not settled as a whole"] = [share for share, _ in reached]
    found["their precision"] = [precision for _, precision in reached]
    right = (taught.labels & taught.truth).sum()
    alone = right / taught.truth.sum(), right / max(taught.labels.sum(), 1)
    found["student alone: recall, precision"] = list(alone)
    labels = np.sort(taught.truth.sum(axis=1))[::-1].cumsum() / taught.truth.sum()
    found["articles, by their number of labels"] = [
        (np.searchsorted(labels, aim - 1e-9) + 1) / len(labels) for aim in AIMS
    ]
    return found


def promised(taught: Taught, draws: int) -> tuple[dict[str, list[str]], list[float]]:
    """Return what is asked about and reached by cuts that are measured, for each aim.

    And the shares of the articles that are asked about.
    """
    found: dict[str, list[str]] = {}
    shares: list[float] = []
    for aim in AIMS:
        target = RecallTarget(recall=aim)
        for name, confidence in (("untrained", taught.untrained), ("trained", taught.confidence)):
            data = Set(confidence, taught.truth)
            tries = [ours(data, np.random.default_rng(n), target)[0] for n in range(draws)]
            found.setdefault(f"pairs, {name}", []).append(cell(tries, aim))
        reached = []
        for n in range(draws):
            size = len(taught.truth)
            drawn = np.random.default_rng(n).integers(size, size=size // 2)
            pairs = taught.part(drawn).pairs()
            taxonomy = Taxonomy(categories=pairs.categories)
            cut = fit_articles(pairs, taxonomy, target, taught.scale)
            reached.append(taught.settled(cut.cut if cut else 0.0))
        recall, precision, share, _ = np.mean(reached, axis=0)
        missed = np.mean([one[0] < aim - 1e-12 for one in reached])
        wrong = np.mean([one[3] > 1 - aim + 1e-12 for one in reached])
        text = f"{missed:5.1%} {wrong:5.1%} {recall:.3f} {share:5.1%} ({precision:.3f})"
        found.setdefault("articles", []).append(text)
        shares.append(share)
    return found, shares


def report_taught(data: Path, cache: Path | None, names: list[str], size: int, draws: int) -> None:
    import distill

    sets, features = distill.load(data, cache, names)
    means: dict[str, list[list[float]]] = {}
    for seen in sets:
        taught = teach(seen, features, size)
        print(f"{seen.name}: best cuts for {', '.join(map(str, AIMS))}")
        for name, shares in best(taught).items():
            print(f"  {name:40}" + "".join(f"{share:8.1%}" for share in shares))
            means.setdefault(name, []).append(shares)
        print(f"  draws that miss, mean recall, calls: {draws} draws; articles: draws that miss")
        print("  the recall, and the bound on wrong labels; mean recall, calls (precision)")
        tried, shares = promised(taught, draws)
        for name, cells in tried.items():
            print(f"  {name:20}" + " | ".join(cells), flush=True)
        means.setdefault("articles, as promised", []).append(shares)
    print("means, of the best cuts where nothing else is said")
    for name, rows in means.items():
        print(f"  {name:40}" + "".join(f"{share:8.1%}" for share in np.mean(rows, axis=0)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", metavar="SET")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--recall", type=float, default=0.98)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--taught", type=int, metavar="N")
    given = parser.parse_args()
    if given.taught is not None:
        report_taught(given.data, given.cache, given.sets, given.taught, given.draws)
        return
    sets = {
        name: larger(Set(pairs.confidence, pairs.truth), given.times)
        for name, pairs in left_out(given.data, given.cache, [])
    }
    report(sets, given.sets or list(sets), given.draws, RecallTarget(recall=given.recall))


def larger(data: Set, times: int) -> Set:
    """Draw articles with replacement; no two of their confidences stay quite the same."""
    if times == 1:
        return data
    rng = np.random.default_rng(0)
    rows = rng.integers(len(data.truth), size=times * len(data.truth))
    noise = np.exp(rng.normal(0, 0.01, (len(rows), data.truth.shape[1])))
    return Set(np.clip(data.confidence[rows] * noise, 0, 1), data.truth[rows])


def report(sets: Mapping[str, Set], names: list[str], draws: int, aim: RecallTarget) -> None:
    print(f"draws that miss a recall of {aim.recall}, mean recall, calls: {draws} draws")
    every: dict[str, list[float]] = {}
    for name in names:
        data = sets[name]
        found = measure(sets, name, draws, aim)
        print(f"{name} ({data.truth.size:,} pairs, {data.truth.sum():,} labels)")
        for method, its in found.items():
            print(f"  {method:12}{cell(its, aim.recall)}", flush=True)
            every.setdefault(method, []).append(float(np.mean([it.calls for it in its])))
    means = (f"{method} {np.mean(calls):.1%}" for method, calls in every.items())
    print(f"mean calls: {', '.join(means)}")


if __name__ == "__main__":
    main()
