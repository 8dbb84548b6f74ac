"""Partitions of a distributed run: Parquet files of articles with all their judgements."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import IO, Any, Final

from classifier.models import (
    HELD_BACK,
    ConfidenceKind,
    Evidence,
    Failure,
    FailureReason,
    Judgement,
    Result,
    Usage,
)
from classifier.outputs import rows, tables
from classifier.outputs.rows import Column, Row

COLUMNS: Final = (
    *rows.ARTICLES,
    Column("id", "text"),
    Column("file", "text"),
    Column("judgements", "judgements"),
)
"""A row for each article, as in `rows.ARTICLES`, with where it is from and all judgements."""
_HEAD: Final = b"classify-partition/1"
_EXAMPLES: Final = 5
_DAMAGE: Final = (ValueError, TypeError, KeyError, AttributeError, OverflowError)


@dataclass(slots=True, kw_only=True)
class Counts:
    """What a partition holds, to be added up without reading its rows."""

    articles: int = 0
    labelled: int = 0
    """Articles with a label."""
    pairs: int = 0
    """Pairs with a judgement."""
    labels: dict[str, int] = field(default_factory=dict)
    """Articles under each category, by id."""
    failures: dict[str, int] = field(default_factory=dict)
    """Articles by the reason of a failure."""
    examples: list[tuple[str, str, str, int]] = field(default_factory=list)
    """(article, reason, message, categories that were not judged) of the first failures."""
    unfinished: int = 0
    """Articles with a failure that the next run tries again."""

    def add(self, result: Result) -> None:
        self.articles += 1
        self.labelled += bool(result.decision.labels)
        self.pairs += len(result.judgements)
        for label in result.decision.labels:
            self.labels[label.category.id] = self.labels.get(label.category.id, 0) + 1
        for reason in {str(failure.reason) for failure in result.failures}:
            self.failures[reason] = self.failures.get(reason, 0) + 1
        self.unfinished += any(
            failure.categories and failure.reason not in HELD_BACK for failure in result.failures
        )
        for it in result.failures[: _EXAMPLES - len(self.examples)]:
            reason, message = str(it.reason), it.message
            self.examples.append((result.article, reason, message, len(it.categories)))

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            articles=self.articles + other.articles,
            labelled=self.labelled + other.labelled,
            pairs=self.pairs + other.pairs,
            labels=dict(Counter(self.labels) + Counter(other.labels)),
            failures=dict(Counter(self.failures) + Counter(other.failures)),
            examples=[*self.examples, *other.examples][:_EXAMPLES],
            unfinished=self.unfinished + other.unfinished,
        )

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Counts:
        """Return what `asdict` made a dictionary of."""
        return cls(
            articles=_count(data["articles"]),
            labelled=_count(data["labelled"]),
            pairs=_count(data["pairs"]),
            labels={_text(key): _count(it) for key, it in data["labels"].items()},
            failures={str(FailureReason(key)): _count(it) for key, it in data["failures"].items()},
            examples=[
                (_text(a), str(FailureReason(b)), _text(c), _count(d))
                for a, b, c, d in data["examples"]
            ],
            unfinished=_count(data["unfinished"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionHead:
    """What is known of a partition without reading its rows."""

    scorer: str
    """Identity."""
    state: str
    """Digest of the scorer and of the categories that were judged."""
    rules: str
    """Digest of what decided on the labels."""
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedArticle:
    """What a partition holds of one article."""

    article: str
    digest: str
    scorer: str
    model: str
    usage: Usage
    judgements: Mapping[str, tuple[Judgement, float]]
    """By category digest, each with when it was judged: seconds since the epoch."""
    held: Mapping[str, Failure]
    """By category id: answers that are not trusted."""


def row(
    result: Result,
    judgements: Mapping[str, tuple[Judgement, float]],
    *,
    id: str,  # noqa: A002 - a column
    file: str,
) -> Row:
    """Return the row of an article; `judgements` by category digest, not calibrated."""
    times = {judgement.category: at for judgement, at in judgements.values()}
    return {
        **rows.article_row(result, judged_at=times),
        "id": id,
        "file": file,
        "judgements": [_cells(key, it, at) for key, (it, at) in judgements.items()],
    }


def encode(made: Iterable[Row], head: PartitionHead) -> bytes:
    """Return a partition as a file of Parquet."""
    import pyarrow.parquet as pq

    table = tables.to_arrow(list(made), COLUMNS)
    table = table.replace_schema_metadata({_HEAD: json.dumps(asdict(head)).encode()})
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()


def read_head(file: IO[bytes]) -> PartitionHead | None:
    """Return what is known of a partition; None where the file is none of ours, or damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        data = json.loads((pq.read_metadata(file).metadata or {})[_HEAD])
        texts = {name: _text(data[name]) for name in ("scorer", "state", "rules")}
        return PartitionHead(**texts, counts=Counts.of(data["counts"]))
    except (pa.ArrowException, RecursionError, *_DAMAGE):
        return None


