"""Train the embedded scorer's head, and say how well it does on sets it has not seen.

    python benchmarks/train_head.py --data ../shared/data [--cache DIR] [--intervals]
                                    [--model fast] [--write]

Every set is left out in turn: a head trained on the others ranks its pairs, beside the baselines.
Two heads are trained: one for categories that are a title and perhaps a description, one for those
with key topics. The calibration is fitted on the out-of-set predictions of each: the mean of the
curves that fit each set.
`--write` then trains on all sets and writes the model's head and the vectors of the reference
topics, of classifier/scorers/embedded. Needs the `bench` extra (scikit-learn).
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from ranking import average_precision, baselines, leads
from scipy.optimize import brentq, minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from classifier.models import Article, Category, Instructions
from classifier.scorers.embedded import features, reference_topics
from classifier.scorers.embedded.encoding import ArticleTexts, FeatureEncoder
from classifier.scorers.embedded.model_files import ModelChoice, ModelFiles
from classifier.scorers.embedded.pairs import ArticleComparison, CategoryTable, compute_features
from classifier.scorers.embedded.sentence_model import SentenceModel

ARTICLES = 500  # a set, drawn by a fixed seed
POSITIVE = 0.05  # weight of all labels of a set beside its other pairs, while training
RIDGE = 0.1
CLIP = (-4.0, 6.0)
AT_MOST = 5  # labels per article, where what a threshold of 0.5 brings is counted
SCORERS = Path(features.__file__).parent


class CachedModel:
    """A sentence model that remembers vectors and spans between runs."""

    def __init__(self, folder: Path | None, choice: ModelChoice = None) -> None:
        self._model = SentenceModel.open(ModelFiles.find(choice))
        self.head = self._model.head
        self.recipe = self._model.recipe
        self.digest = self._model.digest
        self._path = folder / f"read-{self.digest[:12]}.npz" if folder else None
        self._known: dict[str, np.ndarray] = {}
        self._spans: dict[str, np.ndarray] = {}
        if self._path and self._path.exists():
            with np.load(self._path) as stored:
                self._known = dict(zip(stored["keys"].tolist(), stored["rows"], strict=True))
                spans = np.split(stored["spans"], np.cumsum(stored["span_counts"])[:-1])
                self._spans = dict(zip(stored["span_keys"].tolist(), spans, strict=True))

    def read(self, texts: Sequence[str], axes: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        along = hashlib.blake2b(axes.tobytes()).hexdigest()
        keys = [_key(along, text) for text in texts]
        new = {k: t for k, t in zip(keys, texts, strict=True) if k not in self._spans}
        if new:
            vectors, spans = self._model.read(list(new.values()), axes)
            self._spans.update(zip(new, spans, strict=True))
            whole = map(_key, new.values())
            self._known.update(zip(whole, vectors.astype(np.float16), strict=True))
        return self.encode(texts), [self._spans[key] for key in keys]

    def encode(
        self, texts: Sequence[str], *, role: Literal["query", "passage"] = "passage"
    ) -> np.ndarray:
        keys = [*map(_key, texts)]
        new = {k: t for k, t in zip(keys, texts, strict=True) if k not in self._known}
        if new:
            vectors = self._model.encode(list(new.values()), role=role)
            self._known.update(zip(new, vectors.astype(np.float16), strict=True))
        if not keys:
            return self._model.encode([], role=role)
        return features.unit_rows(np.array([self._known[k] for k in keys], np.float32))

    def rarities(self, words: Sequence[str]) -> list[float]:
        return self._model.rarities(words)

    def save(self) -> None:
        if self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            spans = list(self._spans.values())
            np.savez(
                self._path,
                keys=np.array(list(self._known)),
                rows=np.array(list(self._known.values())),
                span_keys=np.array(list(self._spans)),
                span_counts=np.array([len(each) for each in spans]),
                spans=np.concatenate(spans),
            )


def _key(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:24]


# --- data ----------------------------------------------------------------------------------------


@dataclass
class Labelled:
    name: str
    docs: list[dict]
    labels: list[dict]
    truth: np.ndarray  # articles x categories
    rows: dict[str, np.ndarray]  # by richness of the definitions: articles x categories x features


def read(
    folder: Path, articles: int = ARTICLES, words: int | None = None
) -> tuple[list[dict], list[dict]]:
    labels = json.loads((folder / "labels.json").read_text("utf-8"))
    lines = (folder / "docs.jsonl").read_text("utf-8").split("\n")
    docs = [json.loads(line) for line in lines if line]
    docs = [doc for doc in docs if doc["text"].strip() or doc["title"]]
    random.Random(7).shuffle(docs)
    docs = docs[:articles]
    for doc in docs:
        doc["text"] = beginning(doc["text"], words)
    return docs, labels


def beginning(text: str, words: int | None) -> str:
    """Return the first words of a text, with the space between them."""
    ends = [match.end() for match in re.finditer(r"\S+", text)]
    return text if words is None or len(ends) <= words else text[: ends[words - 1]]


def definition(label: dict, richness: str) -> Category:
    about = label["description"].strip()
    title = label["title"]
    if richness == "title" or about.lower() == label["title"].lower():
        about = ""
    # No set has key topics: clauses of the descriptions stand in for them.
    clauses = re.split(r"(?<=[.!?])\s+|[;:]\s+|,\s+(?:and\s+)?", about)
    topics = (
        [c.strip() for c in clauses if len(c.strip()) > 3][:10]
        if richness in ("rich", "untitled")
        else []
    )
    if richness == "untitled" and topics:
        # The title may say little: a head must not lean on it where the topics say more.
        title = "Topic"
    return Category(
        id=f"set/{label['name']}",
        kind="set",
        title=title,
        description=about,
        instructions=Instructions(topics=tuple(topics)),
    )


def folders(data: Path) -> list[Path]:
    """Return the folders of the sets in `data`."""
    return sorted(path.parent for path in data.glob("*/labels.json"))


def prepare(
    name: str,
    folder: Path,
    model: CachedModel,
    viewer: FeatureEncoder,
    *,
    articles: int = ARTICLES,
    words: int | None = None,
) -> Labelled:
    docs, labels = read(folder, articles, words)
    views = viewer.articles(
        [
            ArticleTexts.of(
                Article(id=doc["id"], title=doc["title"], body=doc["text"]),
                beginning=model.recipe.beginning,
            )
            for doc in docs
        ]
    )
    truth = np.array([[label["name"] in doc["labels"] for label in labels] for doc in docs])
    described = any(label["description"] for label in labels)
    rows = {}
    for richness in ("given", "title", "rich", "untitled") if described else ("given",):
        table = CategoryTable(viewer.categories([definition(label, richness) for label in labels]))
        rows[richness] = np.array(
            [
                np.stack(list(ArticleComparison(view, table).features.values()), axis=1)
                for view in views
            ],
            np.float32,
        )
    print(f"{name}: {len(docs)} articles, {len(labels)} categories, {truth.mean():.1%} labels")
    model.save()
    return Labelled(name, docs, labels, truth, rows)


def feature_names(viewer: FeatureEncoder) -> list[str]:
    article = viewer.articles([ArticleTexts.of(Article(id="-", title="a", body="b"))])[0]
    category = viewer.categories([Category(id="a/b", kind="a", title="b")])[0]
    return list(compute_features(article, category))


# --- the head ------------------------------------------------------------------------------------


def log_ranks(yes: np.ndarray, no: np.ndarray, each: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Mean log rank of the labels among the other pairs.

    A rank is a soft count of those that score higher (as in Brown et al. 2020, "Smooth-AP").
    """
    above = expit(no - yes[:, None])
    rank = 1 + each * above.sum(axis=1)
    slope = each * above * (1 - above) / rank[:, None] / len(yes)
    return -slope.sum(axis=1), slope.sum(axis=0), float(np.log(rank).mean())


