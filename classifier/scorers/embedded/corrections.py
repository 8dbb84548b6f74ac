"""What people's verdicts have taught: a file beside the taxonomy, and its part in a judgement.

`classify learn` writes it. A judgement still depends on one article, one category and this file
alone.
"""

from __future__ import annotations

import base64
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, field_validator, model_validator

from classifier import artifacts
from classifier.artifacts import ArtifactModel
from classifier.models import Category, Example, Taxonomy, digest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from classifier.scorers.embedded.features import EncodedArticle

    Floats = NDArray[np.float64]

VERSION: Final = 1
FILE: Final = "learned.json"
CLIP: Final = (-4.0, 6.0)
"""Features, standardised, are kept within these."""
_FINEST: Final = 127
_LISTED: Final = 5
_TOLD: Final = 2
_MATTERS: Final = 0.1
"""Log-odds that a word must bring to be told."""

Number = Annotated[float, Field(allow_inf_nan=False)]


class QuantizedRow(ArtifactModel):
    """A row of numbers in one byte each: 0.4 % of the largest is fine enough for a sum of many."""

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
    """What is the same for every category of a kind that has something of its own."""

    slope: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    constant: Number = 0.0
    """Of the log-odds: they change no order."""
    features: Mapping[str, FeatureWeight] = Field(default_factory=dict)
    """What is added to them, as far as the category trusts it."""


class CategoryCorrection(ArtifactModel):
    """What is added to the log-odds of one category."""

    definition: str
    """Digest of the category: for a changed definition it does not count."""
    accepted: int = Field(ge=0)
    rejected: int = Field(ge=0)
    own: Annotated[float, Field(ge=0, le=1)]
    """The share of what is added that is used, and"""
    whole: Annotated[float, Field(gt=0, le=1)]
    """of the whole change: as much as did no harm in cross-validation."""
    words_for: tuple[str, ...] = ()
    words_against: tuple[str, ...] = ()
    """Those that weigh most. To be read, not used."""
    constant: Number
    vector: QuantizedRow
    words: QuantizedRow


class KindCorrections(ArtifactModel):
    """What was learned of the categories of one kind."""

    shared: SharedCorrection
    words: str
    """What the categories' weights of words are of, with blanks between."""
    categories: Mapping[str, CategoryCorrection]
    """By id."""

    @model_validator(mode="after")
    def _fits(self) -> KindCorrections:
        for its in self.categories.values():
            if its.words.size != len(self.words.split()):
                raise ValueError("a category has more or fewer weights than there are words")
        if len({its.vector.size for its in self.categories.values()}) > 1:
            raise ValueError("the vectors of categories differ in length")
        return self


class FewShotExample(ArtifactModel):
    """A pair to show a language model: what was said of it, and enough to see why."""

    title: str
    text: str
    accepted: bool
    note: str = ""

    @property
    def example(self) -> Example:
        return Example(title=self.title, text=self.text, accepted=self.accepted, note=self.note)


class FewShotExamples(ArtifactModel):
    definition: str
    examples: tuple[FewShotExample, ...]


class LearnedFile(ArtifactModel):
    """All that one file holds."""

    version: Literal[1] = VERSION
    learned: str
    """The day, ISO 8601."""
    source: str
    """Where the labels came from."""
    scorer: str = ""
    """Identity of the embedded scorer, without corrections, that it adds to."""
    articles: int = Field(ge=0)
    pairs: int = Field(ge=0)
    kinds: Mapping[str, KindCorrections] = Field(default_factory=dict)
    lessons: Mapping[str, FewShotExamples] = Field(default_factory=dict)
    """By category id; for language models."""

    @cached_property
    def digest(self) -> str:
        """Changes with everything that can change a confidence of the embedded scorer."""
        return digest(VERSION, self.model_dump(mode="json", include={"kinds"}))

    def shown(self, categories: Sequence[Category]) -> tuple[Category, ...]:
        """Return the categories with the examples that a language model is to see."""
        return tuple(
            replace(category, examples=tuple(lesson.example for lesson in its.examples))
            if (its := self.lessons.get(category.id)) and its.definition == category.definition
            else category
            for category in categories
        )

    def warnings(self, taxonomy: Taxonomy, *, file: str) -> Iterator[str]:
        """Yield a line where definitions have changed since."""
        known = {name: its.definition for name, its in self.lessons.items()}
        for kind in self.kinds.values():
            known |= {name: its.definition for name, its in kind.categories.items()}
        changed = [
            c.id for c in taxonomy.categories if known.get(c.id, c.definition) != c.definition
        ]
        if changed:
            more = f" and {len(changed) - _LISTED} more" if len(changed) > _LISTED else ""
            yield (
                f"{file!r}: what was learned of {', '.join(changed[:_LISTED])}{more} no longer "
                "counts, as the definition has changed: run `classify learn` again"
            )


def path_for(categories: Path) -> Path:
    """Return where the file of a taxonomy is, whether there is one or not."""
    return artifacts.path_for(categories, FILE)


