"""Train the embedded scorer's head, and say how well it does on sets it has not seen.

    python benchmarks/train_head.py --data ../shared/data [--cache DIR] [--write]

Every set is left out in turn: a head trained on the others ranks its pairs, beside the baselines.
The calibration is fitted on those out-of-set predictions: the mean of the curves that fit each set.
`--write` then trains on all sets and
writes classifier/scorers/head.json and background.npz. Needs the `bench` extra (scikit-learn).
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import brentq, minimize
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from classifier.models import Article, Category, Instructions
from classifier.scorers import background, features
from classifier.scorers.sentence_model import ModelFiles, SentenceModel
from classifier.scorers.views import ArticleParts, Viewer

ARTICLES = 500  # a set, drawn by a fixed seed
PAIRS = 9000  # a set, for training; a third of them labels at most
POSITIVE = 0.05  # weight of all labels of a set beside its other pairs, while training
RIDGE = 0.1
CLIP = (-4.0, 6.0)
RICHNESS = {"given": 1, "title": 1, "rich": 2, "untitled": 4}  # weights of the definitions' forms
AT_MOST = 5  # labels per article, where what a threshold of 0.5 brings is counted
SCORERS = Path(features.__file__).parent


class CachedModel:
    """A sentence model that remembers vectors between runs."""

    def __init__(self, folder: Path | None) -> None:
        self._model = SentenceModel.open(ModelFiles.find())
        self.digest = self._model.digest
        self._path = folder / f"vectors-{self.digest[:12]}.npz" if folder else None
        self._known: dict[str, np.ndarray] = {}
        self._rarity: dict[str, float] = {}
        if self._path and self._path.exists():
            with np.load(self._path) as stored:
                self._known = dict(zip(stored["keys"].tolist(), stored["rows"], strict=True))

    def encode(self, texts: Sequence[str], *, role: str = "passage") -> np.ndarray:
        keys = [hashlib.blake2b(t.encode("utf-8", "replace")).hexdigest()[:24] for t in texts]
        new = {k: t for k, t in zip(keys, texts, strict=True) if k not in self._known}
        if new:
            vectors = self._model.encode(list(new.values()), role=role)
            self._known.update(zip(new, vectors.astype(np.float16), strict=True))
        if not keys:
            return self._model.encode([], role=role)
        return features.unit_rows(np.array([self._known[k] for k in keys], np.float32))

    def rarity(self, word: str) -> float:
        if word not in self._rarity:
            self._rarity[word] = self._model.rarity(word)
        return self._rarity[word]

    def save(self) -> None:
        if self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            rows = np.array(list(self._known.values()))
            np.savez(self._path, keys=np.array(list(self._known)), rows=rows)


# --- data ----------------------------------------------------------------------------------------


@dataclass
class Labelled:
    name: str
    docs: list[dict]
    labels: list[dict]
    truth: np.ndarray  # articles x categories
    rows: dict[str, np.ndarray]  # by richness of the definitions: articles x categories x features


def read(folder: Path) -> tuple[list[dict], list[dict]]:
    labels = json.loads((folder / "labels.json").read_text("utf-8"))
    lines = (folder / "docs.jsonl").read_text("utf-8").split("\n")
    docs = [json.loads(line) for line in lines if line]
    docs = [doc for doc in docs if doc["text"].strip() or doc["title"]]
    random.Random(7).shuffle(docs)
    return docs[:ARTICLES], labels


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


def prepare(name: str, folder: Path, model: CachedModel, viewer: Viewer) -> Labelled:
    docs, labels = read(folder)
    articles = viewer.articles(
        [
            ArticleParts.of(Article(id=doc["id"], title=doc["title"], body=doc["text"]))
            for doc in docs
        ]
    )
    truth = np.array([[label["name"] in doc["labels"] for label in labels] for doc in docs])
    described = any(label["description"] for label in labels)
    rows = {}
    for richness in ("given", "title", "rich", "untitled") if described else ("given",):
        categories = viewer.categories([definition(label, richness) for label in labels])
        rows[richness] = np.array(
            [[list(features.row(a, c).values()) for c in categories] for a in articles], np.float32
        )
    print(f"{name}: {len(docs)} articles, {len(labels)} categories, {truth.mean():.1%} labels")
    model.save()
    return Labelled(name, docs, labels, truth, rows)


def feature_names(viewer: Viewer) -> list[str]:
    article = viewer.articles([ArticleParts.of(Article(id="-", title="a", body="b"))])[0]
    category = viewer.categories([Category(id="a/b", kind="a", title="b")])[0]
    return list(features.row(article, category))


# --- baselines and figures -----------------------------------------------------------------------


def keyword_score(doc: dict, label: dict) -> float:
    text = f"{doc['title']} {doc['text']}".lower()
    title = label["title"].lower()
    found = set(re.findall(r"\w+", text))
    score = 10 * sum(word in found for word in re.findall(r"\w+", title))
    if re.search(rf"\b{re.escape(title)}\b", text):
        return score + 50
    return score + (30 if title in text else 0)


def baselines(data: Labelled, model: CachedModel) -> dict[str, np.ndarray]:
    """Give each pair a score as simple programs would: plain cosines of mean passages, TF-IDF."""
    documents = []
    for doc in data.docs:
        parts = ArticleParts.of(Article(id=doc["id"], title=doc["title"], body=doc["text"]))
        documents.append(model.encode([t for t in parts.texts if t]).mean(axis=0))
    documents = features.unit_rows(np.array(documents))
    titles = [label["title"] for label in data.labels]
    full = [f"{label['title']}. {label['description']}".strip(" .") for label in data.labels]
    texts = [f"{doc['title']}\n{doc['text']}" for doc in data.docs]
    tfidf = TfidfVectorizer(stop_words="english", sublinear_tf=True).fit(texts + full)
    return {
        "title": documents @ model.encode(titles).T,
        "title+desc": documents @ model.encode(full).T,
        "tf-idf": (tfidf.transform(texts) @ tfidf.transform(full).T).toarray(),
        "keyword": np.array([[keyword_score(d, c) for c in data.labels] for d in data.docs]),
    }


def average_precision(scores: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Return micro (all pairs) and macro (mean over categories with a label) AP."""
    used = np.flatnonzero(truth.any(axis=0))
    macro = [average_precision_score(truth[:, j], scores[:, j]) for j in used]
    return average_precision_score(truth.ravel(), scores.ravel()), float(np.mean(macro))


