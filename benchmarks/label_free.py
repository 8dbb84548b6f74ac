"""How good labels are that a site profile decides, beside other rules that know no label.

    python benchmarks/label_free.py --data ../shared/data --sites ../shared/sites --cache DIR
                                    [--model fast]

Every set is left out whole: its scores are those of a head and a calibration that never saw it
(train_head.py), and the prior of the profile is fitted to the other sets. Articles of all other
sets are mixed in, a fifth of the folder, to see how many that belong nowhere get a label. Sites
with tags are sets, too: the tags on two articles or more are the categories, by their names alone.

Printed at the end: the prior fitted to all sets, as in classifier/training/profiling.py. Needs the
`bench` extra.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from ranking import precision_mean
from train_head import (
    CachedModel,
    Fit,
    Labelled,
    calibrate,
    definition,
    feature_names,
    fit,
    folders,
    probability,
    read,
)

from classifier.content import document
from classifier.models import Article, Failure
from classifier.scorers.embedded import reference_topics
from classifier.scorers.embedded.encoding import ArticleTexts, FeatureEncoder
from classifier.scorers.embedded.pairs import ArticleComparison, CategoryTable
from classifier.scorers.embedded.scorer import VERSION
from classifier.site_profile import MISFIT, KindProfile
from classifier.training import profiling

FOREIGN = 15  # articles taken from each other set
MIXED = 0.25  # of them, so many for each article of the set
AT_MOST = 5
RATES = np.exp(np.linspace(np.log(0.4), np.log(6), 40))  # labels an article
LEAST_USED = 2  # articles that a site's tag is on, to be a category


@dataclass
class Table:
    """The pairs of a set, as the scorer stores them without having seen the set."""

    name: str
    confidences: np.ndarray  # articles x categories
    truth: np.ndarray
    foreign: np.ndarray  # articles of other sets x categories
    donors: np.ndarray  # names of those sets


# --- sets -----------------------------------------------------------------------------------------


def site_set(folder: Path) -> tuple[list[dict], list[dict]]:
    """Return articles and tags of a site, as `read` returns those of a set."""
    docs = []
    for path in sorted(folder.rglob("*.md")):
        found = document.read(path)
        article = found if isinstance(found, Failure) else found.article
        if isinstance(found, Failure) or isinstance(article, Failure) or not article.body.strip():
            continue
        meta = {str(key).lower(): value for key, value in found.front_matter.meta.items()}
        tags = [tag for key in ("tags", "categories") for tag in _tags(meta.get(key))]
        docs.append({"id": path.name, "title": article.title, "text": article.body, "labels": tags})
    used = Counter(tag for doc in docs for tag in set(doc["labels"]))
    labels = [
        {"name": tag, "title": tag, "description": ""}
        for tag, count in sorted(used.items())
        if count >= LEAST_USED
    ]
    return docs, labels


def _tags(value: object) -> list[str]:
    listed = value.split(",") if isinstance(value, str) else value
    return (
        [re.sub(r"[-_]+", " ", str(tag)).strip().lower() for tag in listed if str(tag)]
        if isinstance(listed, list)
        else []
    )


def encode(docs: Sequence[dict], viewer: FeatureEncoder, beginning: int) -> list:
    articles = [Article(id=doc["id"], title=doc["title"], body=doc["text"]) for doc in docs]
    return viewer.articles([ArticleTexts.of(each, beginning=beginning) for each in articles])


def rows(articles: Sequence, categories: Sequence) -> np.ndarray:
    table = CategoryTable(categories)
    return np.array(
        [np.stack(list(ArticleComparison(a, table).features.values()), axis=1) for a in articles],
        np.float32,
    )


def tables(data: Path, sites: Path | None, model: CachedModel, cache: Path) -> list[Table]:
    kept = cache / f"label-free-{VERSION}-{model.digest[:12]}.npz"
    if kept.exists():
        with np.load(kept) as stored:
            names = stored["names"].tolist()
            return [Table(n, *(stored[f"{n}/{k}"] for k in _KEPT)) for n in names]
    made = _make(data, sites, model)
    arrays = {f"{table.name}/{key}": getattr(table, key) for table in made for key in _KEPT}
    np.savez(kept, names=np.array([table.name for table in made]), **arrays)
    return made


_KEPT = ("confidences", "truth", "foreign", "donors")


def _make(data: Path, sites: Path | None, model: CachedModel) -> list[Table]:
    viewer = FeatureEncoder(model, reference_topics.embed(model))
    found = {folder.name: read(folder) for folder in folders(data)}
    learnt = list(found)
    if sites is not None:
        for folder in sorted(path for path in sites.iterdir() if path.name not in found):
            docs, labels = site_set(folder)
            found[f"site:{folder.name}"] = docs, labels
    views = {}
    for name, (docs, _) in found.items():
        views[name] = encode(docs, viewer, model.recipe.beginning)
        print(f"{name}: {len(docs)} articles, {len(found[name][1])} labels", flush=True)
        model.save()
    parts, strange, donors = {}, {}, {}
    for name, (docs, labels) in found.items():
        if not labels:
            continue
        categories = viewer.categories([definition(label, "given") for label in labels])
        truth = np.array([[la["name"] in doc["labels"] for la in labels] for doc in docs])
        parts[name] = Labelled(name, docs, labels, truth, {"given": rows(views[name], categories)})
        other = [(d, v) for d in views if d != name for v in _draw(views[d], name)]
        donors[name] = np.array([donor for donor, _ in other])
        strange[name] = rows([view for _, view in other], categories)
        print(f"{name}: {truth.mean():.1%} labels, {truth.sum(axis=1).mean():.2f} an article")
    model.save()
    names = feature_names(viewer)
    sets = [parts[name] for name in learnt]
    heads = {s.name: fit(names, [o for o in sets if o is not s]) for s in sets}
    raw = {s.name: heads[s.name](s.rows["given"]) for s in sets}
    of_all = fit(names, sets)
    made = []
    for name, part in parts.items():
        others = [s for s in sets if s.name != name]
        head = heads.get(name, of_all)
        line = calibrate([(raw[s.name], s.truth) for s in others])
        made.append(
            Table(
                name,
                stored(head, line, part.rows["given"]),
                part.truth,
                stored(head, line, strange[name]),
                donors[name],
            )
        )
    return made


def stored(head: Fit, line: tuple[float, float, float], rows: np.ndarray) -> np.ndarray:
    """Return the confidences that are stored: with four decimals."""
    slope, offset, steeper = line
    return np.round(probability(slope * head(rows) + offset, steeper), 4)


def _draw(views: Sequence, name: str) -> Iterator:
    return iter(random.Random(name).sample(list(views), min(FOREIGN, len(views))))


# --- rules ----------------------------------------------------------------------------------------

Rule = Callable[[np.ndarray], "Decide"]
"""From the confidences of a folder to what decides on confidences."""
Decide = Callable[[np.ndarray], np.ndarray]


def best(scores: np.ndarray, eligible: np.ndarray) -> np.ndarray:
    """Return the best `AT_MOST` eligible pairs of each article."""
    ranked = np.where(eligible, scores, -np.inf)
    return eligible & ((-ranked).argsort(axis=1, kind="stable").argsort(axis=1) < AT_MOST)


def default(_: np.ndarray) -> Decide:
    return lambda some: best(some, some >= 0.5)


def at(threshold: float) -> Decide:
    return lambda some: best(some, some >= threshold)


def two_labels(folder: np.ndarray) -> Decide:
    return at(_threshold(folder, 2))


def two_labels_centred(folder: np.ndarray) -> Decide:
    """Log-odds less half the mean of the category and half that of the article."""
    odds = profiling.table_log_odds(folder)
    levels = odds.mean(axis=0)

    def centred(some: np.ndarray) -> np.ndarray:
        found = profiling.table_log_odds(some)
        return found - (levels + found.mean(axis=1, keepdims=True)) / 2

    threshold = _threshold(centred(folder), 2)
    return lambda some: best(centred(some), centred(some) >= threshold)


def by_profile(prior: Sequence[float]) -> Rule:
    def rule(folder: np.ndarray) -> Decide:
        names = [f"{n}" for n in range(folder.shape[1])]
        found = profiling.fit(folder, names, prior)
        return default(folder) if found is None else partial(decided, found)

    return rule


def decided(profile: KindProfile, some: np.ndarray) -> np.ndarray:
    """Return what `KindProfile.minimums` gives, for all articles at once."""
    totals = some.sum(axis=1)
    shifts = np.array([profile.shift(total) for total in totals])
    misfit = totals < profile.floor
    shifts = np.where(misfit, np.maximum(shifts, 0), shifts)
    odds = profile.threshold + shifts[:, None] + np.array([*profile.levels.values()])
    minimums = np.round(1 / (1 + np.exp(-odds)), 4)
    minimums = np.where(misfit[:, None], np.maximum(minimums, MISFIT), minimums)
    sample = dict(zip(profile.levels, some[0].tolist(), strict=True))
    assert np.allclose([*profile.minimums(sample).values()], minimums[0], atol=1.1e-4)
    return best(some, some >= minimums)


def _threshold(scores: np.ndarray, labels: float) -> float:
    ranked = -np.sort(np.sort(-scores, axis=1)[:, :AT_MOST].ravel())
    return float(ranked[min(round(labels * len(scores)), len(ranked)) - 1])


# --- figures --------------------------------------------------------------------------------------


def f1(chosen: np.ndarray, truth: np.ndarray) -> float:
    return float(2 * (chosen & truth).sum() / max(chosen.sum() + truth.sum(), 1))


def in_hindsight(table: Table) -> np.ndarray:
    """Return the labels of the one threshold that does best by the truth."""
    tried = np.unique(np.quantile(table.confidences, np.linspace(0.5, 1, 400)))
    found = [at(threshold)(table.confidences) for threshold in tried]
    return max(found, key=lambda chosen: f1(chosen, table.truth))


@dataclass
class Measured:
    f1: float
    precision: float
    recall: float
    empty: float  # labelled articles without a label of ours
    per_article: float  # labels
    unlabelled: float = np.nan  # of the articles that belong nowhere
    mixed_f1: float = np.nan  # of the set's own articles, where others are mixed in


def measured(chosen: np.ndarray, truth: np.ndarray) -> Measured:
    hits = (chosen & truth).sum()
    return Measured(
        f1(chosen, truth),
        hits / max(chosen.sum(), 1),
        hits / truth.sum(),
        float((~chosen[truth.any(axis=1)].any(axis=1)).mean()),
        chosen.sum() / len(chosen),
    )


def measure(rule: Rule, table: Table) -> Measured:
    found = measured(rule(table.confidences)(table.confidences), table.truth)
    number = min(len(table.foreign), int(MIXED * len(table.truth)))
    foreign = table.foreign[np.random.default_rng(1).permutation(len(table.foreign))[:number]]
    decide = rule(np.vstack([table.confidences, foreign]))
    found.unlabelled = float((~decide(foreign).any(axis=1)).mean())
    found.mixed_f1 = f1(decide(table.confidences), table.truth)
    return found


def ranked(table: Table, prior: Sequence[float]) -> tuple[float, float]:
    """Return micro-AP of the confidences as they are, and centred."""
    names = [f"{n}" for n in range(table.truth.shape[1])]
    profile = profiling.fit(table.confidences, names, prior)
    assert profile is not None
    centred = profiling.centred(table.confidences, profile)
    truth = table.truth.ravel()
    return precision_mean(table.confidences.ravel(), truth), precision_mean(centred.ravel(), truth)


# --- the prior ------------------------------------------------------------------------------------


@dataclass
class Curve:
    """F1 of a set by how many labels an article the profile aims at."""

    categories: float  # as in `expected_labels`: log of the ratio to what is typical
    total: float
    f1: np.ndarray

    @classmethod
    def of(cls, table: Table) -> Curve:
        names = [f"{n}" for n in range(table.truth.shape[1])]
        profile = profiling.fit(table.confidences, names)
        assert profile is not None
        found = [
            f1(by_profile((np.log(rate), 0, 0))(table.confidences)(table.confidences), table.truth)
            for rate in RATES
        ]
        return cls(
            np.log(len(names) / profiling.TYPICAL_CATEGORIES),
            np.log(profile.expected / profiling.TYPICAL_SUM),
            np.array(found),
        )


def fit_prior(curves: Sequence[Curve]) -> tuple[float, float, float]:
    """Return the mean of two priors: by the number of categories, and by the sum of confidences.

    Each has the best mean F1 over the sets. So few sets do not tell both slopes at once.
    """
    one = _fit([(curve.categories, curve.f1) for curve in curves])
    other = _fit([(curve.total, curve.f1) for curve in curves])
    return (one[0] + other[0]) / 2, one[1] / 2, other[1] / 2


def _fit(sets: Sequence[tuple[float, np.ndarray]]) -> tuple[float, float]:
    """Return constant and slope; the mean of all, weighted by how close to the best they are."""
    tried = np.array([(c, s) for c in np.linspace(0, 0.9, 19) for s in np.linspace(-0.1, 0.6, 15)])
    reached = np.mean(
        [np.interp(tried @ [1, x], np.log(RATES), found) for x, found in sets], axis=0
    )
    weights = np.exp((reached - reached.max()) / 0.003)
    constant, slope = weights @ tried / weights.sum()
    return float(constant), float(slope)


# --- the report -----------------------------------------------------------------------------------


def report(sets: Sequence[Table]) -> None:
    curves = {table.name: Curve.of(table) for table in sets}
    rules: dict[str, list[Measured]] = {}
    aps = []
    print(f"{'F1':18}{'today':>8}{'two':>8}{'centred':>8}{'ours':>8}{'best':>8}   labels/article")
    for table in sets:
        prior = fit_prior([curve for name, curve in curves.items() if name != table.name])
        line = {
            "today": measure(default, table),
            "two": measure(two_labels, table),
            "centred": measure(two_labels_centred, table),
            "ours": measure(by_profile(prior), table),
            "best": measured(in_hindsight(table), table.truth),
        }
        ranking = ranked(table, prior)
        for name, found in line.items():
            rules.setdefault(name, []).append(found)
        aps.append(ranking)
        cells = "".join(f"{found.f1:8.3f}" for found in line.values())
        people = table.truth.sum() / len(table.truth)
        print(f"{table.name:18}{cells}   {people:.2f}, ours {line['ours'].per_article:.2f}")
    ap = np.array(aps)
    _means("mean of all", rules, slice(None))
    _means("mean of data sets", rules, slice(0, sum(":" not in t.name for t in sets)))
    _details(sets, rules, ap)
    print("\nprior fitted to all sets:", *(f"{x:.3f}" for x in fit_prior([*curves.values()])))


def _means(name: str, rules: Mapping[str, Sequence[Measured]], part: slice) -> None:
    means = [np.mean([each.f1 for each in found[part]]) for found in rules.values()]
    print(f"{name:18}" + "".join(f"{mean:8.3f}" for mean in means))


def _details(
    sets: Sequence[Table], rules: Mapping[str, Sequence[Measured]], ap: np.ndarray
) -> None:
    shown = ("today", "two", "ours")
    for title, key in {
        "precision": "precision",
        "recall": "recall",
        "labelled articles left empty": "empty",
        "articles that belong nowhere, unlabelled": "unlabelled",
        "F1 where those are mixed in": "mixed_f1",
    }.items():
        print(f"\n{title}\n{'':18}" + "".join(f"{name:>8}" for name in shown))
        values = np.array([[getattr(each, key) for each in rules[name]] for name in shown])
        for table, column in zip(sets, values.T, strict=True):
            print(f"{table.name:18}" + "".join(f"{value:8.2f}" for value in column))
        print(f"{'mean':18}" + "".join(f"{value:8.2f}" for value in values.mean(axis=1)))
    print(f"\nmicro-AP\n{'':18}{'as is':>8}{'centred':>8}")
    for table, (plain, centred) in zip(sets, ap, strict=True):
        print(f"{table.name:18}{plain:8.3f}{centred:8.3f}{centred - plain:+8.3f}")
    print(f"{'mean':18}{ap[:, 0].mean():8.3f}{ap[:, 1].mean():8.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sites", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--model", help="as the setting `embedding_model`")
    given = parser.parse_args()
    model = CachedModel(given.cache, given.model)
    report(tables(given.data, given.sites, model, given.cache))


if __name__ == "__main__":
    main()
