"""The values that all other modules exchange. Frozen; no file, clock or socket."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Final, Literal, Protocol, TypeAlias


def digest(*parts: object) -> str:
    """Return 32 hex digits that change when any of `parts` (JSON values) changes."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    data = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=16).hexdigest()


# --- categories ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructions:
    """What belongs to a category and what does not: the text, and its parts."""

    text: str = ""
    """Verbatim Markdown; empty if the definition has only lists, or nothing."""
    scope: str = ""
    """Everything that is neither a key topic nor an exclusion."""
    topics: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A pair with a human label, to show to a language model."""

    title: str
    text: str
    """The beginning of the article's prose."""
    accepted: bool
    note: str = ""


class LearnedCorrection(Protocol):
    """What a scorer has learned about a category from people's labels."""

    @property
    def digest(self) -> str:
        """Changes with anything that can change a judgement."""
        ...


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
    parents: tuple[str, ...] = ()
    """Ids of the next broader categories, of the same kind; there are no cycles."""
    path: tuple[str, ...] = ()
    """Titles of the broader categories, the broadest first, by way of the first parents."""
    exact_matches: tuple[str, ...] = ()
    """Addresses of the same concept in other vocabularies. No scorer sees them."""
    examples: tuple[Example, ...] = ()
    """Labelled examples for scorers that use them; not part of the definition."""
    correction: LearnedCorrection | None = None
    """Learned from labels, for the scorer that it was fitted to; not part of the definition."""
    source: str = ""
    """The file it was read from, for messages."""

    def __hash__(self) -> int:
        return hash(self.id)  # quick: packs of categories are the keys of caches

    @cached_property
    def digest(self) -> str:
        """Covers what a scorer sees: thresholds and file names do not change it."""
        shown = [(e.title, e.text, e.accepted, e.note) for e in self.examples]
        place = [{"path": self.path}] if self.path else []
        if self.correction is not None:
            return digest(*self._written, shown, self.correction.digest, *place)
        return digest(*self._written, shown, *place) if shown or place else self.definition

    @cached_property
    def definition(self) -> str:
        """The digest of what people wrote, without its place, examples and correction."""
        return digest(*self._written)

    @cached_property
    def uncorrected(self) -> Category:
        """The category without correction: what a scorer sees that has learned nothing."""
        return self if self.correction is None else replace(self, correction=None)

    @property
    def _written(self) -> tuple[object, ...]:
        i = self.instructions
        return self.title, self.description, i.scope, i.topics, i.exclusions, self.aliases


class Level(StrEnum):
    """How strongly an article belongs. Derived from the confidence, never stored."""

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