Forms = Mapping[str, float]
"""Which forms of the definitions are trained on, and what each weighs."""


NAMED: Forms = {"given": 1}
# The title may say little: a head must not lean on it where the topics say more.
TOPICAL: Forms = {"given": 1, "title": 1, "rich": 2, "untitled": 4}
KINDS = {"named": NAMED, "topical": TOPICAL}
POSITIVES, NEGATIVES = 1000, 3000  # pairs drawn from every set and form


@dataclass
class Drawn:
    """Pairs of one set and form: some of its labels, some of its other pairs."""

    yes: np.ndarray
    no: np.ndarray
    stands_for: float
    """How many pairs without a label each drawn one stands for."""
    weight: float


def draw(sets: Iterable[Labelled], forms: Forms) -> list[Drawn]:
    """Draw pairs to train on; every set has the same weight, whatever its size and base rate."""
    rng = np.random.default_rng(0)
    found = []
    for data in sets:
        used = {form: weight for form, weight in forms.items() if form in data.rows}
        labels = data.truth.ravel()
        for form, weight in used.items():
            table = data.rows[form].reshape(-1, data.rows[form].shape[2])
            yes = rng.permutation(np.flatnonzero(labels))[:POSITIVES]
            no = rng.permutation(np.flatnonzero(~labels))[:NEGATIVES]
            share = weight / sum(used.values())
            found.append(Drawn(table[yes], table[no], (~labels).sum() / len(no), share))
    return found


