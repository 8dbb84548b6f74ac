"""Which pairs a cascade defers to its second scorer: by fitted thresholds, or by a shortlist.

`FittedThresholds` come from `classify cascade` and live in `cascade.json` beside the taxonomy;
without them a `Shortlist` decides. Either way a small random sample of the pairs that the first
scorer keeps is deferred too, to audit the recall. The sample is a hash of the two texts, so the
same pairs are drawn in every run.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from itertools import starmap
from pathlib import Path
from typing import Annotated, Final, Literal, Protocol, TypeAlias

from pydantic import Field

from classifier import artifacts
from classifier.artifacts import ArtifactModel
from classifier.models import Category, ConfidenceKind, Judgement, Level, digest
from classifier.scorers.cascade.common_scale import CommonScale

AUDIT_RATE: Final = 0.01
"""Share of the pairs outside a shortlist that are deferred as a random sample."""
MAX_THRESHOLD: Final = Level.TERTIARY.floor
"""No threshold is above this: a confidence from here on may make a label, so it is deferred."""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Judged: TypeAlias = Iterable[tuple[Category, float]]
"""Categories, each with the first scorer's confidence (0-1) that the article belongs."""


class Route(Enum):
    DEFER = "defer"
    """The second scorer is asked."""
    AUDIT = "audit"
    """The policy would keep it, but it is in the random sample that the second scorer checks."""
    KEEP = "keep"
    """The first scorer's judgement stands."""


def hash_uniform(article: str, category: str, salt: str = "") -> float:
    """Return a number in [0, 1) that depends on the digests and the salt alone.

    Over pairs it is uniform, so `hash_uniform(...) < rate` draws a reproducible random sample.
    """
    data = f"{salt}:{article}:{category}".encode()
    return int.from_bytes(hashlib.blake2b(data, digest_size=7).digest()) / 2**56


class DeferralPolicy(Protocol):
    """Decides which pairs the second scorer of a cascade is asked about."""

    @property
    def digest(self) -> str:
        """Changes with anything that can change a route."""
        ...

    @property
    def description(self) -> str:
        """The rule and the recall it promises, in one line."""
        ...

    def audit_rate(self, kind: str) -> float:
        """Return the share (0-1) of the kept pairs of a kind that is audited."""
        ...

    def routes(self, article: str, judged: Judged) -> dict[str, Route]:
        """Return the route of each of an article's pairs, by category id.

        A pair that is deferred is also deferred when fewer categories are judged with it.

        Args:
            article: The article's digest.
            judged: Its categories with the first scorer's confidences.
        """
        ...

    def kept(self, category: Category, judgement: Judgement) -> Judgement:
        """Return the first scorer's judgement as the cascade gives it where it is kept."""
        ...


def _route(article: str, category: Category, *, deferred: bool, audit_rate: float) -> Route:
    if deferred:
        return Route.DEFER
    return (
        Route.AUDIT
        if hash_uniform(article, category.uncorrected.digest) < audit_rate
        else Route.KEEP
    )


@dataclass(frozen=True, slots=True)
class Shortlist:
    """Defers the likeliest categories of each kind. Needs no labels and promises no recall."""

    size: int
    """Categories deferred for each article and kind."""

    @property
    def digest(self) -> str:
        return digest("shortlist", self.size, AUDIT_RATE, MAX_THRESHOLD)

    @property
    def description(self) -> str:
        return f"the {self.size:,} likeliest categories of each kind, no guaranteed recall"

    def audit_rate(self, kind: str) -> float:  # noqa: ARG002 - the protocol's
        return AUDIT_RATE

    def kept(self, category: Category, judgement: Judgement) -> Judgement:  # noqa: ARG002
        return judgement

    def routes(self, article: str, judged: Judged) -> dict[str, Route]:
        ranked = sorted(judged, key=lambda pair: (-pair[1], pair[0].uncorrected.digest))
        places: dict[str, int] = {}
        routes = {}
        for category, confidence in ranked:
            place = places[category.kind] = places.get(category.kind, 0) + 1
            deferred = place <= self.size or confidence >= MAX_THRESHOLD
            routes[category.id] = _route(
                article, category, deferred=deferred, audit_rate=AUDIT_RATE
            )
        return routes


class KindThreshold(ArtifactModel):
    """The threshold fitted for a kind, and the sample it rests on; fields are the file's keys."""

    cut: Share
    """Confidence from which pairs are deferred, for categories without a threshold of their own."""
    sample: Share
    """Share (0-1) of the pairs below the threshold that is audited."""
    together: tuple[str, ...]
    """The kinds fitted together: the recall holds for their labels pooled."""
    articles: int = Field(ge=0)
    pairs: int = Field(ge=0)
    """Pairs of all these kinds that the second scorer had judged when the threshold was fitted."""
    settled: Share
    """Share of all pairs that the first scorer keeps."""
    labels: int = Field(ge=0)
    """Labels that the second scorer gave those pairs."""
    drawn: int = Field(ge=0)
    """Labels in the random sample outside the likeliest pairs; all labels if fitted to gold."""
    below: int = Field(ge=0)
    """Labels counted in `drawn` that lie below the thresholds."""
    minimum: Share
    """The minimum confidence of a label when the threshold was fitted."""


class CategoryThreshold(ArtifactModel):
    """The threshold fitted for one category."""

    definition: str
    """Digest of the category: a changed definition falls back to the threshold of its kind."""
    cut: Share


