"""Results as rows of JSON values: stable columns, documented in docs/data.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias

from classifier.models import Failure, Label, Rejection, Result
from classifier.outputs.json import evidence_values, failure_values, usage_values

Row: TypeAlias = dict[str, Any]
"""JSON values by column name."""

Type: TypeAlias = Literal[
    "text",
    "number",
    "integer",
    "flag",
    "time",
    "texts",
    "numbers",
    "aspects",
    "evidence",
    "failures",
    "judgements",
]


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: Type


def _columns(*names_and_types: tuple[str, Type]) -> tuple[Column, ...]:
    return tuple(Column(name, type_) for name, type_ in names_and_types)


PAIRS: Final = _columns(
    ("article", "text"),
    ("article_title", "text"),
    ("article_digest", "text"),
    ("category", "text"),
    ("category_title", "text"),
    ("kind", "text"),
    ("label", "flag"),
    ("confidence", "number"),
    ("level", "text"),
    ("confidence_kind", "text"),
    ("why", "text"),
    ("exclusion", "text"),
    ("reasoning", "text"),
    ("aspects", "aspects"),
    ("evidence", "evidence"),
    ("body_start", "integer"),
    ("failure", "text"),
    ("failure_message", "text"),
    ("scorer", "text"),
    ("model", "text"),
    ("pack", "texts"),
    ("judged_at", "time"),
    ("raw_confidence", "number"),
    ("verdict", "text"),
    ("verdict_note", "text"),
    ("language", "text"),
)
"""Of the rows of `pair_rows`, in order. New columns are added at the end."""

ARTICLES: Final = _columns(
    ("article", "text"),
    ("article_title", "text"),
    ("article_digest", "text"),
    ("ok", "flag"),
    ("labels", "texts"),
    ("label_titles", "texts"),
    ("label_confidences", "numbers"),
    ("label_count", "integer"),
    ("top_label", "text"),
    ("top_confidence", "number"),
    ("top_level", "text"),
    ("judged_count", "integer"),
    ("failures", "failures"),
    ("notes", "texts"),
    ("scorer", "text"),
    ("model", "text"),
    ("calls", "integer"),
    ("input_tokens", "integer"),
    ("cached_tokens", "integer"),
    ("output_tokens", "integer"),
    ("reasoning_tokens", "integer"),
    ("cost_usd", "number"),
    ("judged_at", "time"),
    ("language", "text"),
)
"""Of the row of `article_row`, in order. New columns are added at the end."""


def pair_rows(result: Result, *, judged_at: Mapping[str, float] | None = None) -> Iterator[Row]:
    """Yield one row for each pair, highest confidence first, then those that were not judged.

    An article that could not be read has a single row without a category. `judged_at` has seconds
    since the epoch by category id.
    """
    times = judged_at or {}
    failures = _by_category(result.failures)
    decided: list[Label | Rejection] = [*result.decision.labels, *result.decision.rejections]
    decided.sort(key=lambda pair: -pair.judgement.confidence)
    for pair in decided:
        failure = failures.pop(pair.category.id, None)
        yield _pair(result, pair, failure, judged_at=times.get(pair.category.id))
    for id_, failure in failures.items():
        yield _unjudged(result, id_, failure)


def article_row(result: Result, *, judged_at: Mapping[str, float] | None = None) -> Row:
    """Return the row of one article. `judged_at` is as in `pair_rows`."""
    labels = result.decision.labels
    top = labels[0].judgement if labels else None
    return {
        "article": result.article,
        "article_title": result.title,
        "article_digest": result.digest,
        "ok": result.ok,
        "labels": [label.category.id for label in labels],
        "label_titles": [label.category.title for label in labels],
        "label_confidences": [float(label.judgement.confidence) for label in labels],
        "label_count": len(labels),
        "top_label": top and top.category,
        "top_confidence": top and float(top.confidence),
        "top_level": top and str(top.level),
        "judged_count": len(result.judgements),
        "failures": [failure_values(failure) for failure in result.failures],
        "notes": list(result.notes),
        "scorer": result.scorer,
        "model": result.model,
        **usage_values(result.usage),
        "judged_at": _iso(max(judged_at.values())) if judged_at else None,
        "language": result.language or None,
    }


def _by_category(failures: Iterable[Failure]) -> dict[str | None, Failure]:
    """Return the first failure of each category; that of a whole article is under None."""
    first: dict[str | None, Failure] = {}
    for failure in failures:
        for id_ in failure.categories or (None,):
            first.setdefault(id_, failure)
    return first


def _pair(
    result: Result, pair: Label | Rejection, failure: Failure | None, *, judged_at: float | None
) -> Row:
    judgement = pair.judgement
    return {
        "article": result.article,
        "article_title": result.title,
        "article_digest": result.digest,
        "category": pair.category.id,
        "category_title": pair.category.title,
        "kind": pair.category.kind,
        "label": isinstance(pair, Label),
        "confidence": float(judgement.confidence),
        "level": str(judgement.level),
        "confidence_kind": str(judgement.kind),
        "why": pair.why or None,
        "exclusion": judgement.exclusion,
        "reasoning": judgement.reasoning,
        "aspects": {name: float(value) for name, value in judgement.aspects.items()},
        "evidence": [evidence_values(quote) for quote in judgement.evidence],
        "body_start": result.body_start,
        # A tampered answer is an answer, and yet a failure.
        "failure": str(failure.reason) if failure else None,
        "failure_message": failure.message if failure else None,
        "scorer": judgement.scorer,
        "model": result.model,
        "pack": list(judgement.pack),
        "judged_at": None if judged_at is None else _iso(judged_at),
        "raw_confidence": judgement.raw,
        "verdict": pair.verdict and ("accepted" if pair.verdict.accepted else "rejected"),
        "verdict_note": pair.verdict and pair.verdict.note,
        "language": result.language or None,
    }


def _unjudged(result: Result, category: str | None, failure: Failure) -> Row:
    return {
        **_NOTHING,
        "article": result.article,
        "article_title": result.title,
        "article_digest": result.digest,
        "category": category,
        "kind": category and category.partition("/")[0],
        "label": False,
        "body_start": result.body_start,
        "failure": str(failure.reason),
        "failure_message": failure.message,
        "scorer": result.scorer,
        "model": result.model,
        "language": result.language or None,
    }


_NOTHING: Final[Mapping[str, Any]] = dict.fromkeys(column.name for column in PAIRS)


def _iso(seconds: float) -> str:
    time = datetime.fromtimestamp(seconds, UTC)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