HierarchyRule: TypeAlias = Literal["leaf", "with parents", "best level"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The rule that decides which judgements of a kind become labels."""

    minimum: float = 0.50
    """Minimum confidence (0-1) of a label."""
    at_most: int | None = 5
    by: Literal["score", "level"] = "score"
    """`score`: the best `at_most`. `level`: of those, only the ones in the best level reached."""
    hierarchy: HierarchyRule = "leaf"
    """What happens to categories above others; nothing where there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """The category of an article that no other category of a kind fits."""

    category: str
    """Id. It is assigned for no other reason but a person's verdict."""
    members: tuple[str, ...]
    """Ids of all categories of the kind. Before all are judged, nobody knows that none fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxonomy:
    categories: tuple[Category, ...]
    rules: Mapping[str, Rule] = field(default_factory=dict)
    """By kind; other kinds use `default_rule`."""
    default_rule: Rule = field(default_factory=Rule)
    minimums: Mapping[str, float] = field(default_factory=dict)
    """By category id: minimums that override that of the kind."""
    fallbacks: Mapping[str, Fallback] = field(default_factory=dict)
    """By kind."""
    warnings: tuple[str, ...] = ()
    """Problems that do not stop a run: one line each, naming the file."""

    def rule(self, kind: str) -> Rule:
        return self.rules.get(kind, self.default_rule)

    def minimum(self, category: Category) -> float:
        """Return the minimum confidence (0-1) of a label of this category."""
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
    language: str = field(default="", compare=False)
    """Code of the language (ISO 639-1), where front matter or file name say it, or it has been
    detected; otherwise empty. No scorer sees it."""

    @cached_property
    def digest(self) -> str:
        """Covers what a scorer sees: labels and dates in the front matter do not change it."""
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
    trace: object = field(default=None, compare=False, repr=False)
    """Its place in a trace (`tracing`), which no judgement depends on."""

    def only(self, categories: tuple[Category, ...]) -> Task:
        """Return the task of other categories for the same article, or of some of them."""
        return replace(self, categories=categories)


class ConfidenceKind(StrEnum):
    """Where a confidence comes from, and how to read it."""

    SIMILARITY = "similarity"
    STATED = "stated"
    LOGPROB = "logprob"
    COMBINED = "combined"
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
    """`Scorer.identity` of the scorer that judged."""
    aspects: Mapping[str, float] = field(default_factory=dict)
    """What the confidence was computed from, each 0-1."""
    exclusion: str | None = None
    """The exclusion rule that fired, as the definition words it."""
    reasoning: str = ""
    evidence: tuple[Evidence, ...] = ()
    pack: tuple[str, ...] = ()
    """Ids of the categories in the same call, in order, including this one."""
    summary: str = ""
    """The reasoning in short, for readers of a page; not every scorer gives one."""
    penalty: str = ""
    """Why the confidence was lowered, in the scorer's words; how much is the aspect `penalty`."""
    raw: float | None = None
    """The scorer's own confidence if `confidence` is calibrated. Never stored."""

    @property
    def level(self) -> Level:
        return Level.of(self.confidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens and cost. Can be added; a sum with an unknown price is unknown."""

    calls: int = 0
    input_tokens: int = 0
    """Includes cached tokens."""
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    """Input tokens that the server put into its cache, where it counts them: newer models charge
    more for these."""
    output_tokens: int = 0
    """Includes reasoning tokens."""
    reasoning_tokens: int = 0
    cost: float | None = 0.0
    """US dollars; None if the price is unknown."""

    def __add__(self, other: Usage) -> Usage:
        unknown = self.cost is None or other.cost is None
        return Usage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            cache_write_tokens=self.cache_write_tokens + other.cache_write_tokens,
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
    # the request
    REJECTED = "rejected"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    # a batch that ended before the answer
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    # not sent
    OVER_BUDGET = "over_budget"


HELD_BACK: Final = frozenset({FailureReason.TAMPERED, FailureReason.UNVERIFIED})
"""Reasons of answers that are paid and not trusted: asked again only when somebody says so."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an article, or some of its categories, could not be judged."""

    reason: FailureReason
    message: str
    """One line: what happened, and what to do."""
    categories: tuple[str, ...] = ()
    """Ids that were not judged; empty if the article could not be read."""


def failures_by_reason(failures: Mapping[str, Failure]) -> tuple[Failure, ...]:
    """Return one failure for each reason and message, of failures by category id."""
    ids: dict[tuple[FailureReason, str], list[str]] = {}
    for category, failure in failures.items():
        ids.setdefault((failure.reason, failure.message), []).append(category)
    return tuple(Failure(*why, tuple(names)) for why, names in ids.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of one task: each of its categories is judged or in a failure."""

    task: Task
    judgements: tuple[Judgement, ...] = ()
    failures: tuple[Failure, ...] = ()
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    """The model named in the answer; empty if no model was called."""
    notes: tuple[str, ...] = ()
    """Notes that do not affect a result, such as an answer for a category that was not
    requested."""
    stored: int = 0
    """Number of judgements that were stored before and are not in `usage`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A person's decision on one (article, category) pair. It overrides every judgement."""

    category: str
    """`Category.id`."""
    accepted: bool
    note: str = ""
    source: str = ""
    """The file it was imported from; empty if it was given on the command line."""
    at: float = 0.0
    """Seconds since the epoch."""


# --- deciding ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Label:
    """A category that was assigned."""

    category: Category
    judgement: Judgement
    verdict: Verdict | None = None
    """The verdict, if a person assigned it."""
    minimum: float = 0.0
    """The confidence (0-1) it needed."""
    why: str = ""
    """The reason, if it is a label because of narrower categories."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A judged category that was not assigned, and the reason."""

    category: Category
    judgement: Judgement
    why: str
    verdict: Verdict | None = None
    """The verdict, if a person rejected it."""
    minimum: float = 0.0
    """The confidence (0-1) it needed."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Both sorted by confidence, highest first; ties in the taxonomy's order."""

    labels: tuple[Label, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    profile: str = ""
    """The site profile that chose minimums, in a few words; empty if none did."""


# --- what a caller gets --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of one article."""

    article: str
    """`Article.id`."""
    title: str = ""
    digest: str = ""
    """`Article.digest`; empty if the article could not be read."""
    body_start: int = 0
    """Add to an offset of `Evidence` for the offset in the decoded file, in characters."""
    language: str = ""
    """`Article.language`. Detected where the scorer does not read all languages."""
    scorer: str
    """`Scorer.identity` of the scorer that judged."""
    model: str = ""
    """The model named in the answer; empty if no model was called."""
    decision: Decision = field(default_factory=Decision)
    failures: tuple[Failure, ...] = ()
    usage: Usage = field(default_factory=Usage)
    notes: tuple[str, ...] = ()
    stored: int = 0
    """Number of judgements that were stored before and are not in `usage`."""
    kinds: tuple[str, ...] = ()
    """Kinds of the categories it was to be judged against."""

    @property
    def ok(self) -> bool:
        """Whether every category was judged."""
        return not self.failures

    @property
    def labels(self) -> dict[str, list[str]]:
        """Titles of the labels by kind, best first; a kind without labels has `[]`."""
        kinds = sorted({*self.kinds, *(judged.category.kind for judged in self._judged)})
        titles: dict[str, list[str]] = {kind: [] for kind in kinds}
        for label in self.decision.labels:
            titles[label.category.kind].append(label.category.title)
        return titles

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """All judgements, assigned or not; highest confidence first."""
        judgements = (judged.judgement for judged in self._judged)
        return tuple(sorted(judgements, key=lambda judgement: -judgement.confidence))

    @property
    def _judged(self) -> tuple[Label | Rejection, ...]:
        return (*self.decision.labels, *self.decision.rejections)