def load(path: Path) -> LearnedFile:
    """Read the file. Raises SettingsError where it is not there or not what `dump` made."""
    return artifacts.load(
        path,
        LearnedFile,
        fault="is nothing that was learned",
        way_out="make it anew with `classify learn`, or do without: --learned off",
    )


# --- its part in a judgement ----------------------------------------------------------------------


def word_counts(article: EncodedArticle) -> Counter[str]:
    """Return how often an article has each word; those of its title count twice more."""
    found = Counter(article.body_text.stems)
    for word in article.title_text.stems:
        found[word] += 2
    return found


def word_shares(found: Mapping[str, int]) -> dict[str, float]:
    """Return the counts on a logarithmic scale, as parts of a row of length 1."""
    logs = {word: math.log1p(count) for word, count in found.items()}
    length = math.sqrt(sum(value * value for value in logs.values()))
    return {word: value / length for word, value in logs.items()}


@dataclass(frozen=True, slots=True)
class CorrectedConfidence:
    """A confidence before and after corrections."""

    before: float
    after: float
    vocabulary: tuple[str, ...]
    by_word: Floats
    """The part of the change of the log-odds that is each word's."""

    @property
    def aspect(self) -> float:
        """0-1: above 0.5 where the corrections speak for the category, below where against."""
        return probability(log_odds(self.after) - log_odds(self.before))

    @property
    def told(self) -> str:
        before, after = f"{self.before:.2f}", f"{self.after:.2f}"
        if before == after:
            return f"What people said of other articles leaves it at {after}."
        most = self._most()
        words = f", most by {' and '.join(map(repr, most))}" if most else ""
        return f"What people said of other articles moved it from {before} to {after}{words}."

    def _most(self) -> list[str]:
        """Return the words of the article that moved it most, if any did."""
        weights = self.by_word if self.after > self.before else -self.by_word
        best = (-weights).argsort(kind="stable")[:_TOLD]
        return [self.vocabulary[i] for i in best if weights[i] >= _MATTERS]


def log_odds(confidence: float) -> float:
    sure = min(max(confidence, 1e-12), 1 - 1e-12)
    return math.log(sure / (1 - sure))


def probability(logit: float) -> float:
    return 1 / (1 + math.exp(-max(min(logit, 30.0), -30.0)))


class Corrections:
    """The file, ready for use."""

    def __init__(self, learned: LearnedFile) -> None:
        self._kinds = [_ReadyKind(kind) for kind in learned.kinds.values()]

    def of(self, article: EncodedArticle) -> ArticleCorrection:
        found = word_shares(word_counts(article))
        return ArticleCorrection([kind.of(article, found) for kind in self._kinds])


class _ReadyKind:
    def __init__(self, kind: KindCorrections) -> None:
        import numpy as np

        own = list(kind.categories.values())
        self.column = {its.definition: i for i, its in enumerate(own)}
        self._shares = [(its.own, its.whole) for its in own]
        self.words = tuple(kind.words.split())
        self._row = {word: i for i, word in enumerate(self.words)}
        self._shared = kind.shared
        self._constant = np.array([its.constant for its in own])
        self._by_vector = np.array([its.vector.row for its in own])
        self._by_word = np.array([its.words.row for its in own])

    def of(self, article: EncodedArticle, found: Mapping[str, float]) -> _KindOnArticle:
        import numpy as np

        here = np.zeros(len(self._row))
        for word in found.keys() & self._row.keys():
            here[self._row[word]] = found[word]
        by_word = self._by_word * here
        own = self._by_vector @ article.document + by_word.sum(axis=1) + self._constant
        return _KindOnArticle(self, own, by_word)

    def changed(self, column: int, before: float, added: float) -> float:
        """Return the log-odds with what is learned of a category."""
        own, whole = self._shares[column]
        after = self._shared.slope * before + self._shared.constant + own * added
        return before + whole * (after - before)

    def by_features(self, numbers: Mapping[str, float]) -> float:
        added = 0.0
        for name, its in self._shared.features.items():
            standard = (numbers[name] - its.mean) / its.scale
            added += its.weight * min(max(standard, CLIP[0]), CLIP[1])
        return added


@dataclass(frozen=True, slots=True)
class _KindOnArticle:
    kind: _ReadyKind
    own: Floats
    """What each category adds on its own account."""
    by_word: Floats
    """Categories x words: the part of it that is each word's."""


@dataclass(frozen=True, slots=True)
class ArticleCorrection:
    """What was learned, for one article."""

    kinds: Sequence[_KindOnArticle]

    def moved(
        self, category: Category, confidence: float, numbers: Mapping[str, float]
    ) -> CorrectedConfidence | None:
        """Return the new confidence; None where nothing was learned of the category.

        `numbers` are the features of the pair.
        """
        for its in self.kinds:
            column = its.kind.column.get(category.definition)
            if column is not None:
                added = its.kind.by_features(numbers) + float(its.own[column])
                after = probability(its.kind.changed(column, log_odds(confidence), added))
                return CorrectedConfidence(confidence, after, its.kind.words, its.by_word[column])
        return None
