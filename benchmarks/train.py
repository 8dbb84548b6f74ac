"""What `classify train` makes of few and many labels, beside the usual choices.

    python benchmarks/train.py --data ../shared/data [--cache DIR] [--draws 3] [--no-supervised]
        [SET ...]
    python benchmarks/train.py --size 10000x200

Of every set, the labels of 10, 50, 200 and 400 articles are given, and the rest is measured: micro
and macro F1 of the labels that a run gives by the written minimums, and the expected calibration
error. The head of the embedded scorer was trained without the set (train_head.py). Beside it, on
the same articles:

- without any training, by the default minimum of 0.5, and by the site profile;
- `learn`, then `calibrate`, as they were until version 0.2: with the same labels for both, and with
  half of them for each, as their pages advised;
- one logistic regression a category, on the same vectors and on tf-idf, its strength chosen by
  cross-validation: labels by `predict`, and by the threshold with the best F1 in cross-validation.

With `--size`, how much processor time training takes on that many articles and categories, after
their features: made up, with vectors that are mixtures of those of the categories.

Needs the `bench` extra (scikit-learn).
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import calibration
import numpy as np
from quality import FEWEST_LEFT, SIZES, Seen, see
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from train_head import CachedModel, feature_names, folders, prepare, zero_shot

from classifier.calibration import ScorerCalibration
from classifier.evaluation.gold_pairs import GoldPairs
from classifier.models import Article, Category, Rule
from classifier.project.train import MAX_PAIRS
from classifier.scorers.embedded import reference_topics
from classifier.scorers.embedded.corrections import CLIP, KindCorrections
from classifier.scorers.embedded.encoding import FeatureEncoder
from classifier.site_profile import KindProfile
from classifier.training import curves, profiling
from classifier.training.correction_model import Examples, probability
from classifier.training.cross_validate import CrossValidated, cross_validate
from classifier.training.dataset import Dataset, LabelledArticle, shared_words
from classifier.training.kind_training import TrainingRule, train_on_features
from classifier.training.targets import assigned

RULE = Rule()
FOLDS = 5
VECTOR, FEATURES, WORDS = 384, 79, 5000  # of a made-up set
STRENGTHS = (1.0, 10.0, 100.0)  # C of supervised logistic regression


@dataclass(frozen=True)
class Predicted:
    """Confidences and labels of the articles that were not given."""

    confidence: np.ndarray
    labels: np.ndarray


Method = Callable[[Seen, np.ndarray, np.ndarray], dict[str, Predicted]]


def by_default(confidence: np.ndarray, minimum: float | np.ndarray = 0.5) -> Predicted:
    none = np.zeros(confidence.shape, dtype=np.bool_)
    return Predicted(confidence, assigned(confidence, none, np.atleast_1d(minimum), RULE))


# --- ours -----------------------------------------------------------------------------------------


def categories_of(seen: Seen) -> tuple[Category, ...]:
    return tuple(
        # Two labels of a set may have one title: the profile tells them apart by their digests.
        Category(id=f"set/{n}", kind="set", title=label["title"], description=f"{n}")
        for n, label in enumerate(seen.data.labels)
    )


def profile_of(seen: Seen) -> KindProfile | None:
    """Return the profile of the whole site, which is label-free."""
    digests = [category.digest for category in categories_of(seen)]
    return profiling.fit(probability(seen.logits).round(4), digests)


def by_profile(seen: Seen, rest: np.ndarray) -> Predicted:
    rule = TrainingRule(rule=RULE, fixed=False, profile=profile_of(seen))
    raw = probability(seen.logits[rest]).round(4)
    none = np.zeros(raw.shape, dtype=np.bool_)
    truth = seen.data.truth[rest]
    pairs = GoldPairs(
        articles=tuple(map(str, rest)),
        digests=tuple(map(str, rest)),
        categories=categories_of(seen),
        truth=truth,
        known=~none,
        confidence=raw,
        excluded=none,
    )
    return Predicted(raw, assigned(raw, none, rule.minimums(pairs, raw), RULE))


def dataset_of(seen: Seen, rows: np.ndarray, names: Sequence[str]) -> Dataset:
    words = shared_words([seen.counts[row] for row in rows])
    examples = seen.examples(rows, words)
    return Dataset(
        articles=tuple(
            LabelledArticle(article=Article(id=f"{row}.md", body=f"{row}"), known={}, notes={})
            for row in rows
        ),
        categories=categories_of(seen),
        examples=examples,
        features=tuple(names),
        words=words,
        excluded=np.zeros_like(examples.truth),
    )


def corrected(written: KindCorrections, given: Examples, dataset: Dataset) -> np.ndarray:
    """Return corrected log-odds of other articles, as the scorer computes them from the file."""
    shared = written.shared
    columns = [dataset.features.index(name) for name in shared.features]
    mean, scale, weight = np.array(
        [(each.mean, each.scale, each.weight) for each in shared.features.values()]
    ).T
    standard = np.clip((given.features[:, :, columns] - mean) / scale, *CLIP)
    words = [dataset.words.index(word) for word in written.words.split()]
    after = given.logits.copy()
    for n, category in enumerate(dataset.categories):
        own = written.categories.get(category.id)
        if own is not None:
            added = given.vectors @ own.vector.row + given.words[:, words] @ own.words.row
            added = added + own.constant + standard[:, n] @ weight
            whole = shared.slope * given.logits[:, n] + shared.constant + own.own * added
            after[:, n] += own.whole * (whole - given.logits[:, n])
    return after


def calibrated(fitted: ScorerCalibration, raw: np.ndarray, seen: Seen) -> Predicted:
    """Return what a run decides with the written curves and minimums."""
    confidence, minimums = raw.copy(), np.full(raw.shape[1], RULE.minimum)
    for n, category in enumerate(categories_of(seen)):
        curve, minimum = fitted.curve(category), fitted.minimum_of(category)
        if curve is not None:
            confidence[:, n] = [curve(float(value)) for value in raw[:, n]]
        if minimum is not None:
            minimums[n] = minimum.minimum
    return by_default(confidence, minimums)


def ours(seen: Seen, given: np.ndarray, rest: np.ndarray, names: Sequence[str]) -> Predicted:
    dataset = dataset_of(seen, given, names)
    rule = TrainingRule(rule=RULE, fixed=False, profile=profile_of(seen))
    trained = train_on_features("set", dataset, rule)
    if trained.corrections is None and trained.fitted is None:
        return by_profile(seen, rest)
    others = seen.examples(rest, dataset.words)
    logits = others.logits
    if trained.corrections is not None:
        logits = corrected(trained.corrections, others, dataset)
    raw = probability(logits).round(4)
    return by_default(raw) if trained.fitted is None else calibrated(trained.fitted, raw, seen)


# --- until version 0.2 ----------------------------------------------------------------------------


def learned(lesson: CrossValidated, examples: Examples) -> np.ndarray:
    change = lesson.fit.recalibrated(examples) + lesson.shrinkage * lesson.fit.added(examples)
    return examples.logits + lesson.blend * (change - examples.logits)


def learn_then_calibrate(
    seen: Seen, learning: np.ndarray, calibrating: np.ndarray, rest: np.ndarray
) -> Predicted:
    words = shared_words([seen.counts[row] for row in learning])
    lesson = cross_validate(seen.examples(learning, words))
    known = seen.examples(calibrating, words)
    pairs = GoldPairs(
        articles=tuple(map(str, calibrating)),
        digests=tuple(map(str, calibrating)),
        categories=categories_of(seen),
        truth=known.truth,
        known=known.known,
        confidence=probability(learned(lesson, known)),
        excluded=np.zeros_like(known.truth),
    )
    raw = probability(learned(lesson, seen.examples(rest, words)))
    fit = None if curves.missing_gold(pairs) else curves.fit(pairs)
    if fit is None:
        return by_default(raw)
    fitted = ScorerCalibration(
        fitted="", gold="", kinds={"set": fit.kind}, categories=fit.categories
    )
    return calibrated(fitted, raw, seen)


# --- supervised -----------------------------------------------------------------------------------


def one_a_category(
    x: np.ndarray, truth: np.ndarray, others: np.ndarray, strength: float
) -> np.ndarray:
    scores = np.zeros((others.shape[0], truth.shape[1]))
    for column in range(truth.shape[1]):
        own = truth[:, column]
        if own.any() and not own.all():
            model = LogisticRegression(C=strength, max_iter=200).fit(x, own)
            scores[:, column] = model.predict_proba(others)[:, 1]
        else:
            scores[:, column] = own.mean()
    return scores


def supervised(x: np.ndarray, others: np.ndarray, truth: np.ndarray) -> tuple[Predicted, Predicted]:
    """Return labels by `predict`, and by the best threshold in cross-validation."""
    fold = np.arange(len(truth)) % FOLDS
    best: tuple[float, float, float] = (-1.0, STRENGTHS[0], 0.5)
    for strength in STRENGTHS:
        scores = np.zeros(truth.shape)
        for number in range(FOLDS):
            inside = fold != number
            scores[~inside] = one_a_category(x[inside], truth[inside], x[~inside], strength)
        for threshold in np.unique(scores.ravel().round(2)):
            labels = by_default(scores, threshold).labels
            best = max(best, (f1(labels, truth)[0], strength, float(threshold)))
    scores = one_a_category(x, truth, others, best[1])
    return by_default(scores), by_default(scores, best[2])


def tf_idf(seen: Seen, given: np.ndarray, rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    texts = [f"{doc['title']}\n{doc['text']}" for doc in seen.data.docs]
    vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english", min_df=2)
    x = vectorizer.fit_transform([texts[row] for row in given])
    return x, vectorizer.transform([texts[row] for row in rest])


# --- measuring ------------------------------------------------------------------------------------


def f1(labels: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Return micro F1, and the mean F1 of the categories that an article has."""
    right = (labels & truth).sum(axis=0)
    either = labels.sum(axis=0) + truth.sum(axis=0)
    each = 2 * right[truth.any(axis=0)] / either[truth.any(axis=0)]
    return 2 * right.sum() / max(either.sum(), 1), float(each.mean())


