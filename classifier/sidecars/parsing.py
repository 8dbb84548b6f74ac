"""Parse sidecar files of both layouts, as untrusted data."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from classifier import wording
from classifier.models import ConfidenceKind, Evidence, Judgement, Verdict
from classifier.scorers import imported
from classifier.sidecars import scales
from classifier.sidecars.scales import from_percent
from classifier.sidecars.serializing import VERSION
from classifier.store import JudgementRecord

LEGACY_SCORER: Final = imported.IDENTITY
"""The scorer of legacy judgements, which do not say who made them."""

_DIGEST: Final = re.compile(r"[0-9a-f]{32}")


class SidecarError(ValueError):
    """The file cannot be used; the message is one line without the file's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeEntry:
    """An entry that this program wrote."""

    raw: Mapping[str, Any]
    """The entry as it is in the file."""
    category: str
    """Id of the category when it was written."""
    article: str
    """Digest of the article that was judged."""
    definition: str
    """Digest of the category that was judged."""
    label: bool
    """Whether it was assigned when this was written."""
    record: JudgementRecord | None
    """None if there is only a person's verdict."""
    verdict: Verdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyEntry:
    """An entry that another program wrote."""

    raw: Mapping[str, Any]
    title: str
    judgement: Judgement | None
    """Its category is still to be matched; None if there is no score."""
    judged_at: float
    """Seconds since the epoch; 0 if unknown."""
    clamped: int
    """Number of aspects that were not from 0 to 100."""


Sidecar: TypeAlias = Mapping[str, NativeEntry | LegacyEntry]
"""By the key in the file, in its order."""


def parse(text: str) -> Sidecar:
    """Return the entries of a file.

    Raises:
        SidecarError: Any part of it cannot be used.
    """
    try:
        entries = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
    except RecursionError:
        raise SidecarError("nested too deep") from None
    except ValueError as error:
        raise SidecarError(f"not usable JSON: {error}") from None
    if not isinstance(entries, dict):
        raise SidecarError("expected an object with an entry for each category")
    return {key: _read(key, entry) for key, entry in entries.items()}


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) < len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise ValueError(f"{twice!r} occurs twice")
    return unique


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not a number")


def _read(key: str, entry: object) -> NativeEntry | LegacyEntry:
    if not isinstance(entry, dict):
        raise SidecarError(f"{key!r}: expected an object, not {type(entry).__name__}")
    version = entry.get("version")
    if isinstance(version, int) and version > VERSION:
        raise SidecarError(f"{key!r} was written by a newer classify: upgrade")
    try:
        return _earlier(key, entry) if version is None else _own(entry)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        value = "" if first["type"] == "missing" else f" = {wording.shown(first['input'])}"
        raise SidecarError(f"{key!r}: {where}{value}: {wording.refusal(first)}") from None


def _own(raw: Mapping[str, Any]) -> NativeEntry:
    fields = _NativeFields.model_validate(raw)
    return NativeEntry(
        raw=raw,
        category=fields.id,
        article=fields.article_digest,
        definition=fields.definition_digest,
        label=fields.label,
        record=_record(fields, raw) if "scorer" in raw else None,
        verdict=Verdict(category=fields.id, **dict(fields.verdict)) if fields.verdict else None,
    )


def _record(fields: _NativeFields, raw: Mapping[str, Any]) -> JudgementRecord:
    judged = _JudgedFields.model_validate(raw)
    aspects = _PERCENTS.validate_python(_aspects(raw))
    judgement = Judgement(
        category=fields.id,
        confidence=from_percent(judged.ai_confidence),
        kind=judged.confidence_kind,
        scorer=judged.judged_by or judged.scorer,
        aspects={name: from_percent(value) for name, value in aspects.items()},
        exclusion=judged.exclusion,
        reasoning=judged.reasoning,
        evidence=tuple(quote.evidence for quote in judged.evidence),
        pack=tuple(judged.pack),
        summary=judged.reasoning_summary,
        penalty=judged.ai_penalty_details,
    )
    return JudgementRecord(
        judgement=judgement,
        scorer=judged.scorer,
        article=fields.article_digest,
        category=fields.definition_digest,
        judged_at=judged.calculated_at,
        model=judged.model,
    )


