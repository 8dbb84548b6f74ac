"""The values everything else passes around. Frozen; no file, clock or socket."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final, Literal


def digest(*parts: object) -> str:
    """Return 32 hex digits that change when any of `parts` (JSON values) changes."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    data = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=16).hexdigest()


# --- categories ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructions:
    """What belongs to a category and what does not, as its author wrote it and as we read it."""

    text: str = ""
    """Verbatim Markdown; empty where the definition gave typed lists or nothing."""
    scope: str = ""
    """Everything that is neither a key topic nor an exclusion."""
    topics: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A pair that a person spoke about, to be shown to a language model."""

    title: str
    text: str
    """The beginning of the article's prose."""
    accepted: bool
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Category:
    id: str
    """`kind/slug`, unique in its taxonomy."""
    kind: str
    title: str
    description: str = ""
    instructions: Instructions = field(default_factory=Instructions)
    aliases: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    """What was learned of it, for scorers that can read it; not part of the definition."""
    source: str = ""
    """The file it was read from, for messages."""

    @cached_property
    def digest(self) -> str:
        """Covers what a scorer sees, so a change of thresholds or of the file name keeps it."""
        shown = [(e.title, e.text, e.accepted, e.note) for e in self.examples]
        return digest(*self._written, shown) if shown else self.definition

    @cached_property
    def definition(self) -> str:
        """The digest without examples."""
        return digest(*self._written)

    @property
    def _written(self) -> tuple[object, ...]:
        i = self.instructions
        return self.title, self.description, i.scope, i.topics, i.exclusions, self.aliases


class Level(StrEnum):
    """How strongly an article belongs. Derived from the confidence when read, never stored."""

    PRIMARY = "Primary"
    SECONDARY = "Secondary"
    TERTIARY = "Tertiary"
    IGNORED = "Ignored"

    @property
    def floor(self) -> float:
        """The confidence that must be exceeded to reach this level."""
        return _FLOORS[self]

    @classmethod
    def of(cls, confidence: float) -> Level:
        return next((level for level, floor in _FLOORS.items() if confidence > floor), cls.IGNORED)


