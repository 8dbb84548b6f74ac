"""What people's verdicts teach about a site, on top of the confidence without them. Pure arrays.

Three changes of the log-odds of a pair, all of them logistic regressions with a Gaussian prior
around "no change", so that little is said where little is known:

- for all categories together, a slope and a constant, which change no ranking within a category;
- for all of them, what the scorer's own features are worth on this site;
- for each category, a linear function of the article's vector and of its words: a Gaussian process
  over articles whose covariance is cosine and shared words (Rasmussen & Williams 2006, chapters 2
  and 3), kept as its weights.

Labels of one category never enter another's function: a judgement stays one of a pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from classifier.scorers.embedded.corrections import CLIP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Singles = NDArray[np.float32]
    Flags = NDArray[np.bool_]

VARIANCE: Final = 15.0
"""Prior of a category's function, for the vector and for the words each."""
BIAS: Final = 1.0
"""Of a category's constant."""
SHARED: Final = 1 / 150
"""Of the change of a feature's weight."""
SCALE: Final = 1.0
"""Of slope and constant."""
FLATTEST: Final = 0.1
"""The slope at least: what people correct is not all there is."""

WORDS: Final = 1000
"""Words that are looked at, at most."""
ANCHOR: Final = 0.2
"""Weight, beside a verdict, of a pair of a labelled article that nobody spoke about: that it is as
it was judged. People correct what is wrong, and without the rest of the picture it would seem that
everything is."""
PAIRS: Final = 100_000
"""From how many pairs on what all categories share is fitted to some of the articles."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Examples:
    """Articles x categories, and what is seen of them."""

    truth: Flags
    known: Flags
    """Whether a person said so."""
    logits: Floats
    """Log-odds of the confidence without corrections."""
    features: Singles
    """Articles x categories x features."""
    vectors: Singles
    """Articles x dimensions, of length 1."""
    words: Singles
    """Shares of words in articles: articles x words (see `embedded.corrections.word_shares`)."""

    def some(self, rows: NDArray[np.intp]) -> Examples:
        return Examples(
            truth=self.truth[rows],
            known=self.known[rows],
            logits=self.logits[rows],
            features=self.features[rows],
            vectors=self.vectors[rows],
            words=self.words[rows],
        )

    def some_of(self, category: int) -> Examples:
        only = slice(category, category + 1)
        return replace(
            self,
            truth=self.truth[:, only],
            known=self.known[:, only],
            logits=self.logits[:, only],
            features=self.features[:, only],
        )

    @property
    def weight(self) -> Floats:
        return np.where(self.known, 1.0, ANCHOR)

    @property
    def target(self) -> Floats:
        return np.where(self.known, self.truth, probability(self.logits))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CorrectionModel:
    """What was fitted, as linear functions."""

    slope: float
    constant: float
    mean: Floats
    scale: Floats
    weights: Floats
    """Of the features, standardised by `mean` and `scale`."""
    words: NDArray[np.intp]
    """Which of the examples' words are looked at."""
    by_vector: Floats
    """Dimensions x categories."""
    by_word: Floats
    """Words x categories."""
    bias: Floats

    def recalibrated(self, examples: Examples) -> Floats:
        """Return log-odds that rank the articles of each category as before."""
        return self.slope * examples.logits + self.constant

    def added(self, examples: Examples) -> Floats:
        """Return what the features, the vectors and the words add to that."""
        standard = np.clip((examples.features - self.mean) / self.scale, *CLIP)
        own = examples.vectors @ self.by_vector + examples.words[:, self.words] @ self.by_word
        return np.asarray(standard @ self.weights + own + self.bias)


def probability(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -40, 40))))


def fit(examples: Examples, *, strengths: Sequence[float] = (1.0,)) -> list[CorrectionModel]:
    """Fit to all pairs, once for each factor of the variances of the categories' functions."""
    # What people correct one by one is not drawn at random: only articles about which all is known
    # say how often a confidence is right.
    whole = examples.some(np.flatnonzero(examples.known.all(axis=1))[: _some(examples)])
    slope, constant = _recalibration(whole)
    mean, scale, weights = _features(whole, slope * whole.logits + constant)
    standard = np.clip((examples.features - mean) / scale, *CLIP)
    offset = slope * examples.logits + constant + standard @ weights[:-1] + weights[-1]
    residual = examples.weight * (examples.target - probability(offset))
    words, worth = _vocabulary(examples.words, residual)
    by_word = examples.words[:, words] * worth
    size = float(np.sqrt((by_word**2).sum(axis=1).mean())) or 1.0
    dimensions = examples.vectors.shape[1]
    variances = [
        np.full(dimensions, VARIANCE),
        VARIANCE * (worth / size) ** 2,
        np.full(1, BIAS),
    ]
    deviation = np.sqrt(np.concatenate(variances))
    plain: list[NDArray[np.floating]] = [
        examples.vectors,
        examples.words[:, words],
        np.ones((len(offset), 1)),
    ]
    x = np.concatenate(plain, axis=1) * deviation
    return [
        CorrectionModel(
            slope=slope,
            constant=constant,
            mean=mean,
            scale=scale,
            weights=weights[:-1],
            words=words,
            by_vector=found[:dimensions],
            by_word=found[dimensions:-1],
            bias=found[-1] + weights[-1],
        )
        for found in (own * deviation[:, None] for own in _ridges(x, offset, examples, strengths))
    ]


