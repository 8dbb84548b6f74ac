"""Corrections learned from people's labels: what `classify train` writes, and how it is applied.

A category carries its correction (`Category.correction`), so a judgement still depends on one
article and one category alone. Start with `KindCorrections` (what is written) and
`ReadyCorrections` (ready for use).
"""

from __future__ import annotations

import base64
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field, field_validator, model_validator

from classifier.artifacts import ArtifactModel
from classifier.models import Category, digest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from classifier.scorers.embedded.features import EncodedArticle

    Floats = NDArray[np.float64]

VERSION: Final = 1
CLIP: Final = (-4.0, 6.0)
"""Standardised features are clipped to this range."""
_FINEST: Final = 127
_NAMED: Final = 2
_MATTERS: Final = 0.1
"""Log-odds that a word must add to be named in the reasoning."""

_USED: Final = {"own", "whole", "constant", "vector", "words"}
"""What of a category's correction can change a confidence."""

Number = Annotated[float, Field(allow_inf_nan=False)]


class QuantizedRow(ArtifactModel):
    """A vector with one signed byte per number: steps of 1/127 of the largest."""

    largest: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    data: str
    """Base64 of signed bytes; 127 stands for `largest`."""

    @classmethod
    def of(cls, row: Floats) -> QuantizedRow:
        import numpy as np

        largest = float(np.abs(row).max(initial=0.0))
        small = np.round(row / (largest or 1.0) * _FINEST).astype(np.int8)
        return cls(largest=largest, data=base64.b64encode(small.tobytes()).decode())

    @field_validator("data")
    @classmethod
    def _is_base64(cls, data: str) -> str:
        base64.b64decode(data, validate=True)
        return data

    @property
    def size(self) -> int:
        return len(base64.b64decode(self.data))

    @property
    def row(self) -> Floats:
        import numpy as np

        small = np.frombuffer(base64.b64decode(self.data), np.int8)
        return np.asarray(small * (self.largest / _FINEST), np.float64)


class FeatureWeight(ArtifactModel):
    """One of the scorer's features: (value - mean) / scale, clipped, times weight."""

    mean: Number
    scale: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    weight: Number


class SharedCorrection(ArtifactModel):
    """The part of the correction that all corrected categories of a kind share."""

    slope: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    constant: Number = 0.0
    """Slope and constant of the log-odds, which keep the order of articles."""
    features: Mapping[str, FeatureWeight] = Field(default_factory=dict)
    """Weights of the scorer's features, added in the share `own` of the category."""


class CategoryCorrection(ArtifactModel):
    """The correction of one category's log-odds. Field names are the file's keys."""

    definition: str
    """Digest of the category: the correction is ignored if the definition has changed."""
    accepted: int = Field(ge=0)
    rejected: int = Field(ge=0)
    own: Annotated[float, Field(ge=0, le=1)]
    """Shrinkage: the share (0-1) of the added log-odds that is used."""
    whole: Annotated[float, Field(gt=0, le=1)]
    """Blend: the share (0-1) of the whole change that is used."""
    words_for: tuple[str, ...] = ()
    words_against: tuple[str, ...] = ()
    """The words with the largest weights, for people who read the file."""
    constant: Number
    """Log-odds added to every article."""
    vector: QuantizedRow
    words: QuantizedRow


class KindCorrections(ArtifactModel):
    """The corrections of one kind."""

    shared: SharedCorrection
    words: str
    """The vocabulary: stems separated by spaces, in the order of the categories' word weights."""
    categories: Mapping[str, CategoryCorrection]
    """By id."""

    @model_validator(mode="after")
    def _fits(self) -> KindCorrections:
        for category in self.categories.values():
            if category.words.size != len(self.words.split()):
                raise ValueError("a category has more or fewer weights than there are words")
        if len({category.vector.size for category in self.categories.values()}) > 1:
            raise ValueError("the vectors of categories differ in length")
        return self

    @cached_property
    def shared_digest(self) -> str:
        """Changes with what all corrections of the kind share."""
        return digest(self.shared.model_dump(mode="json"), self.words)


class Correction:
    """The correction of one category, as its `Category` carries it.

    Satisfies `models.LearnedCorrection`. Equal corrections change a confidence by the same amount.
    """

    def __init__(self, scorer: str, kind: KindCorrections, category: str) -> None:
        """Name a correction.

        Args:
            scorer: Identity of the embedded scorer that it was fitted to; others ignore it.
            kind: The corrections of the category's kind.
            category: Its id, which `kind` knows.
        """
        self.scorer = scorer
        self.kind = kind
        self.category = category

    @cached_property
    def digest(self) -> str:
        own = self.kind.categories[self.category]
        return digest(VERSION, self.scorer, self.kind.shared_digest, own.model_dump(include=_USED))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Correction) and other.digest == self.digest

    def __hash__(self) -> int:
        return hash(self.digest)


# --- its part in a judgement ----------------------------------------------------------------------


def word_counts(article: EncodedArticle) -> Counter[str]:
    """Return how often an article has each stem; those in its title count two more."""
    counts = Counter(article.body_text.frequencies)
    for word, count in article.title_text.frequencies.items():
        counts[word] += 2 * count
    return counts


def word_shares(counts: Mapping[str, int]) -> dict[str, float]:
    """Return log-scaled counts by stem, as a vector of length 1."""
    logs = {word: math.log1p(count) for word, count in counts.items()}
    length = math.sqrt(sum(value * value for value in logs.values()))
    return {word: value / length for word, value in logs.items()}