_FLOORS = {Level.PRIMARY: 0.80, Level.SECONDARY: 0.60, Level.TERTIARY: 0.40, Level.IGNORED: -1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which judgements of one kind become labels."""

    minimum: float = 0.50
    """Confidence (0-1) a label needs at least."""
    at_most: int | None = 5
    by: Literal["score", "level"] = "score"
    """`score`: the best `at_most`. `level`: of those, only the ones in the best level reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxonomy:
    categories: tuple[Category, ...]
    rules: Mapping[str, Rule] = field(default_factory=dict)
    """By kind; a kind without one has `default_rule`."""
    default_rule: Rule = field(default_factory=Rule)
    minimums: Mapping[str, float] = field(default_factory=dict)
    """By category id, where one has a minimum of its own in place of its kind's."""
    warnings: tuple[str, ...] = ()
    """One line each, naming the file: odd things that do not stop a run."""

    def rule(self, kind: str) -> Rule:
        return self.rules.get(kind, self.default_rule)

    def minimum(self, category: Category) -> float:
        """Return the confidence (0-1) a label of this category needs at least."""
        return self.minimums.get(category.id, self.rule(category.kind).minimum)


# --- articles ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Article:
    id: str
    """The path as given, `-` for standard input, or whatever the caller names it."""
    title: str = ""
    description: str = ""
    body: str
    """Everything after the front matter, verbatim."""
    body_start: int = 0
    """Characters before `body` in the decoded file; body offset + this = file offset."""

    @cached_property
    def digest(self) -> str:
        """Covers what a scorer sees: a new label or date in the front matter keeps it."""
        return digest(self.title, self.description, self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A run of prose in an article."""

    text: str
    """Prose for judging: no markup, shortcodes, link targets or code."""
    start: int
    """Offsets into `Article.body`, half-open: what `text` was made from."""
    end: int
    heading: str = ""
    """The nearest heading above it."""


# --- judging -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Task:
    """One article and the categories to judge it against."""

    article: Article
    categories: tuple[Category, ...]


class ConfidenceKind(StrEnum):
    """Where a confidence comes from, and so what it can be trusted for."""

    SIMILARITY = "similarity"
    STATED = "stated"
    LOGPROB = "logprob"
    CALIBRATED = "calibrated"
    VERDICT = "verdict"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quote from the article. `start`/`end` are offsets into `Article.body`, half-open.

    A quote that is not found in the article keeps None for both: it is shown as unverified.
    """

    text: str
    start: int | None = None
    end: int | None = None

    @property
    def verified(self) -> bool:
        return self.start is not None


READ: Final = "read"
"""The aspect that is the share (0-1) of the article that was read, where that is not all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One (article, category) pair, judged."""

    category: str
    """`Category.id`."""
    confidence: float
    """0-1."""
    kind: ConfidenceKind
    scorer: str
    """`Scorer.identity`: who judged."""
    aspects: Mapping[str, float] = field(default_factory=dict)
    """What the confidence was computed from, each 0-1."""
    exclusion: str | None = None
    """The exclusion rule that fired, in the definition's words."""
    reasoning: str = ""
    evidence: tuple[Evidence, ...] = ()
    pack: tuple[str, ...] = ()
    """Ids of the categories that travelled in the same call, in order, this one included."""
    raw: float | None = None
    """The scorer's own confidence, where `confidence` is calibrated. Never stored."""

    @property
    def level(self) -> Level:
        return Level.of(self.confidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens and money. Adds up; an unknown price stays unknown in every sum it is part of."""

    calls: int = 0
    input_tokens: int = 0
    """Includes the cached ones."""
    cached_tokens: int = 0
    output_tokens: int = 0
    """Includes the reasoning ones."""
    reasoning_tokens: int = 0
    cost: float | None = 0.0
    """US dollars; None where the model's price is unknown."""

    def __add__(self, other: Usage) -> Usage:
        unknown = self.cost is None or other.cost is None
        return Usage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
            cost=None if unknown else (self.cost or 0.0) + (other.cost or 0.0),
        )


class FailureReason(StrEnum):
    # reading the article
    UNREADABLE = "unreadable"
    NOT_UTF8 = "not_utf8"
    EMPTY = "empty"
    FRONT_MATTER = "front_matter"
    INTERNAL = "internal"
    """An unexpected error of ours, wherever it was raised."""
    # the model's answer
    REFUSED = "refused"
    CONTENT_FILTER = "content_filter"
    TRUNCATED = "truncated"
    MALFORMED = "malformed"
    MISSING = "missing"
    TAMPERED = "tampered"
    UNVERIFIED = "unverified"
    # the way there
    REJECTED = "rejected"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    # a batch that ended before the answer
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    # not sent at all
    OVER_BUDGET = "over_budget"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an article, or some of its categories, has no judgement. Never a substituted label."""

    reason: FailureReason
    message: str
    """One line that says what happened and the way out."""
    categories: tuple[str, ...] = ()
    """Ids left unjudged; empty where the article itself could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a scorer made of one task: every category of it is judged or in a failure."""

    task: Task
    judgements: tuple[Judgement, ...] = ()
    failures: tuple[Failure, ...] = ()
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    """The model that answered, as it named itself; empty where nothing was called."""
    notes: tuple[str, ...] = ()
    """Oddities that changed no result, such as an answer for a category nobody asked about."""
    stored: int = 0
    """How many of the judgements were made before, and are not in `usage`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A person's word on one (article, category) pair. It wins over every judgement."""

    category: str
    """`Category.id`."""
    accepted: bool
    note: str = ""
    source: str = ""
    """Where it was given: empty on the command line, else the file it was imported from."""
    at: float = 0.0
    """Seconds since the epoch."""


# --- deciding ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Label:
    """A category that was assigned."""

    category: Category
    judgement: Judgement
    verdict: Verdict | None = None
    """Where a person assigned it."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A judged category that was not assigned, and why not, in one phrase."""

    category: Category
    judgement: Judgement
    why: str
    verdict: Verdict | None = None
    """Where a person rejected it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Both sorted by confidence, highest first; ties in the taxonomy's order."""

    labels: tuple[Label, ...] = ()
    rejections: tuple[Rejection, ...] = ()


# --- what a caller gets --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one article."""

    article: str
    """`Article.id`."""
    title: str = ""
    digest: str = ""
    """`Article.digest`; empty where the article could not be read."""
    body_start: int = 0
    """An offset of `Evidence` + this = offset in the decoded file, in characters."""
    scorer: str
    """`Scorer.identity`: who judged."""
    model: str = ""
    """The model that answered, as it named itself; empty where nothing was called."""
    decision: Decision = field(default_factory=Decision)
    failures: tuple[Failure, ...] = ()
    usage: Usage = field(default_factory=Usage)
    notes: tuple[str, ...] = ()
    stored: int = 0
    """How many of the judgements were made before, and are not in `usage`."""

    @property
    def ok(self) -> bool:
        """Every category was judged. Without it, labels are of those that were."""
        return not self.failures

    @property
    def labels(self) -> dict[str, list[str]]:
        """Titles of what was assigned, best first, by kind; a judged kind without any has `[]`."""
        kinds = sorted({judged.category.kind for judged in self._judged})
        titles: dict[str, list[str]] = {kind: [] for kind in kinds}
        for label in self.decision.labels:
            titles[label.category.kind].append(label.category.title)
        return titles

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """All of them, assigned or not; highest confidence first."""
        judgements = (judged.judgement for judged in self._judged)
        return tuple(sorted(judgements, key=lambda judgement: -judgement.confidence))

    @property
    def _judged(self) -> tuple[Label | Rejection, ...]:
        return (*self.decision.labels, *self.decision.rejections)
