"""Everything in columns, as the report's page has it: for its other views of a review."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from dataclasses import asdict
from threading import Lock
from typing import Any, Final

from classifier.models import Usage
from classifier.outputs.report.columns import LEVELS
from classifier.outputs.report.gather import SCHEMA, category_row
from classifier.project.review import Review
from classifier.review.table import NEAR, PairTable
from classifier.sanitize import one_line

_LABEL, _EXCLUDED, _REACHES, _NEAR = 1, 2, 4, 8
_LEVEL_SHIFT: Final = 4
_ROWS: Final = 200
"""Articles whose columns are made at a time: of all at once they would take ten times as much."""


class CachedColumns:
    """The columns as JSON, made once until something changes, whoever asks at the same time."""

    def __init__(self, review: Review) -> None:
        self._review = review
        self._lock = Lock()
        self._version = -1
        self._text = ""

    def text(self) -> str:
        with self._lock:
            version = self._review.version
            if version != self._version:
                self._text = json.dumps(whole(self._review), separators=(",", ":"))
                self._version = version
            return self._text


def whole(review: Review) -> dict[str, Any]:
    """Return what `classifier.outputs.report.gather` makes of results, without the details.

    Its longest columns are in base64.
    """
    table = review.table
    titles = review.titles
    paths = [row.path for row in table.rows]
    return {
        "schema": SCHEMA,
        "made": round(time.time()),
        "of": [one_line(str(path)) for path in review.paths],
        "explained": False,
        "near": round(NEAR * 100),
        "levels": [str(level) for level in LEVELS],
        "categories": [category_row(category) for category in table.categories],
        "articles": {"paths": paths, "titles": [one_line(titles.get(path, "")) for path in paths]},
        "scorers": [_scorer(review)],
        "verdicts": _verdicts(review),
        "fields": [],
        "gold": {"yes": [], "no": []},
        "queue": [ask.row for ask in review.queue()],
    }


def _scorer(review: Review) -> dict[str, Any]:
    table, taxonomy = review.table, review.table.taxonomy
    kinds = dict.fromkeys(category.kind for category in table.categories)
    confidence, flags = _columns(table)
    return {
        "identity": one_line(review.scan.scorer),
        "calibrated": review.calibrated,
        "usage": asdict(Usage()),
        "minimums": [_ten_thousandths(taxonomy.minimum(c)) for c in table.categories],
        "rules": {one_line(kind): asdict(taxonomy.rule(kind)) for kind in kinds},
        "decided_by": one_line(review.decided_by),
        "needed": _minimums(table) if review.decided_by else "",
        "confidence": confidence,
        "flags": flags,
        "times": [0] * table.height,
        "models": [-1] * table.height,
        "failures": [
            [n, str(failure.reason), one_line(failure.message), []]
            for n, failure in review.failures()
        ],
    }


def _columns(table: PairTable) -> tuple[str, str]:
    """Return confidences (16 bits) and flags (8 bits) in base64: a million pairs in 4 MB."""
    blocks = [_block(table, slice(n, n + _ROWS)) for n in range(0, table.height, _ROWS)]
    confidence, flags = (b"".join(block[n] for block in blocks) for n in (0, 1))
    return _packed(confidence), _packed(flags)


def _block(table: PairTable, rows: slice) -> tuple[bytes, bytes]:
    import numpy as np

    raw, label = table.confidence[rows], table.label[rows]
    judged = ~np.isnan(raw)
    known = np.where(judged, raw, 0.0)
    levels = np.select(
        [known > level.floor for level in LEVELS], list(range(len(LEVELS))), len(LEVELS) - 1
    )
    flags = (
        _LABEL * label
        + _EXCLUDED * table.excluded[rows]
        + _REACHES * ((known >= table.minimums[rows]) & judged & ~table.excluded[rows])
        + _NEAR * (table.near(rows) & ~label & (table.verdict[rows] == 0))
        + ((levels << _LEVEL_SHIFT) * judged)
    )
    confidence = np.where(judged, np.floor(known * 10_000 + 1e-7), -1)
    return confidence.astype("<i2").tobytes(), flags.astype(np.uint8).tobytes()


def _minimums(table: PairTable) -> str:
    """Return the minimum of each pair (16 bits) in base64."""
    import numpy as np

    return _packed(np.floor(table.minimums * 10_000 + 1e-7).astype("<i2").tobytes())


def _packed(column: bytes) -> str:
    return b64encode(column).decode("ascii")


def _verdicts(review: Review) -> list[list[Any]]:
    table = review.table
    found = []
    for row in table.with_verdicts():
        for name, it in review.verdicts_of(table.rows[row].path).items():
            if name in table.columns:
                pair = row * table.width + table.columns[name]
                note, source = one_line(it.note), one_line(it.source)
                found.append([pair, int(it.accepted), note, source, round(it.at)])
    return found


def _ten_thousandths(share: float) -> int:
    return int(share * 10_000 + 1e-7)