def read(file: IO[bytes]) -> Iterator[JudgedArticle]:
    """Yield the articles of a partition that could be read when it was made.

    Raises:
        ValueError: The file is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        for batch in pq.ParquetFile(file).iter_batches(batch_size=256):
            for cells in batch.to_pylist():
                if cells["article_digest"]:
                    yield _article(cells)
    except (pa.ArrowException, *_DAMAGE) as error:
        raise ValueError("it is damaged, or no partition") from error


def _article(cells: Mapping[str, Any]) -> JudgedArticle:
    usage = {
        name: _count(cells[name])
        for name in ("calls", "input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens")
    }
    cost = cells["cost_usd"]
    return JudgedArticle(
        article=_text(cells["article"]),
        digest=_digest(cells["article_digest"]),
        scorer=_text(cells["scorer"]),
        model=_text(cells["model"]),
        usage=Usage(**usage, cost=None if cost is None else _amount(cost)),
        judgements={
            _digest(it["definition"]): (_judgement(it), float(it["judged_at"]))
            for it in cells["judgements"]
        },
        held={
            _text(name): Failure(FailureReason(it["reason"]), _text(it["message"]), (name,))
            for it in cells["failures"]
            if it["reason"] in HELD_BACK
            for name in it["categories"]
        },
    )


def _cells(definition: str, judgement: Judgement, at: float) -> Row:
    return {
        "category": judgement.category,
        "definition": definition,
        "confidence": float(judgement.confidence),
        "confidence_kind": str(judgement.kind),
        "scorer": judgement.scorer,
        "aspects": [(name, float(value)) for name, value in judgement.aspects.items()],
        "exclusion": judgement.exclusion,
        "reasoning": judgement.reasoning,
        "evidence": [
            {"text": quote.text, "start": quote.start, "end": quote.end}
            for quote in judgement.evidence
        ],
        "pack": list(judgement.pack),
        "summary": judgement.summary,
        "penalty": judgement.penalty,
        "judged_at": at,
    }


def _judgement(cells: Mapping[str, Any]) -> Judgement:
    confidence = float(cells["confidence"])
    if not 0 <= confidence <= 1:
        raise ValueError("a confidence that is not between 0 and 1")
    exclusion = cells["exclusion"]
    return Judgement(
        category=_text(cells["category"]),
        confidence=confidence,
        kind=ConfidenceKind(cells["confidence_kind"]),
        scorer=_text(cells["scorer"]),
        aspects=dict(_aspects(cells["aspects"])),
        exclusion=None if exclusion is None else _text(exclusion),
        reasoning=_text(cells["reasoning"]),
        evidence=tuple(
            Evidence(_text(it["text"]), it["start"], it["end"]) for it in cells["evidence"]
        ),
        pack=tuple(map(_text, cells["pack"])),
        summary=_text(cells["summary"]),
        penalty=_text(cells["penalty"]),
    )


def _aspects(found: Sequence[tuple[Any, Any]]) -> Iterator[tuple[str, float]]:
    for name, value in found:
        if not 0 <= value <= 1:
            raise ValueError("an aspect that is not between 0 and 1")
        yield _text(name), float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text where one belongs")
    return value


def _digest(value: Any) -> str:
    if len(_text(value)) != 32 or not value.isalnum():
        raise ValueError("no digest where one belongs")
    return _text(value)


def _count(value: Any) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError("a number that cannot be")
    return value


def _amount(value: Any) -> float:
    if not 0 <= value < float("inf"):
        raise ValueError("a cost that cannot be")
    return float(value)
