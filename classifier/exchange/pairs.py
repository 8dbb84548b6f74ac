"""The values that are exchanged with annotation tools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final, Literal, TypeAlias

Tool: TypeAlias = Literal["label-studio", "argilla"]

ACCEPT: Final = "accept"
REJECT: Final = "reject"
CHOICES: Final[Mapping[str, bool]] = {ACCEPT: True, REJECT: False}

QUESTION: Final = "Does the article belong to the category?"
GUIDELINES: Final = (
    "Accept if the article belongs to the category as it is defined here, reject if it does not. "
    "What the classifier thinks is shown; do not follow it without reading."
)

VERDICT: Final = "verdict"
NOTE: Final = "note"
"""Names of the two questions."""

KEYS: Final = ("path", "article", "category", "definition")
PREFIX: Final = "classify_"
"""Of the parts of a key, which share their names with what an annotator sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairKey:
    """What a verdict is about. It travels to the tool and back."""

    path: str
    """Path of the article in the store."""
    article: str
    """Digest of the article."""
    category: str
    """Id of the category."""
    definition: str
    """Digest of the category."""

    def as_data(self) -> dict[str, str]:
        """Return the parts by the names under which they travel."""
        return {f"{PREFIX}{name}": value for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class UncertainPair:
    """A pair that a person should look at."""

    key: PairKey
    title: str
    text: str
    """The article's prose."""
    category_title: str
    definition_text: str
    confidence: float
    """0 to 1."""
    label: bool
    """Whether the category is assigned now."""
    reasoning: str
    quotes: tuple[str, ...]
    scorer: str

    @property
    def suggestion(self) -> str:
        return ACCEPT if self.label else REJECT


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What one person said of a pair."""

    key: PairKey
    accepted: bool
    note: str = ""