def _earlier(key: str, raw: Mapping[str, Any]) -> LegacyEntry:
    fields = _LegacyFields.model_validate(raw)
    score = fields.ai_confidence if fields.final_score is None else fields.final_score
    aspects = scales.legacy_aspects(raw)
    details = fields.ai_penalty_details or ""
    judgement = Judgement(
        category="",
        confidence=from_percent(score or 0),
        kind=ConfidenceKind.STATED,
        scorer=LEGACY_SCORER,
        aspects={name: from_percent(min(max(value, 0), 100)) for name, value in aspects.items()},
        reasoning=fields.reasoning or "",
        summary=fields.reasoning_summary or "",
        penalty="" if details.strip().lower() == "none" else details,
    )
    return LegacyEntry(
        raw=raw,
        title=fields.category or key,
        judgement=None if score is None else judgement,
        judged_at=fields.calculated_at or 0.0,
        clamped=sum(not 0 <= value <= 100 for value in aspects.values()),
    )


def _aspects(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value for key, value in raw.items() if (name := scales.aspect_of(key)) is not None
    }


# --- what is expected of an entry ----------------------------------------------------------------


def _unfit(expected: str) -> PydanticCustomError:
    return PydanticCustomError("sidecar", "expected {what}", {"what": expected})


def _text(value: object) -> str:
    # Not pydantic's str, which refuses the halves of characters that file names may hold.
    if not isinstance(value, str):
        raise _unfit("a text")
    return value


def _digest(value: object) -> str:
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        raise _unfit("a digest of 32 hex digits")
    return value


def _time(value: object) -> float:
    try:
        return scales.from_iso(_text(value))
    except ValueError:
        raise _unfit("a time such as 2025-03-07T15:31:58Z") from None


_Text = Annotated[str, PlainValidator(_text)]
_Digest = Annotated[str, PlainValidator(_digest)]
_Time = Annotated[float, PlainValidator(_time)]
_Percent = Annotated[float, Field(ge=0, le=100)]
_Offset = Annotated[int, Field(ge=0, le=2**53)]
_PERCENTS: Final = TypeAdapter(dict[str, _Percent], config=ConfigDict(strict=True))


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class _Quote(_Strict):
    text: _Text
    start: _Offset | None = None
    end: _Offset | None = None

    @property
    def evidence(self) -> Evidence:
        placed = self.start is not None and self.end is not None and self.start <= self.end
        return Evidence(self.text, self.start, self.end) if placed else Evidence(self.text)


class _Verdict(_Strict):
    accepted: bool
    note: _Text
    source: _Text
    at: _Time


class _NativeFields(_Strict):
    version: Literal[1]
    id: _Text
    label: bool
    article_digest: _Digest
    definition_digest: _Digest
    verdict: _Verdict | None = None


class _JudgedFields(_Strict):
    calculated_at: _Time
    ai_confidence: _Percent
    confidence_kind: Annotated[ConfidenceKind, Field(strict=False)]
    scorer: _Text
    judged_by: _Text | None = None
    model: _Text = ""
    reasoning: _Text
    reasoning_summary: _Text = ""
    ai_penalty_details: _Text = ""
    exclusion: _Text | None = None
    evidence: list[_Quote] = []
    pack: list[_Text] = []


class _LegacyFields(_Strict):
    category: _Text | None = None
    calculated_at: _Time | None = None
    final_score: _Percent | None = None
    ai_confidence: _Percent | None = None
    reasoning: _Text | None = None
    reasoning_summary: _Text | None = None
    ai_penalty_details: _Text | None = None
