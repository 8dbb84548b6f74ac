"""The values that the store takes and returns, and the compressed form of their bulk.

The reasoning, evidence and other texts of a `JudgementSet` are compressed together: the judgements
of one article repeat each other, and compressed one by one they would need ten times the space.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from classifier.models import HELD_BACK, ConfidenceKind, Evidence, Failure, Judgement, Usage
from classifier.store import values

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """What a path held when it was last read; size and time show whether it has changed."""

    digest: str
    """Digest of the article."""
    size: int
    """Bytes."""
    mtime_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementSet:
    """Judgements of one article that were made together and are stored together."""

    scorer: str
    """Identity of the scorer (`Scorer.identity`)."""
    article: str
    """Digest."""
    judgements: Mapping[str, Judgement]
    """By category digest."""
    judged_at: float
    """Seconds since the epoch, as are all times of the store."""
    model: str = ""
    usage: Usage = field(default_factory=Usage)
    run: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementRecord:
    """A judgement and the circumstances it was made in.

    Ids of categories in it are those of that time; what counts is the digest.
    """

    judgement: Judgement
    scorer: str
    article: str
    """Digest, as is `category`."""
    category: str
    judged_at: float
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRecord:
    """Why an article, or some of its categories, could not be judged."""

    failure: Failure
    path: str
    scorer: str
    failed_at: float = field(default_factory=time.time)
    article: str | None = None
    """Digest of the article; None if it could not be read."""
    usage: Usage = field(default_factory=Usage)
    run: int | None = None


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A pair whose answer is not trusted: there is no judgement, and asking again is a choice."""

    scorer: str
    article: str
    """Digest, as is `category`."""
    category: str
    failure: Failure


def held_back(
    failures: Iterable[Failure], *, scorer: str, article: str, digests: Mapping[str, str]
) -> list[HeldBack]:
    """Return what of an article's failures is to be held back; `digests` are by category id."""
    return [
        HeldBack(scorer, article, digests[category], failure)
        for failure in failures
        if failure.reason in HELD_BACK
        for category in failure.categories
        if category in digests
    ]


@dataclass(frozen=True, slots=True)
class SetDetail:
    """What is stored of a `JudgementSet` beside the confidences."""

    model: str
    judgements: Mapping[str, Mapping[str, Any]]
    """By category digest."""

    def judgement(self, category: str, confidence: float) -> Judgement:
        """Return the judgement of a category digest.

        Raises:
            ValueError: The set does not have it.
        """
        try:
            fields = dict(self.judgements[category])
            return Judgement(
                category=values.text(fields.pop("category")),
                confidence=values.unit(confidence),
                kind=ConfidenceKind(fields.pop("kind")),
                scorer=values.text(fields.pop("scorer")),
                aspects={values.text(a): values.unit(n) for a, n in fields.pop("aspects").items()},
                exclusion=_optional(values.text, fields.pop("exclusion")),
                reasoning=values.text(fields.pop("reasoning")),
                evidence=tuple(_evidence(*e) for e in fields.pop("evidence")),
                pack=tuple(map(values.text, fields.pop("pack"))),
                summary=values.text(fields.pop("summary", "")),
                penalty=values.text(fields.pop("penalty", "")),
                **fields,
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"no judgement of category {category}") from error


def _evidence(text: Any, start: Any = None, end: Any = None) -> Evidence:
    return Evidence(values.text(text), _optional(values.whole, start), _optional(values.whole, end))


def _optional(check: Callable[[Any], _T], value: Any) -> _T | None:
    return None if value is None else check(value)


def pack(sheet: JudgementSet) -> bytes:
    """Return the compressed form of a set, without its confidences."""
    judgements = {category: _as_json(j) for category, j in sheet.judgements.items()}
    return values.compress({"model": sheet.model, "judgements": judgements})


def unpack(data: bytes) -> SetDetail:
    """Return what `pack` compressed.

    Raises:
        ValueError: `data` was not made by `pack`.
    """
    try:
        document = values.decompress(data)
        return SetDetail(model=values.text(document["model"]), judgements=document["judgements"])
    except (KeyError, TypeError) as error:
        raise ValueError(str(error)) from error


def _as_json(judgement: Judgement) -> dict[str, object]:
    seldom = {"summary": judgement.summary, "penalty": judgement.penalty}
    return {
        "category": judgement.category,
        "kind": judgement.kind,
        "scorer": judgement.scorer,
        "aspects": dict(judgement.aspects),
        "exclusion": judgement.exclusion,
        "reasoning": judgement.reasoning,
        "evidence": [(e.text, e.start, e.end) for e in judgement.evidence],
        "pack": judgement.pack,
        **{name: text for name, text in seldom.items() if text},
    }
