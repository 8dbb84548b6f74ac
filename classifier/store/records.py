"""What the store holds, as values, and the compressed form of the bulk of it.

Reasoning, evidence and the rest of what was judged in one go are compressed together: the texts of
one article's judgements repeat each other, and apart they would take about ten times the room.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from classifier.models import ConfidenceKind, Evidence, Failure, Judgement, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """What a path held when it was last read: enough to tell by stat that it has not changed."""

    digest: str
    """Of the article."""
    size: int
    """Bytes."""
    mtime_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementSet:
    """Judgements made of one article in one go, to be stored together."""

    scorer: str
    """`Scorer.identity`: whose records these are."""
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
    """Why an article, or some of its categories, was left unjudged."""

    failure: Failure
    path: str
    scorer: str
    failed_at: float = field(default_factory=time.time)
    article: str | None = None
    """Digest; None where it could not be read."""
    usage: Usage = field(default_factory=Usage)
    run: int | None = None


@dataclass(frozen=True, slots=True)
class SetDetail:
    """What a sheet says beyond the confidences."""

    model: str
    judgements: Mapping[str, Mapping[str, Any]]
    """By category digest."""

    def judgement(self, category: str, confidence: float) -> Judgement:
        """Raise ValueError where the sheet does not have it."""
        try:
            fields = dict(self.judgements[category])
            return Judgement(
                confidence=confidence,
                kind=ConfidenceKind(fields.pop("kind")),
                evidence=tuple(Evidence(*e) for e in fields.pop("evidence")),
                pack=tuple(fields.pop("pack")),
                **fields,
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"no judgement of category {category}") from error


def pack(sheet: JudgementSet) -> bytes:
    judgements = {category: _plain(j) for category, j in sheet.judgements.items()}
    document = json.dumps({"model": sheet.model, "judgements": judgements}, ensure_ascii=False)
    # Not as \u escapes: those would join two halves of a character that came apart.
    return zlib.compress(document.encode("utf-8", "surrogatepass"))


def unpack(data: bytes) -> SetDetail:
    """Raise ValueError where `data` is not what `pack` made."""
    try:
        document = json.loads(zlib.decompress(data).decode("utf-8", "surrogatepass"))
        return SetDetail(model=document["model"], judgements=document["judgements"])
    except (zlib.error, KeyError, TypeError) as error:
        raise ValueError(str(error)) from error


def _plain(judgement: Judgement) -> dict[str, object]:
    return {
        "category": judgement.category,
        "kind": judgement.kind,
        "scorer": judgement.scorer,
        "aspects": dict(judgement.aspects),
        "exclusion": judgement.exclusion,
        "reasoning": judgement.reasoning,
        "evidence": [(e.text, e.start, e.end) for e in judgement.evidence],
        "pack": judgement.pack,
    }