def _some(examples: Examples) -> int:
    """Return how many articles are enough for what all categories share."""
    return max(PAIRS // len(examples.logits[0]), 1)


def _recalibration(examples: Examples) -> tuple[float, float]:
    logits = examples.logits.ravel()
    x = np.stack([logits, np.ones(len(logits))], axis=1)
    change, constant = _logistic(x, logits, examples, np.full(2, 1 / SCALE))
    return max(1 + float(change), FLATTEST), float(constant)


def _features(examples: Examples, offset: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean and scale of the features, and the change of their weights and a constant."""
    flat = examples.features.reshape(-1, examples.features.shape[2])
    if not len(flat):
        none = np.zeros(flat.shape[1])
        return none, none + 1, np.zeros(flat.shape[1] + 1)
    mean, scale = flat.mean(axis=0, dtype=np.float64), flat.std(axis=0, dtype=np.float64) + 1e-6
    standard = np.clip((flat - mean) / scale, *CLIP)
    x = np.concatenate([standard, np.ones((len(flat), 1))], axis=1)
    precision = np.append(np.full(flat.shape[1], 1 / SHARED), 1 / SCALE)
    return mean, scale, _logistic(x, offset.ravel(), examples, precision)


def _logistic(x: Floats, offset: Floats, examples: Examples, precision: Floats) -> Floats:
    """Fit to all pairs together, by Newton's method with steps that are halved if need be."""
    target, weight = examples.target.ravel(), examples.weight.ravel()

    def loss(b: Floats) -> float:
        at = offset + x @ b
        return float(weight @ (np.logaddexp(0, at) - target * at) + precision @ b**2 / 2)

    b = np.zeros(x.shape[1])
    for _ in range(30):
        p = probability(offset + x @ b)
        gradient = x.T @ (weight * (p - target)) + precision * b
        curvature = (x * (weight * p * (1 - p))[:, None]).T @ x + np.diag(precision)
        step = np.linalg.solve(curvature, gradient)
        before = loss(b)
        while np.abs(step).max() > 1e-4 and loss(b - step) > before:
            step = step / 2
        b = b - step
        if np.abs(step).max() < 1e-3:
            break
    return b


def _vocabulary(words: Singles, residual: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return the words that would explain most of what is left to explain, and their idf.

    By the squares of their scores (the gradient of the likelihood), summed over the categories.
    """
    frequency = (words > 0).sum(axis=0)
    usable = np.flatnonzero((frequency > 0) & (frequency <= max(len(words) / 2, 1)))
    idf = np.log((1 + len(words)) / (1 + frequency[usable])) + 1
    scores = (words[:, usable] * idf).T @ residual
    best = np.sort(np.argsort(-(scores**2).sum(axis=1), kind="stable")[:WORDS])
    return usable[best], idf[best]


def _ridges(
    x: Floats, offset: Floats, examples: Examples, strengths: Sequence[float]
) -> list[Floats]:
    """Fit every column by logistic regression with a normal prior of variance `strength`.

    Minorise-maximise with the fixed bound on the curvature of Boehning & Lindsay (1988), which all
    columns share, made faster by Nesterov's momentum with restarts (O'Donoghue & Candes 2015).
    """
    target, weight = examples.target, examples.weight
    # In the axes of x, where the bound on the curvature is diagonal.
    sides, lengths, axes = np.linalg.svd(x, full_matrices=False)
    x = sides * lengths
    found = np.zeros((len(lengths), offset.shape[1]))
    fits = []
    for strength in strengths:
        step = 1 / (lengths**2 * (weight.max() / 4) + 1 / strength)[:, None]
        ahead, momentum = found, 1.0
        for _ in range(200):
            residual = weight * (target - probability(offset + x @ ahead))
            following = ahead + step * (x.T @ residual - ahead / strength)
            if ((ahead - following) * (following - found)).sum() > 0:
                momentum = 1.0
            faster = float(1 + np.sqrt(1 + 4 * momentum**2)) / 2
            ahead = following + (momentum - 1) / faster * (following - found)
            moved = float(np.abs(following - found).max())
            found, momentum = following, faster
            if moved < 1e-3:
                break
        fits.append(np.asarray(axes.T @ found))
    return fits