@dataclass
class Fit:
    mean: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    intercept: float = 0.0

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        return self.standard(rows) @ self.weights + self.intercept

    def standard(self, rows: np.ndarray) -> np.ndarray:
        return np.clip((rows - self.mean) / self.scale, *CLIP)


def fit(names: Sequence[str], sets: Iterable[Labelled], forms: Forms = NAMED) -> Fit:
    """Fit weights that bring the labels of each set to the top of its pairs; scores are log-odds.

    Evidence has the sign that it must have, which is what makes it transfer: a closeness that
    would count against a category can only have learnt the peculiarities of a set.
    """
    drawn = draw(sets, forms)
    parts = [part for d in drawn for part in (d.yes, d.no)]
    rows = np.concatenate(parts)
    shares = [d.weight * of for d in drawn for of in (POSITIVE, 1 - POSITIVE)]
    share = np.repeat(
        np.divide(shares, sum(shares)) / [len(part) for part in parts], [*map(len, parts)]
    )
    mean = share @ rows
    found = Fit(mean, np.sqrt(share @ (rows - mean) ** 2) + 1e-6, np.zeros(len(names)))
    standard = [replace(d, yes=found.standard(d.yes), no=found.standard(d.no)) for d in drawn]
    total = sum(d.weight for d in drawn)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        small = np.append(weights[:-1], 0.0)
        value, slope = RIDGE / 2 * small @ small, RIDGE * small
        for d in standard:
            yes, no = (part @ weights[:-1] + weights[-1] for part in (d.yes, d.no))
            of_yes, of_no, lost = log_ranks(yes, no, d.stands_for)
            value += d.weight / total * lost
            slope[:-1] += d.weight / total * (d.yes.T @ of_yes + d.no.T @ of_no)
            slope[-1] += d.weight / total * (of_yes.sum() + of_no.sum())
        return float(value), slope

    bounds = [*map(_bounds, names), (None, None)]
    options = {"maxiter": 100}
    start = np.zeros(len(names) + 1)
    weights = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B", options=options).x
    found = replace(found, weights=weights[:-1], intercept=float(weights[-1]))
    return _scaled(found, drawn, share)


def _scaled(found: Fit, drawn: Iterable[Drawn], share: np.ndarray) -> Fit:
    """Bring scores of which only the order was trained to the scale of log-odds."""
    parts = [(part, label) for d in drawn for part, label in ((d.yes, 1), (d.no, 0))]
    scores = np.concatenate([found(part) for part, _ in parts])
    labels = np.concatenate([np.full(len(part), label) for part, label in parts])
    line = LogisticRegression(C=np.inf).fit(scores.reshape(-1, 1), labels, share * len(share))
    slope = line.coef_[0, 0]
    return replace(
        found,
        weights=slope * found.weights,
        intercept=float(slope * found.intercept + line.intercept_[0]),
    )


def _bounds(name: str) -> tuple[float | None, float | None]:
    if name in features.CONTEXT_FEATURES:
        return None, None
    return (None, 0.0) if name in features.NEGATIVE_FEATURES else (0.0, None)


def best(scores: np.ndarray) -> np.ndarray:
    return (-scores).argsort(axis=1).argsort(axis=1) < AT_MOST