def methods(
    seen: Seen, given: np.ndarray, rest: np.ndarray, names: Sequence[str], *, all_: bool = True
) -> dict[str, Predicted]:
    half = len(given) // 2
    made = {
        "untrained": by_default(probability(seen.logits[rest])),
        "  site profile": by_profile(seen, rest),
        "learn, calibrate": learn_then_calibrate(seen, given, given, rest),
        "  half for each": learn_then_calibrate(seen, given[:half], given[half:], rest),
        "ours": ours(seen, given, rest, names),
    }
    if all_:
        truth = seen.data.truth[given]
        vectors = supervised(seen.vectors[given], seen.vectors[rest], truth)
        words = supervised(*tf_idf(seen, given, rest), truth)
        made |= {
            "regression": vectors[0],
            "  best threshold": vectors[1],
            "tf-idf": words[0],
            "  its threshold": words[1],
        }
    return made


def print_set(seen: Seen, names: Sequence[str], draws: int, *, all_: bool = True) -> None:
    print(f"\n{seen.name}: micro F1 / macro F1 / calibration error, mean of {draws} draws")
    found: dict[str, dict[int, np.ndarray]] = {}
    for size in SIZES:
        if len(seen.data.truth) - size < FEWEST_LEFT:
            continue
        for given, rest in seen.draws(size, draws):
            truth = seen.data.truth[rest]
            for name, predicted in methods(seen, given, rest, names, all_=all_).items():
                pairs = calibration.pairs(predicted.confidence, truth)
                error = calibration.calibration_error(predicted.confidence, pairs.truth)
                row = np.array([*f1(predicted.labels, truth), error])
                found.setdefault(name, {}).setdefault(size, np.zeros(3))[:] += row / draws
    sizes = list(found["ours"])
    print(f"{'':18}" + "".join(f"{f'{size} labelled':>22}" for size in sizes))
    for name, by_size in found.items():
        cells = [f"   {m:.3f} / {a:.3f} / {e:.3f}" for m, a, e in by_size.values()]
        print(f"{name:18}" + "".join(cells), flush=True)