@dataclass(frozen=True, slots=True)
class CorrectedConfidence:
    """A confidence (0-1) before and after corrections."""

    before: float
    after: float
    vocabulary: tuple[str, ...]
    by_word: Floats
    """The log-odds that each word of the vocabulary added."""

    @property
    def aspect(self) -> float:
        """0-1: above 0.5 if the corrections raised the confidence, below if they lowered it."""
        return probability(log_odds(self.after) - log_odds(self.before))

    @property
    def explanation(self) -> str:
        before, after = f"{self.before:.2f}", f"{self.after:.2f}"
        if before == after:
            return f"Labels of other articles leave it at {after}."
        most = self._most()
        words = f", mostly by {' and '.join(map(repr, most))}" if most else ""
        return f"Labels of other articles moved it from {before} to {after}{words}."

    def _most(self) -> list[str]:
        """Return the words of the article that moved the confidence most, if any did."""
        weights = self.by_word if self.after > self.before else -self.by_word
        best = (-weights).argsort(kind="stable")[:_NAMED]
        return [self.vocabulary[i] for i in best if weights[i] >= _MATTERS]


def log_odds(confidence: float) -> float:
    sure = min(max(confidence, 1e-12), 1 - 1e-12)
    return math.log(sure / (1 - sure))


def probability(logit: float) -> float:
    return 1 / (1 + math.exp(-max(min(logit, 30.0), -30.0)))


class ReadyCorrections:
    """The corrections of some categories, decoded for use. Ignores those of other scorers."""

    def __init__(self, scorer: str) -> None:
        """Take the identity of the scorer whose corrections count."""
        self._scorer = scorer
        self._kinds: dict[int, _ReadyKind] = {}

    def of(self, article: EncodedArticle, categories: Iterable[Category]) -> ArticleCorrection:
        """Return the corrections of these categories for one article."""
        used = {c.id: own for c in categories if (own := self._own(c.correction)) is not None}
        if not used:
            return ArticleCorrection({}, {})
        shares = word_shares(word_counts(article))
        on_article = {key: kind.of(article, shares) for key, kind in self._ready(used).items()}
        return ArticleCorrection(used, on_article)

    def _own(self, correction: object) -> Correction | None:
        if isinstance(correction, Correction) and correction.scorer == self._scorer:
            return correction
        return None

    def _ready(self, used: Mapping[str, Correction]) -> dict[int, _ReadyKind]:
        kinds = {id(correction.kind): correction.kind for correction in used.values()}
        for key, kind in kinds.items():
            if key not in self._kinds:  # another thread may add the same meanwhile
                self._kinds[key] = _ReadyKind(kind)
        return {key: self._kinds[key] for key in kinds}


class _ReadyKind:
    def __init__(self, kind: KindCorrections) -> None:
        import numpy as np

        own = list(kind.categories.values())
        self.kind = kind  # kept, so that no other one gets its place in memory
        self.column = {name: i for i, name in enumerate(kind.categories)}
        self._shares = [(correction.own, correction.whole) for correction in own]
        self.words = tuple(kind.words.split())
        self._row = {word: i for i, word in enumerate(self.words)}
        self._shared = kind.shared
        self._constant = np.array([correction.constant for correction in own])
        self._by_vector = np.array([correction.vector.row for correction in own])
        self._by_word = np.array([correction.words.row for correction in own])

    def of(self, article: EncodedArticle, shares: Mapping[str, float]) -> _KindOnArticle:
        import numpy as np

        here = np.zeros(len(self._row))
        for word in shares.keys() & self._row.keys():
            here[self._row[word]] = shares[word]
        by_word = self._by_word * here
        own = self._by_vector @ article.document + by_word.sum(axis=1) + self._constant
        return _KindOnArticle(self, own, by_word)

    def changed(self, column: int, before: float, added: float) -> float:
        """Return corrected log-odds, given those before and what vector, words and features add."""
        own, whole = self._shares[column]
        after = self._shared.slope * before + self._shared.constant + own * added
        return before + whole * (after - before)

    def by_features(self, features: Mapping[str, Floats], i: int) -> float:
        added = 0.0
        for name, feature in self._shared.features.items():
            standard = (float(features[name][i]) - feature.mean) / feature.scale
            added += feature.weight * min(max(standard, CLIP[0]), CLIP[1])
        return added


@dataclass(frozen=True, slots=True)
class _KindOnArticle:
    kind: _ReadyKind
    own: Floats
    """What vector, words and constant add to the log-odds: one per category."""
    by_word: Floats
    """What each word adds: categories x words."""


@dataclass(frozen=True, slots=True)
class ArticleCorrection:
    """The corrections for one article."""

    used: Mapping[str, Correction]
    """By category id."""
    kinds: Mapping[int, _KindOnArticle]
    """By the identity of `Correction.kind`."""

    def moved(
        self, category: Category, confidence: float, features: Mapping[str, Floats], i: int
    ) -> CorrectedConfidence | None:
        """Return the corrected confidence; None if the category has no correction.

        Args:
            category: The category.
            confidence: Its confidence (0-1) without corrections.
            features: Numbers by feature, one for each category that is compared.
            i: Which of them it is.
        """
        own = self.used.get(category.id)
        if own is None:
            return None
        of_kind = self.kinds[id(own.kind)]
        column = of_kind.kind.column[own.category]
        added = of_kind.kind.by_features(features, i) + float(of_kind.own[column])
        after = probability(of_kind.kind.changed(column, log_odds(confidence), added))
        return CorrectedConfidence(confidence, after, of_kind.kind.words, of_kind.by_word[column])
