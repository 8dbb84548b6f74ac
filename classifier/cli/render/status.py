"""`classify status` as a table, or as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from rich.text import Text

from classifier.cli.formatting import identity
from classifier.cli.layout import Line
from classifier.corpus import ArticleStatus
from classifier.project.status import ScorerStatus
from classifier.wording import count

SCHEMA: Final = "classify-status/1"
_STATES: Final[tuple[ArticleStatus, ...]] = ("current", "stale", "missing", "failed")
_WIDTHS: Final = (9, 8, 9, 8, 12)


def lines(statuses: Sequence[ScorerStatus], categories: int) -> Iterator[Line]:
    scan = statuses[0].scan
    articles = len(scan.entries) + len(scan.unread)
    yield Line(f"{count(articles, 'article')} x {categories:,} categories", "bold")
    if scan.skipped:
        yield Line(f"{len(scan.skipped):,} skipped", "dim")
    yield Line()
    heads = (*_STATES, "pairs left")
    yield Line(Text(_cells(heads), "dim"), whole=True, columns=sum(_WIDTHS))
    for status in statuses:
        mark = "configured" if status.configured else "stored"
        yield Line(Text(f"{identity(status.scan.scorer)} ({mark})"))
        counts = *(len(status.paths(state)) for state in _STATES), status.scan.pending_pairs
        numbers = [f"{number:,}" for number in counts]
        stacked = (f"  {head}: {number}" for head, number in zip(heads, numbers, strict=True))
        yield Line(Text(_cells(numbers)), whole=True, columns=sum(_WIDTHS), stacked=tuple(stacked))


def _cells(cells: Iterable[str]) -> str:
    return "".join(f"{cell:>{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))


def to_dict(statuses: Sequence[ScorerStatus], categories: int) -> dict[str, Any]:
    scan = statuses[0].scan
    return {
        "schema": SCHEMA,
        "articles": len(scan.entries) + len(scan.unread),
        "categories": categories,
        "skipped": [{"path": skipped.path, "why": skipped.why} for skipped in scan.skipped],
        "scorers": [
            {
                "scorer": status.scan.scorer,
                "configured": status.configured,
                **{state: len(status.paths(state)) for state in _STATES},
                "pairs": status.scan.pairs,
                "pairs_to_judge": status.scan.pending_pairs,
                "paths": {state: status.paths(state) for state in _STATES if state != "current"},
            }
            for status in statuses
        ],
    }