# --- time -----------------------------------------------------------------------------------------


def made_up(articles: int, categories: int) -> Dataset:
    """Return articles that are mixtures of one to four categories, as the scorer sees such."""
    chance = np.random.default_rng(0)
    places = chance.normal(size=(categories, VECTOR)).astype(np.float32)
    truth = chance.random((articles, categories)) < 2.5 / categories
    vectors = truth @ places + 2 * chance.normal(size=(articles, VECTOR)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    close = vectors @ (places / np.linalg.norm(places, axis=1, keepdims=True)).T
    noise = chance.normal(size=(articles, categories, FEATURES - 1)).astype(np.float32)
    words = chance.random((articles, WORDS)) < 0.03
    shares = words / np.maximum(words.sum(axis=1, keepdims=True), 1)
    return Dataset(
        articles=tuple(
            LabelledArticle(article=Article(id=f"{n}.md", body=f"{n}"), known={}, notes={})
            for n in range(articles)
        ),
        categories=tuple(
            Category(id=f"set/{n}", kind="set", title=f"Category {n}") for n in range(categories)
        ),
        examples=Examples(
            truth=truth,
            known=np.ones_like(truth),
            logits=15 * close.astype(np.float64) - 6,
            features=np.concatenate([close[:, :, None], noise], axis=2),
            vectors=vectors,
            words=shares.astype(np.float32),
        ),
        features=tuple(f"f{n}" for n in range(FEATURES)),
        words=tuple(f"word{n}" for n in range(WORDS)),
        excluded=np.zeros_like(truth),
    )


def print_time(articles: int, categories: int) -> None:
    """Train on as many of the articles as `classify train` takes."""
    taken = min(articles, max(MAX_PAIRS // categories, 2))
    dataset = made_up(taken, categories)
    started = time.process_time()
    trained = train_on_features("set", dataset, TrainingRule(rule=RULE, fixed=False))
    seconds = time.process_time() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    assert trained.before.f1 is not None
    assert trained.after.f1 is not None
    print(
        f"{articles:,} articles x {categories:,} categories, {taken:,} articles taken: "
        f"{seconds:.0f} s of processor time, {memory:.2f} GB; F1 in cross-validation "
        f"{trained.before.f1.value:.3f} before, {trained.after.f1.value:.3f} after"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--no-supervised", action="store_true", help="leave out the slow part")
    parser.add_argument("--size", metavar="ARTICLESxCATEGORIES", help="measure the time instead")
    parser.add_argument("sets", nargs="*", metavar="SET", help="default: digitalgov 18f")
    given = parser.parse_args()
    if given.size:
        articles, categories = map(int, given.size.lower().split("x"))
        print_time(articles, categories)
        return
    model = CachedModel(given.cache)
    viewer = FeatureEncoder(model, reference_topics.embed(model))
    names = feature_names(viewer)
    every = [prepare(folder.name, folder, model, viewer) for folder in folders(given.data)]
    wanted = given.sets or ["digitalgov", "18f"]
    unknown = {*wanted} - {data.name for data in every}
    if unknown:
        parser.error(f"no such set in {str(given.data)!r}: {', '.join(sorted(unknown))}")
    raw = {data.name: zero_shot(names, every, data) for data in every}
    platt = {data.name: calibration.platt(raw[data.name], data.truth) for data in every}
    for data in every:
        if data.name in wanted:
            others = [curve(raw[data.name]) for name, curve in platt.items() if name != data.name]
            seen = see(data, viewer, np.mean(others, axis=0))
            print_set(seen, names, given.draws, all_=not given.no_supervised)


if __name__ == "__main__":
    main()