# --- the head ------------------------------------------------------------------------------------


def sample(sets: Iterable[Labelled]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw pairs to train on; every set has the same weight, whatever its size and base rate."""
    rng = np.random.default_rng(0)
    rows, truth, weight = [], [], []
    for data in sets:
        for richness, table in data.rows.items():
            flat, labels = table.reshape(-1, table.shape[2]), data.truth.ravel()
            room = PAIRS // len(data.rows)
            yes = rng.permutation(np.flatnonzero(labels))[: room // 3]
            no = rng.permutation(np.flatnonzero(~labels))[: room - len(yes)]
            rows += [flat[yes], flat[no]]
            truth += [np.ones(len(yes)), np.zeros(len(no))]
            share = RICHNESS[richness] / sum(RICHNESS[other] for other in data.rows)
            weight += [np.full(len(yes), share * POSITIVE / len(yes))]
            weight += [np.full(len(no), share * (1 - POSITIVE) / len(no))]
    return np.concatenate(rows), np.concatenate(truth), np.concatenate(weight)


@dataclass
class Fit:
    mean: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    intercept: float

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        return np.clip((rows - self.mean) / self.scale, *CLIP) @ self.weights + self.intercept


def fit(names: Sequence[str], sets: Iterable[Labelled]) -> Fit:
    """Fit a ridge logistic regression whose evidence has the sign that it must have.

    The signs are what makes it transfer: a closeness that would count against a category can
    only have learnt the peculiarities of a set.
    """
    rows, truth, weight = sample(sets)
    weight = weight / weight.sum()
    mean = weight @ rows
    scale = np.sqrt(weight @ (rows - mean) ** 2) + 1e-6
    z = np.clip((rows - mean) / scale, *CLIP)
    sign = np.where(truth > 0, 1.0, -1.0)

    def loss(b: np.ndarray) -> tuple[float, np.ndarray]:
        margin = sign * (z @ b[:-1] + b[-1])
        pull = -sign * weight / (1 + np.exp(np.clip(margin, -50, 50)))
        value = weight @ np.logaddexp(0, -margin) + RIDGE / 2 * b[:-1] @ b[:-1]
        return float(value), np.append(z.T @ pull + RIDGE * b[:-1], pull.sum())

    bounds = [_bounds(name) for name in names] + [(None, None)]
    start = np.zeros(len(names) + 1)
    found = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x
    return Fit(mean, scale, found[:-1], float(found[-1]))


def _bounds(name: str) -> tuple[float | None, float | None]:
    if name in features.NEITHER:
        return None, None
    return (None, 0.0) if name in features.LESS_IS_MORE else (0.0, None)


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


# --- the report ----------------------------------------------------------------------------------

Figures = dict[str, dict[str, tuple[float, float]]]


def print_table(figures: Figures) -> dict[str, list[float]]:
    columns = list(next(iter(figures.values())))
    print(f"\n{'micro-AP / macro-AP':20}" + "".join(f"{c:>16}" for c in columns))
    for name, line in figures.items():
        print(f"{name:20}" + "".join(f"   {line[c][0]:.3f} / {line[c][1]:.3f}" for c in columns))
    means = {c: np.mean([line[c] for line in figures.values()], axis=0) for c in columns}
    print(f"{'mean':20}" + "".join(f"   {m[0]:.3f} / {m[1]:.3f}" for m in means.values()))
    best = np.max([m for c, m in means.items() if c != "head"], axis=0)
    ratio = means["head"] / best
    print(f"head to best baseline: {ratio[0]:.2f} micro, {ratio[1]:.2f} macro")
    return {c: [round(float(x), 4) for x in m] for c, m in means.items()}


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


def write(names: Sequence[str], final: Fit, platt: tuple[float, float], report: dict) -> None:
    slope, offset = platt
    head = {
        "trained": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "by": "benchmarks/train_head.py",
        **report,
        "clip": CLIP,
        "intercept": round(slope * final.intercept + offset, 5),
        "columns": ["mean", "scale", "weight"],
        "features": {
            name: [float(f"{x:.5g}") for x in (mean, scale, slope * weight)]
            for name, mean, scale, weight in zip(
                names, final.mean, final.scale, final.weights, strict=True
            )
            if abs(weight) > 1e-4
        },
    }
    text = json.dumps(head, indent=1)
    text = re.sub(r"\[\s+([^][{}]*?)\s+\]", lambda m: f"[{' '.join(m[1].split())}]", text)
    (SCORERS / "head.json").write_text(text + "\n", "utf-8")


def main(make: Callable[[Path | None], CachedModel] = CachedModel) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    model = make(given.cache)
    known = background.embed(model)
    viewer = Viewer(model, known)
    names = feature_names(viewer)
    folders = sorted(path.parent for path in given.data.glob("*/labels.json"))
    sets = [prepare(folder.name, folder, model, viewer) for folder in folders]

    figures: Figures = {}
    raw = {}
    for left_out in sets:
        head = fit(names, [other for other in sets if other is not left_out])
        raw[left_out.name] = head(left_out.rows["given"]), left_out.truth
        figures[left_out.name] = {
            name: average_precision(scores, left_out.truth)
            for name, scores in baselines(left_out, model).items()
        }
        figures[left_out.name]["head"] = average_precision(*raw[left_out.name])
    means = print_table(figures)
    slope, offset, steeper = calibrate(list(raw.values()))
    print(f"even chances at {-offset / slope:.2f}, slope {slope:.2f}, below {steeper * slope:.2f}")
    logits = {name: (slope * s + offset, t) for name, (s, t) in raw.items()}
    print_reliability({name: (probability(s, steeper), t) for name, (s, t) in logits.items()})
    if given.write:
        report = {
            "sets": {s.name: [len(s.docs), len(s.labels)] for s in sets},
            "left_out_mean_micro_macro_ap": means,
            "steeper_below_half": round(steeper, 3),
        }
        write(names, fit(names, sets), (slope, offset), report)
        background.save(known, model, SCORERS / "background.npz")


if __name__ == "__main__":
    main()
