"""Looks for damage in every column of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, get_args

from classifier.errors import StoreError
from classifier.models import FailureReason
from classifier.store import values
from classifier.store.batches import State, decode_packs
from classifier.store.database import Database
from classifier.store.records import unpack

_TEXT: Final = "typeof({0}) = 'text'"
_BYTES: Final = "typeof({0}) = 'blob'"
_WHOLE: Final = "typeof({0}) = 'integer' AND {0} BETWEEN 0 AND 4611686018427387903"
_NAME: Final = "typeof({0}) = 'integer' AND {0} IN (SELECT id FROM names)"
_FLAG: Final = "{0} IN (0, 1)"
_NUMBER: Final = "typeof({0}) IN ('real', 'integer')"
_MOMENT: Final = f"{_NUMBER} AND {{0}} BETWEEN {values.FIRST_MOMENT} AND {values.LAST_MOMENT}"
_DIGEST: Final = "typeof({0}) != 'blob'"  # digits only are a number to these columns
_LEAST_VECTORS: Final = 64

_CONDITIONS: Final = {
    "names": {"name": _TEXT},
    "runs": {
        "scorer": _NAME,
        "started": _MOMENT,
        "ended": f"{{0}} IS NULL OR {_MOMENT}",
        "state": "{0} IN ('running', 'done', 'interrupted', 'failed')",
        "key": _TEXT,
        "summary": _TEXT,
    },
    "sheets": {
        "id": _WHOLE,
        "scorer": _NAME,
        "article": _NAME,
        "judged_at": _MOMENT,
        "run": f"{{0}} IS NULL OR {_WHOLE}",
        "usage": _TEXT,
        "detail": _BYTES,
    },
    "pairs": {
        "scorer": _NAME,
        "article": _NAME,
        "category": _NAME,
        "confidence": f"{_NUMBER} AND {{0}} BETWEEN 0 AND 1",
        "excluded": _FLAG,
    },
    "failures": {
        "scorer": _NAME,
        "path": _TEXT,
        "article": f"{{0}} IS NULL OR {_NAME}",
        "failed_at": _MOMENT,
        "reason": _TEXT,
        "message": _TEXT,
        "categories": _TEXT,
        "run": f"{{0}} IS NULL OR {_WHOLE}",
        "usage": _TEXT,
    },
    "files": {
        "path": _TEXT,
        "article": _NAME,
        "size": _WHOLE,
        "mtime_ns": "typeof({0}) = 'integer'",
        "seen_at": _MOMENT,
        "current": _FLAG,
    },
    "covered": {"scorer": _NAME, "taxonomy": _NAME, "article": _NAME},
    "vectors": {"key": _TEXT, "data": f"{_BYTES} AND length({{0}}) >= {_LEAST_VECTORS}"},
    "verdicts": {
        "path": _TEXT,
        "article": _DIGEST,
        "category": _TEXT,
        "definition": _DIGEST,
        "accepted": f"{{0}} IS NULL OR {_FLAG}",
        "note": _TEXT,
        "source": _TEXT,
        "given_at": _MOMENT,
    },
    "applied": {"path": _TEXT, "field": _TEXT, "labels": _TEXT, "applied_at": _MOMENT},
    "batches": {
        **dict.fromkeys(("name", "state", "scorer", "model", "base_url", "usage"), _TEXT),
        **dict.fromkeys(("file_id", "batch_id", "status"), _TEXT),
        **dict.fromkeys(("requests", "articles", "pairs", "tokens", "size"), _WHOLE),
        **dict.fromkeys(("tries", "judged", "refused"), _WHOLE),
        "cost": f"{{0}} IS NULL OR ({_NUMBER} AND {{0}} BETWEEN 0 AND 1e300)",
        "planned_at": _MOMENT,
        "started_at": f"{{0}} IS NULL OR {_MOMENT}",
        "collected_at": f"{{0}} IS NULL OR {_MOMENT}",
        "detail": _BYTES,
    },
    "sent": {
        "batch": "typeof({0}) = 'integer' AND {0} IN (SELECT id FROM batches)",
        **dict.fromkeys(("article", "path", "packs"), _TEXT),
        "detail": _BYTES,
        "settled": f"{{0}} IS NULL OR {_TEXT}",
    },
    "languages": {"path": _TEXT, "language": _TEXT},
    "remembered": {"name": _TEXT, "value": _TEXT},
    "held": {
        **dict.fromkeys(("scorer", "article", "category"), _NAME),
        "reason": _TEXT,
        "message": _TEXT,
        "held_at": _MOMENT,
    },
    "workers": {"process": _TEXT, "lease": _NUMBER},
    "claims": {"scorer": _TEXT, "article": _TEXT, "worker": "typeof({0}) = 'integer'"},
}
"""What has to be true of each column, as SQL."""


def _state(text: str) -> None:
    if text not in get_args(State):
        raise ValueError("no state of a batch")


def _settled(text: str) -> None:
    found = values.loads(text)
    values.whole(found["judged"])
    values.usage(found["usage"])


_MEANINGS: Final[dict[str, Callable[[str], object]]] = {
    "sheets.usage": values.usage,
    "failures.usage": values.usage,
    "failures.reason": FailureReason,
    "failures.categories": values.texts,
    "held.reason": FailureReason,
    "applied.labels": values.texts,
    "batches.state": _state,
    "batches.usage": values.usage,
    "sent.packs": decode_packs,
    "sent.settled": _settled,
}
"""What a text has to be; all others may be any."""


def damage(db: Database) -> Iterator[str]:
    """Yield a line for each thing that is wrong."""
    for table, conditions in _CONDITIONS.items():
        for column, condition in conditions.items():
            yield from _wrong(db, table, column, condition)
    ((lost,),) = db.read("SELECT COUNT(*) FROM pairs WHERE sheet NOT IN (SELECT id FROM sheets)")
    if lost:
        yield f"{lost:,} judgements have lost their details"
    for (number,) in db.read("SELECT id FROM sheets"):
        yield from _of_a_set(db, number)
    for table in ("batches", "sent"):
        for (number,) in db.read(f"SELECT id FROM {table} WHERE length(detail)"):
            yield from _of_a_detail(db, table, number)


def _wrong(db: Database, table: str, column: str, condition: str) -> Iterator[str]:
    """Yield a line if rows of a table are wrong in a column."""
    name = f'"{column}"'
    ((count,),) = db.read(
        f"SELECT COUNT(*) FROM {table} WHERE NOT COALESCE({condition.format(name)}, 0)"
    )
    if _TEXT in condition:
        meaning = _MEANINGS.get(f"{table}.{column}", str)
        rows = db.read(f"SELECT CAST({name} AS BLOB) FROM {table} WHERE {_TEXT.format(name)}")
        count += sum(not _means(data, meaning) for (data,) in rows)
    if count:
        yield f"{table}: {count:,} {'row has' if count == 1 else 'rows have'} a damaged {column}"


def _means(data: bytes, meaning: Callable[[str], object]) -> bool:
    try:
        meaning(data.decode("utf-8", "surrogatepass"))
    except values.DAMAGE:
        return False
    return True


def _of_a_set(db: Database, number: int) -> Iterator[str]:
    try:
        rows = db.read(
            "SELECT n.name, p.confidence FROM sheets s JOIN pairs p ON p.scorer = s.scorer"
            " AND p.article = s.article AND p.sheet = s.id JOIN names n ON n.id = p.category"
            " WHERE s.id = ? AND p.confidence BETWEEN 0 AND 1",
            (number,),
        )
        for (data,) in db.read("SELECT detail FROM sheets WHERE id = ?", (number,)):
            detail = unpack(data)
            for category, confidence in rows:
                detail.judgement(category, confidence)
    except (StoreError, *values.DAMAGE) as error:
        yield f"judgement set {number} is damaged: {error}"


def _of_a_detail(db: Database, table: str, number: int) -> Iterator[str]:
    try:
        for (data,) in db.read(f"SELECT detail FROM {table} WHERE id = ?", (number,)):
            values.decompress(data)
    except (StoreError, *values.DAMAGE) as error:
        yield f"{table}: the details of row {number} are damaged: {error}"