def calibrate(parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[float, float, float]:
    """Return slope and offset of the log-odds, and how much steeper they are below even chances.

    Each set's own curve (Platt), over its out-of-set scores, has the same say at every score; ours
    is the mean of them: what to expect of a taxonomy drawn from among these. To fit the pairs of
    all sets together would ask mostly the set that has most pairs of a score: high scores are
    mostly those of `electron`, whose articles all name the one subject its definitions share.
    """
    reach = np.linspace(0, 3, 61)
    curves = [
        LogisticRegression(C=np.inf).fit(scores.reshape(-1, 1), truth.ravel())
        for scores, truth in parts
    ]

    def log_odds(scores: np.ndarray) -> np.ndarray:
        mean = np.mean([c.predict_proba(scores.reshape(-1, 1))[:, 1] for c in curves], axis=0)
        return np.log(mean / (1 - mean))

    even = brentq(lambda x: float(log_odds(np.array([x]))[0]), -10, 10)
    above = reach @ log_odds(even + reach) / (reach @ reach)
    below = -reach @ log_odds(even - reach) / (reach @ reach)
    return float(above), float(-above * even), float(below / above)


def zero_shot(
    names: Sequence[str], sets: Sequence[Labelled], left_out: Labelled, forms: Forms = NAMED
) -> np.ndarray:
    """Return the scores of a set's pairs by a head that was trained on all other sets."""
    head = fit(names, [other for other in sets if other is not left_out], forms)
    return head(left_out.rows["given"])


# --- the report ----------------------------------------------------------------------------------

Table = Mapping[str, Mapping[str, np.ndarray]]
"""Scores by set and by who made them."""


def print_table(sets: Sequence[Labelled], scores: Table) -> dict[str, list[float]]:
    columns = list(next(iter(scores.values())))
    print(f"\n{'micro-AP / macro-AP':20}" + "".join(f"{c:>16}" for c in columns))
    figures = {
        s.name: {c: average_precision(scores[s.name][c], s.truth) for c in columns} for s in sets
    }
    for name, line in figures.items():
        print(f"{name:20}" + "".join(f"   {line[c][0]:.3f} / {line[c][1]:.3f}" for c in columns))
    means = {c: np.mean([line[c] for line in figures.values()], axis=0) for c in columns}
    print(f"{'mean':20}" + "".join(f"   {m[0]:.3f} / {m[1]:.3f}" for m in means.values()))
    best = np.max([m for c, m in means.items() if c != "head"], axis=0)
    ratio = means["head"] / best
    print(f"head to best baseline: {ratio[0]:.2f} micro, {ratio[1]:.2f} macro")
    return {c: [round(float(x), 4) for x in m] for c, m in means.items()}


def print_leads(sets: Sequence[Labelled], scores: Table) -> None:
    print("\nhead minus baseline, 95 % interval (bootstrap over articles): micro, macro")
    for data in sets:
        others = dict(scores[data.name])
        for name, ((low, macro_low), (high, macro_high)) in leads(
            others.pop("head"), others, data.truth
        ).items():
            print(
                f"  {data.name:14}{name:12} {low:+.3f} to {high:+.3f}"
                f"   {macro_low:+.3f} to {macro_high:+.3f}"
            )


def print_reliability(parts: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    print("\nreliability, out of set: pairs, mean confidence, share of labels (mean over sets)")
    for low in np.arange(10) / 10:
        inside = [
            (c[chosen].mean(), t[chosen].mean(), chosen.sum())
            for c, t in parts.values()
            if (chosen := (c >= low) & (c < low + 0.1)).sum() >= 10
        ]
        if inside:
            confidence, share, _ = np.mean(inside, axis=0)
            count = sum(n for *_, n in inside)
            print(f"  {low:.1f}-{low + 0.1:.1f} {count:7d}  {confidence:.2f}  {share:.2f}")
    print("\nat 0.5, at most 5 per article, out of set")
    for name, (confidence, truth) in parts.items():
        chosen = (confidence >= 0.5) & best(confidence)
        hits = (chosen & truth).sum()
        print(
            f"  {name:14} precision {hits / max(chosen.sum(), 1):.2f}  recall "
            f"{hits / truth.sum():.2f}  labels/article {chosen.sum(axis=1).mean():.2f} "
            f"(editors {truth.sum(axis=1).mean():.2f})  none {(~chosen.any(axis=1)).mean():.0%}"
        )


def probability(logits: np.ndarray, steeper: float) -> np.ndarray:
    return 1 / (1 + np.exp(-np.where(logits < 0, steeper * logits, logits)))


@dataclass
class Trained:
    """A head, with the straight lines that turn its scores into log-odds."""

    head: Fit
    slope: float
    offset: float
    steeper: float

    def log_odds(self, scores: np.ndarray) -> np.ndarray:
        return self.slope * scores + self.offset

    def as_json(self, names: Sequence[str]) -> dict:
        rows = zip(names, self.head.mean, self.head.scale, self.head.weights, strict=True)
        return {
            "steeper_below_half": round(self.steeper, 3),
            "intercept": round(self.slope * self.head.intercept + self.offset, 5),
            "columns": ["mean", "scale", "weight"],
            "features": {
                name: [float(f"{x:.5g}") for x in (mean, scale, self.slope * weight)]
                for name, mean, scale, weight in rows
                if abs(weight) > 1e-4
            },
        }


def train(
    names: Sequence[str], sets: Sequence[Labelled], forms: Forms, raw: Mapping[str, np.ndarray]
) -> Trained:
    """Fit a head on all sets, and calibrate it by the scores of sets that were left out."""
    parts = {data.name: (raw[data.name], data.truth) for data in sets}
    slope, offset, steeper = calibrate(list(parts.values()))
    found = Trained(fit(names, sets, forms), slope, offset, steeper)
    print(f"even chances at {-offset / slope:.2f}, slope {slope:.2f}, below {steeper * slope:.2f}")
    logits = {name: (found.log_odds(s), t) for name, (s, t) in parts.items()}
    print_reliability({name: (probability(s, steeper), t) for name, (s, t) in logits.items()})
    return found


def write(names: Sequence[str], heads: Mapping[str, Trained], report: dict, file: str) -> None:
    head = {
        "trained": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "by": "benchmarks/train_head.py",
        **report,
        "clip": CLIP,
        **{name: trained.as_json(names) for name, trained in heads.items()},
    }
    text = json.dumps(head, indent=1)
    text = re.sub(r"\[\s+([^][{}]*?)\s+\]", lambda m: f"[{' '.join(m[1].split())}]", text)
    (SCORERS / file).write_text(text + "\n", "utf-8")


def main(make: Callable[[Path | None, ModelChoice], CachedModel] = CachedModel) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--intervals", action="store_true", help="of the leads; takes minutes")
    parser.add_argument(
        "--model", choices=["multilingual", "fast"], help="default: the one of English"
    )
    parser.add_argument("--articles", type=int, default=ARTICLES, help="of each set")
    parser.add_argument("--words", type=int, help="of each article; default: all")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    model = make(given.cache, given.model)
    known = reference_topics.embed(model)
    viewer = FeatureEncoder(model, known)
    names = feature_names(viewer)
    sets = [
        prepare(folder.name, folder, model, viewer, articles=given.articles, words=given.words)
        for folder in folders(given.data)
    ]

    heads: dict[str, Trained] = {}
    means: dict[str, dict[str, list[float]]] = {}
    simple = {data.name: baselines(data.docs, data.labels, model) for data in sets}
    for name, forms in KINDS.items():
        print(f"\n=== {name}")
        raw = {data.name: zero_shot(names, sets, data, forms) for data in sets}
        scores = {data.name: {**simple[data.name], "head": raw[data.name]} for data in sets}
        means[name] = print_table(sets, scores)
        if given.intervals and forms is NAMED:
            print_leads(sets, scores)
        heads[name] = train(names, sets, forms, raw)
    if given.write:
        report = {
            "sets": {s.name: [len(s.docs), len(s.labels)] for s in sets},
            "words": given.words,
            "left_out_mean_micro_macro_ap": {**means["named"], "topical": means["topical"]["head"]},
        }
        write(names, heads, report, model.head)
        vectors = model.head.replace("head", "reference_topics").replace(".json", ".npz")
        reference_topics.save(known, model, SCORERS / vectors)


if __name__ == "__main__":
    main()
