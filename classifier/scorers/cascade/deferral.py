"""Which pairs the first scorer of a cascade settles: by a measured cut, or by a shortlist.

The file beside the taxonomy holds what was measured, as that of `calibration` does. Whatever the
rule, a small random share of what is settled is asked about all the same. Who is drawn is a matter
of the two texts alone, so that it is the same pairs every time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Final, Literal, Protocol, TypeAlias

from pydantic import Field

from classifier import artifacts
from classifier.artifacts import ArtifactModel
from classifier.models import Category, Level, digest

FILE: Final = "cascade.json"
AUDIT_RATE: Final = 0.01
"""Share of what a shortlist settles that is asked about all the same."""
MAX_THRESHOLD: Final = Level.TERTIARY.floor
"""A confidence that might make a label is never settled, wherever the cut is."""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Judged: TypeAlias = Iterable[tuple[Category, float]]
"""Categories with the first scorer's confidence (0-1) that one article belongs."""


class Route(Enum):
    DEFER = "defer"
    """The second scorer is asked."""
    AUDIT = "audit"
    """The policy would keep it, but it is in the random sample that the second scorer checks."""
    KEEP = "keep"
    """The first scorer's judgement stands."""


def hash_uniform(article: str, category: str, salt: str = "") -> float:
    """Return a random number in [0, 1) that two digests and a salt always have."""
    data = f"{salt}:{article}:{category}".encode()
    return int.from_bytes(hashlib.blake2b(data, digest_size=7).digest()) / 2**56


class DeferralPolicy(Protocol):
    @property
    def digest(self) -> str:
        """Changes with all that can change a fate."""
        ...

    @property
    def description(self) -> str:
        """What it goes by and what that promises, in a line."""
        ...

    def audit_rate(self, kind: str) -> float:
        """Return the share of the settled pairs of a kind that is drawn."""
        ...

    def routes(self, article: str, judged: Judged) -> dict[str, Route]:
        """Return, by category id, what becomes of an article's pairs; `article` is its digest.

        In smaller company a pair is asked about at least as soon.
        """
        ...


def _route(article: str, category: Category, *, asked: bool, audit_rate: float) -> Route:
    if asked:
        return Route.DEFER
    return Route.AUDIT if hash_uniform(article, category.digest) < audit_rate else Route.KEEP


@dataclass(frozen=True, slots=True)
class Shortlist:
    """Nothing was measured: the likeliest categories of each kind are asked about."""

    size: int

    @property
    def digest(self) -> str:
        return digest("shortlist", self.size, AUDIT_RATE, MAX_THRESHOLD)

    @property
    def description(self) -> str:
        return f"the {self.size:,} likeliest categories of each kind, no guaranteed recall"

    def audit_rate(self, kind: str) -> float:  # noqa: ARG002 - the protocol's
        return AUDIT_RATE

    def routes(self, article: str, judged: Judged) -> dict[str, Route]:
        ranked = sorted(judged, key=lambda it: (-it[1], it[0].digest))
        places: dict[str, int] = {}
        found = {}
        for category, confidence in ranked:
            place = places[category.kind] = places.get(category.kind, 0) + 1
            asked = place <= self.size or confidence >= MAX_THRESHOLD
            found[category.id] = _route(article, category, asked=asked, audit_rate=AUDIT_RATE)
        return found


class KindThreshold(ArtifactModel):
    """What was found out for a kind, alone or together with others."""

    cut: Share
    """Of categories without one of their own: the lowest of the kind's."""
    sample: Share
    """Share of the pairs below the cut that is asked about all the same."""
    together: tuple[str, ...]
    """The kinds that were cut together: the promise is for their labels taken together."""
    articles: int = Field(ge=0)
    pairs: int = Field(ge=0)
    """Asked about by then, of all these kinds."""
    settled: Share
    """Of all pairs."""
    labels: int = Field(ge=0)
    """Of the second scorer, among those asked about."""
    drawn: int = Field(ge=0)
    """Of these, in the sample, without the likeliest pairs; with gold, all."""
    below: int = Field(ge=0)
    """Of these, below the cuts."""
    minimum: Share
    """The least confidence that was a label."""


class CategoryThreshold(ArtifactModel):
    definition: str
    """Digest of the category: a changed definition falls back to the cut of its kind."""
    cut: Share


class FittedThresholds(ArtifactModel):
    """Cuts for two scorers. A kind that is not in it is asked about in full."""

    fitted: str
    """The day, ISO 8601."""
    recall: Share
    confidence: Share
    """How sure the recall is."""
    gold: str = ""
    """Where the labels came from; empty: they are the second scorer's own."""
    kinds: Mapping[str, KindThreshold]
    categories: Mapping[str, CategoryThreshold]
    """By id."""

    @property
    def digest(self) -> str:
        kinds = {name: (it.cut, it.sample) for name, it in self.kinds.items()}
        categories = {name: (it.definition, it.cut) for name, it in self.categories.items()}
        return digest("cut", kinds, categories, MAX_THRESHOLD)

    @property
    def description(self) -> str:
        sure = f"recall {self.recall:g} with {self.confidence:.0%} confidence"
        of = f"labels like those of {self.gold!r}" if self.gold else "the articles of that day"
        return f"thresholds of {self.fitted}: {sure} for {of}"

    def audit_rate(self, kind: str) -> float:
        return self.kinds[kind].sample if kind in self.kinds else 0.0

    def cut(self, category: Category) -> float:
        own, kind = self.categories.get(category.id), self.kinds.get(category.kind)
        if own is not None and own.definition == category.digest:
            return min(own.cut, MAX_THRESHOLD)
        return 0.0 if kind is None else min(kind.cut, MAX_THRESHOLD)

    def routes(self, article: str, judged: Judged) -> dict[str, Route]:
        return {
            category.id: _route(
                article,
                category,
                asked=confidence >= self.cut(category),
                audit_rate=self.audit_rate(category.kind),
            )
            for category, confidence in judged
        }


class CascadeFile(ArtifactModel):
    """All that one file holds."""

    version: Literal[1] = 1
    cascades: Mapping[str, FittedThresholds] = Field(default_factory=dict)
    """By the identities of both scorers."""


def key_of(first: str, second: str) -> str:
    """Return what the file calls two scorers."""
    return f"{first} > {second}"


def path_for(categories: Path) -> Path:
    """Return where the file of a taxonomy is, whether there is one or not."""
    return artifacts.path_for(categories, FILE)


def load(path: Path) -> CascadeFile:
    """Read the file. Raises SettingsError where it is not there or not what `dump` made."""
    return artifacts.load(
        path,
        CascadeFile,
        fault="has no thresholds",
        way_out="remove it and run `classify cascade` again",
    )
