"""Corrections of confidences, fitted to people's verdicts on a site. Pure arrays.

Three changes of a pair's log-odds, each a logistic regression with a Gaussian prior around "no
change", so that few verdicts change little:

- for all categories, a slope and a constant, which change no ranking within a category;
- for all categories, weights of the scorer's own features on this site;
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
"""Prior variance of a category's function, for the vector and for the words each."""
BIAS: Final = 1.0
"""Prior variance of a category's constant."""
SHARED: Final = 1 / 150
"""Prior variance of the change of a feature's weight."""
SCALE: Final = 1.0
"""Prior variance of slope and constant."""
FLATTEST: Final = 0.1
"""Lower bound of the slope: people correct only part of what there is."""

WORDS: Final = 1000
"""Size of the vocabulary, at most."""
ANCHOR: Final = 0.2
"""Weight, relative to a verdict, of a pair without one in a labelled article; its target is its own
confidence. People correct what is wrong: without these pairs it would seem that everything is."""
PAIRS: Final = 100_000
"""Pairs from which the part shared by all categories is fitted to some of the articles only."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Examples:
    """Training data. Arrays are articles x categories unless said otherwise."""

    truth: Flags
    """Whether the category belongs; counts where `known`."""
    known: Flags
    """Whether there is a verdict."""
    logits: Floats
    """Log-odds of the confidence without corrections."""
    features: Singles
    """Articles x categories x features."""
    vectors: Singles
    """Articles x dimensions, of length 1."""
    words: Singles
    """Shares of words in articles: articles x words (see `embedded.corrections.word_shares`)."""
    trust: Floats | None = None
    """Weight (0-1] of each known pair; None: all weigh 1."""

    def of_rows(self, rows: NDArray[np.intp]) -> Examples:
        """Return the examples of some articles."""
        return Examples(
            truth=self.truth[rows],
            known=self.known[rows],
            logits=self.logits[rows],
            features=self.features[rows],
            vectors=self.vectors[rows],
            words=self.words[rows],
            trust=None if self.trust is None else self.trust[rows],
        )

    def of_category(self, column: int) -> Examples:
        only = slice(column, column + 1)
        return replace(
            self,
            truth=self.truth[:, only],
            known=self.known[:, only],
            logits=self.logits[:, only],
            features=self.features[:, only],
            trust=None if self.trust is None else self.trust[:, only],
        )

    @property
    def weight(self) -> Floats:
        """Weight of each pair in the likelihood."""
        return np.where(self.known, 1.0 if self.trust is None else self.trust, ANCHOR)

    @property
    def target(self) -> Floats:
        """Target probability of each pair: the verdict, else the confidence as it is."""
        return np.where(self.known, self.truth, probability(self.logits))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CorrectionModel:
    """The fitted corrections, as linear functions."""

    slope: float
    constant: float
    mean: Floats
    """Mean of each feature."""
    scale: Floats
    """Standard deviation of each feature."""
    weights: Floats
    """Weight of each standardised feature."""
    words: NDArray[np.intp]
    """Indices of the examples' words that are used."""
    by_vector: Floats
    """Dimensions x categories."""
    by_word: Floats
    """Words x categories."""
    bias: Floats
    """One per category."""

    def recalibrated(self, examples: Examples) -> Floats:
        """Return recalibrated log-odds, articles x categories; rankings within a category stay."""
        return self.slope * examples.logits + self.constant

    def added(self, examples: Examples) -> Floats:
        """Return what features, vectors and words add to the log-odds: articles x categories."""
        standard = np.clip((examples.features - self.mean) / self.scale, *CLIP)
        own = examples.vectors @ self.by_vector + examples.words[:, self.words] @ self.by_word
        return np.asarray(standard @ self.weights + own + self.bias)