class ArticleThreshold(ArtifactModel):
    """The threshold from which whole articles are deferred, and what it rests on."""

    cut: Share
    """Doubt from which an article is deferred in full."""
    categories: str
    """Digest of all categories: an article judged by others is deferred in full."""
    articles: int = Field(ge=0)
    """Articles that it was fitted on."""
    settled: Share
    """Share of these that were settled."""
    labels: int = Field(ge=0)
    """Labels that the second scorer gave these."""
    precision: Share
    """Share of the labels of both that were the second scorer's, on these."""
    scale: CommonScale = Field(default_factory=CommonScale)
    """What doubt and labels of settled articles are measured on. Until 27 November 2026 there was
    none: the confidences as they are."""


def doubt(confidences: Iterable[float]) -> float:
    """Return how unsure (0-1) a scorer is of an article, given its confidences in all categories.

    The errors to expect if each pair is decided by the likelier side, as a share of one more.
    """
    # Exact, so that it does not depend on the order of the categories.
    errors = math.fsum(min(confidence, 1 - confidence) for confidence in confidences)
    return errors / (1 + errors)


def company(categories: Iterable[Category]) -> str:
    """Return a digest of the categories that an article is judged against."""
    return digest("company", sorted(category.uncorrected.digest for category in categories))


class FittedThresholds(ArtifactModel):
    """Thresholds fitted for two scorers. Kinds without one are deferred in full."""

    fitted: str
    """The date, ISO 8601."""
    recall: Share
    """Target recall of the second scorer's labels."""
    confidence: Share
    """Probability with which the recall holds."""
    gold: str = ""
    """Where the labels came from; empty if they are the second scorer's own."""
    kinds: Mapping[str, KindThreshold]
    categories: Mapping[str, CategoryThreshold]
    """By category id."""
    whole: ArticleThreshold | None = None
    """For `SettledArticles`; None: too few labels to promise the recall."""

    @property
    def digest(self) -> str:
        kinds = {name: (kind.cut, kind.sample) for name, kind in self.kinds.items()}
        categories = {name: (own.definition, own.cut) for name, own in self.categories.items()}
        return digest("cut", kinds, categories, MAX_THRESHOLD)

    @property
    def description(self) -> str:
        sure = f"recall {self.recall:g} with {self.confidence:.0%} confidence"
        of = f"labels like those of {self.gold!r}" if self.gold else "the articles of that day"
        return f"thresholds of {self.fitted}: {sure} for {of}"

    def audit_rate(self, kind: str) -> float:
        return self.kinds[kind].sample if kind in self.kinds else 0.0

    def kept(self, category: Category, judgement: Judgement) -> Judgement:  # noqa: ARG002
        return judgement

    def threshold(self, category: Category) -> float:
        """Return the confidence (0-1) from which pairs of a category are deferred."""
        own, kind = self.categories.get(category.id), self.kinds.get(category.kind)
        if own is not None and own.definition == category.uncorrected.digest:
            return min(own.cut, MAX_THRESHOLD)
        return 0.0 if kind is None else min(kind.cut, MAX_THRESHOLD)

    def routes(self, article: str, judged: Judged) -> dict[str, Route]:
        return {
            category.id: _route(
                article,
                category,
                deferred=confidence >= self.threshold(category),
                audit_rate=self.audit_rate(category.kind),
            )
            for category, confidence in judged
        }


@dataclass(frozen=True, slots=True)
class SettledArticles:
    """Keeps whole articles that the first scorer is sure of, its labels included.

    All others are deferred in full. A call about an article costs nearly the same for one category
    and for all, so this saves calls, where thresholds for pairs hardly save any. An article that is
    not judged against all categories is deferred, so that company never decides against asking.
    """

    fitted: FittedThresholds
    threshold: ArticleThreshold

    @property
    def digest(self) -> str:
        found = self.threshold
        scale = [found.scale.model_dump(mode="json")] if found.scale.curves else []
        return digest("articles", found.cut, found.categories, *scale)

    @property
    def description(self) -> str:
        found = self.fitted
        return (
            f"whole articles, by the training of {found.fitted}: recall {found.recall:g} with "
            f"{found.confidence:.0%} confidence for articles like those labelled by {found.gold!r}"
        )

    def audit_rate(self, kind: str) -> float:  # noqa: ARG002 - the protocol's
        return 0.0

    def kept(self, category: Category, judgement: Judgement) -> Judgement:
        on_scale = self.threshold.scale(category, judgement.confidence)
        if on_scale == judgement.confidence:
            return judgement
        return replace(
            judgement,
            confidence=on_scale,
            raw=judgement.confidence,
            kind=ConfidenceKind.CALIBRATED,
        )

    def routes(self, article: str, judged: Judged) -> dict[str, Route]:  # noqa: ARG002
        pairs = list(judged)
        whole = company(category for category, _ in pairs) == self.threshold.categories
        unsure = doubt(starmap(self.threshold.scale, pairs)) >= self.threshold.cut
        route = Route.KEEP if whole and not unsure else Route.DEFER
        return {category.id: route for category, _ in pairs}


class CascadeFile(ArtifactModel):
    """The file `cascade.json`."""

    version: Literal[1] = 1
    cascades: Mapping[str, FittedThresholds] = Field(default_factory=dict)
    """Thresholds by `key_of` both scorers."""


def key_of(first: str, second: str) -> str:
    """Return the file's key for two scorers, given their identities."""
    return f"{first} > {second}"


def load(path: Path) -> CascadeFile:
    """Read the file.

    Raises:
        SettingsError: It is missing or not valid.
    """
    return artifacts.load(
        path,
        CascadeFile,
        fault="has no thresholds",
        way_out="remove it and run `classify cascade` again",
    )
