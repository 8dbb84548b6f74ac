"""`classify eval --pack`: a row for each size, and the size to use."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from classifier.cli.formatting import money
from classifier.cli.layout import Line, table
from classifier.evaluation.bootstrap import MetricEstimate
from classifier.evaluation.pack_size import TOLERANCE, PackComparison
from classifier.models import Usage
from classifier.project.pack_sizes import PackSizeComparison
from classifier.wording import count

SCHEMA: Final = "classify-packs/1"
_HEADS: Final = ("pack", "calls", "cost", "agree", "rank", "F1", "against the first", "by place")


def lines(comparison: PackSizeComparison) -> Iterator[Line]:
    sizes = comparison.sizes
    least = sizes[0].pack
    yield Line(f"{count(sizes[0].pairs, 'pair')}, judged with each number per call", "bold")
    yield Line()
    rows = [_cells(row, used) for row, used in zip(sizes, comparison.usage, strict=True)]
    yield from table([_HEADS, *rows])
    yield Line()
    yield Line(f"agree, rank: same labels, order of confidences, against packs of {least}", "dim")
    yield Line("by place: change of confidence in the first, middle, last third of a call", "dim")
    yield Line()
    best = comparison.recommended
    if best is None:
        yield Line(
            f"No larger pack is shown to lose less than {TOLERANCE} of F1: keep to {least}, or "
            "label more articles."
        )
        return
    yield Line(f"Packs of {best} lose less than {TOLERANCE} of F1 (95 %). Add to classify.toml:")
    yield Line(f"pack = {best}", indent=2)


def _cells(row: PackComparison, usage: Usage) -> tuple[str, ...]:
    change = row.change
    against = f"{change.value:+.3f} ({change.low:+.3f} to {change.high:+.3f})" if change else "-"
    return (
        f"{row.pack:,}",
        f"{usage.calls:,}",
        "unknown" if usage.cost is None else money(usage.cost),
        f"{row.agreement:.1%}",
        _number(row.rank, ".3f"),
        "-" if row.f1 is None else f"{row.f1.value:.3f}",
        against,
        " ".join(_number(place, "+.2f") for place in row.places),
    )


def _number(value: float, form: str) -> str:
    return "-" if math.isnan(value) else format(value, form)


def to_dict(comparison: PackSizeComparison) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "tolerance": TOLERANCE,
        "recommended": comparison.recommended,
        "packs": [
            {
                "pack": row.pack,
                "pairs": row.pairs,
                "agreement": _known(row.agreement),
                "rank_correlation": _known(row.rank),
                "f1": _interval(row.f1),
                "change": _interval(row.change),
                "by_place": [_known(place) for place in row.places],
                "usage": asdict(usage),
            }
            for row, usage in zip(comparison.sizes, comparison.usage, strict=True)
        ],
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _interval(estimate: MetricEstimate | None) -> dict[str, float] | None:
    return None if estimate is None else asdict(estimate)