def probability(logits: Floats) -> Floats:
    """Return the probabilities (0-1) of log-odds of any shape."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -40, 40))))


def fit(examples: Examples, *, strengths: Sequence[float] = (1.0,)) -> list[CorrectionModel]:
    """Fit to all pairs, once for each of `strengths`.

    Args:
        examples: The training data.
        strengths: Factors of the prior variances of the categories' functions.

    Returns:
        One model per strength.
    """
    # Single corrections are no random sample: only articles with a verdict on every category say
    # how often a confidence is right.
    complete = examples.of_rows(
        np.flatnonzero(examples.known.all(axis=1))[: _enough_articles(examples)]
    )
    slope, constant = _recalibration(complete)
    mean, scale, weights = _features(complete, slope * complete.logits + constant)
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
    columns: list[NDArray[np.floating]] = [
        examples.vectors,
        examples.words[:, words],
        np.ones((len(offset), 1)),
    ]
    x = np.concatenate(columns, axis=1) * deviation
    return [
        CorrectionModel(
            slope=slope,
            constant=constant,
            mean=mean,
            scale=scale,
            weights=weights[:-1],
            words=words,
            by_vector=weights_of_strength[:dimensions],
            by_word=weights_of_strength[dimensions:-1],
            bias=weights_of_strength[-1] + weights[-1],
        )
        for weights_of_strength in (
            coefficients * deviation[:, None]
            for coefficients in _ridges(x, offset, examples, strengths)
        )
    ]


def _enough_articles(examples: Examples) -> int:
    """Return how many articles are enough to fit what all categories share."""
    return max(PAIRS // len(examples.logits[0]), 1)


def _recalibration(examples: Examples) -> tuple[float, float]:
    logits = examples.logits.ravel()
    x = np.stack([logits, np.ones(len(logits))], axis=1)
    change, constant = _logistic(x, logits, examples, np.full(2, 1 / SCALE))
    return max(1 + float(change), FLATTEST), float(constant)


def _features(examples: Examples, offset: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean and scale of each feature, then the change of each weight and of a constant."""
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
    """Fit to all pairs together, by Newton's method with step halving.

    Args:
        x: Pairs x weights.
        offset: Log-odds of each pair without the change.
        examples: Targets and weights of the pairs.
        precision: Prior precision of each weight.
    """
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
    """Return the words that explain most of the residual, and their inverse document frequency.

    Words are ranked by their squared score (the gradient of the likelihood), summed over the
    categories. Stems that more than half of the articles have are left out.
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
    """Fit every category by ridge logistic regression with a prior of variance `strength`.

    Minorise-maximise with the bound on the curvature of Boehning & Lindsay (1988, "Monotonicity of
    quadratic-approximation algorithms"), which all categories share, accelerated by Nesterov's
    momentum with restarts (O'Donoghue & Candes 2015, "Adaptive restart for accelerated gradient
    schemes"): one matrix product per step for all categories together.

    Returns:
        Weights x categories, one array per strength.
    """
    target, weight = examples.target, examples.weight
    x, lengths, axes = _principal(x)
    weights = np.zeros((len(lengths), offset.shape[1]))
    fits = []
    for strength in strengths:
        step = 1 / (lengths**2 * (weight.max() / 4) + 1 / strength)[:, None]
        extrapolated, momentum = weights, 1.0
        for _ in range(200):
            residual = weight * (target - probability(offset + x @ extrapolated))
            following = extrapolated + step * (x.T @ residual - extrapolated / strength)
            if ((extrapolated - following) * (following - weights)).sum() > 0:
                momentum = 1.0
            faster = float(1 + np.sqrt(1 + 4 * momentum**2)) / 2
            extrapolated = following + (momentum - 1) / faster * (following - weights)
            moved = float(np.abs(following - weights).max())
            weights, momentum = following, faster
            if moved < 1e-3:
                break
        fits.append(np.asarray(axes.T @ weights))
    return fits


def _principal(x: Floats) -> tuple[Floats, Floats, Floats]:
    """Return x in its principal axes, where a bound on the curvature is diagonal.

    And its lengths along them, and the axes.
    """
    rows, columns = x.shape
    if rows <= columns:
        left, lengths, axes = np.linalg.svd(x, full_matrices=False)
        return left * lengths, lengths, axes
    squares, vectors = np.linalg.eigh(x.T @ x)  # many times faster, and exact enough
    return x @ vectors, np.sqrt(np.maximum(squares, 0)), vectors.T
