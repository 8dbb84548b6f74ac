"""`classify eval GOLD --pack 1,10,20`: how many categories a call the model judges well."""

from __future__ import annotations

import json as json_
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np

from classifier.cli.console import emit
from classifier.cli.formatting import count, money, who
from classifier.cli.layout import Line, Page
from classifier.cli.measuring import Measuring, Source, measuring
from classifier.errors import UsageError
from classifier.evaluation.bootstrap import MetricEstimate
from classifier.evaluation.evaluate import Predictions
from classifier.evaluation.pack_size import (
    TOLERANCE,
    PackComparison,
    PackScores,
    compare_pack_sizes,
    recommended_size,
)
from classifier.models import Usage
from classifier.sanitize import escape_json
from classifier.scorers.cascade.scorer import Cascade
from classifier.scorers.namespaced import NamespacedScorer
from classifier.scorers.openai.scorer import OpenAIScorer

_SCHEMA: Final = "classify-packs/1"
_HEADS: Final = ("pack", "calls", "cost", "agree", "rank", "F1", "against the first", "by place")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    source: Source
    overrides: Mapping[str, Any]
    sizes: str
    judge: bool
    json: bool
    quiet: bool


def run(request: Request) -> int:
    """Return the exit code. Raises a ClassifierError where nothing can be measured."""
    sizes = _sizes(request.sizes)
    with measuring(
        request.source, request.overrides, judge=request.judge, quiet=request.quiet
    ) as it:
        model = it.scorer.second if isinstance(it.scorer, Cascade) else it.scorer
        if not isinstance(model, OpenAIScorer):
            raise UsageError(
                f"--pack is for language models, and {who(it.scorer.identity)} is none"
            )
        scorers = [_of(model, size) for size in sizes]
        sides = [it.side(scorer, it.found) for scorer in scorers]
        sized = [_sized(size, side, it) for size, side in zip(sizes, sides, strict=True)]
        spent = {name: usage for name, _, _, usage in it.records.store.scorers()}
    pairs = sides[0].pairs
    minimums = np.array([it.taxonomy.minimum(category) for category in pairs.categories])
    rows = compare_pack_sizes(sized, truth=pairs.truth, known=pairs.known, minimums=minimums)
    paid = [spent.get(scorer.identity, Usage()) for scorer in scorers]
    if request.json:
        emit(escape_json(json_.dumps(_plain(rows, paid), ensure_ascii=False)))
    else:
        emit(Page.for_stdout().lay_out(_lines(rows, paid)))
    return 1 if it.troubles else 0


def _sizes(told: str) -> list[int]:
    try:
        found = sorted({int(each) for each in told.split(",")})
    except ValueError:
        found = []
    if len(found) < 2 or found[0] < 1:
        raise UsageError(f"--pack {told!r}: expected at least two sizes, such as 1,10,20")
    return found


def _of(model: OpenAIScorer, size: int) -> NamespacedScorer:
    used = model.builder
    sized = OpenAIScorer(
        used.model,
        base_url=used.base_url,
        prompts=used.prompts,
        options=replace(used.options, pack=size),
        budget=model.budget,
    )
    return NamespacedScorer(sized, f"pack {size}")


def _sized(size: int, side: Predictions, it: Measuring) -> PackScores:
    pairs = side.pairs
    place = np.full(pairs.confidence.shape, np.nan)
    column = {category.digest: n for n, category in enumerate(pairs.categories)}
    for row, article in enumerate(pairs.digests):
        for name, record in it.records.store.load(side.scorer, article, list(column)).items():
            pack = record.judgement.pack
            if record.judgement.category in pack and len(pack) > 1:
                place[row, column[name]] = pack.index(record.judgement.category) / (len(pack) - 1)
    return PackScores(pack=size, confidence=pairs.confidence, place=place)


def _lines(rows: Sequence[PackComparison], paid: Sequence[Usage]) -> Iterator[Line]:
    least = rows[0].pack
    yield Line(f"{count(rows[0].pairs, 'pair')}, each judged in calls of up to so many", "bold")
    yield Line()
    table = [_HEADS, *(_cells(row, usage) for row, usage in zip(rows, paid, strict=True))]
    widths = [max(len(row[i]) for row in table) for i in range(len(_HEADS))]
    for number, cells in enumerate(table):
        told = "  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
        yield Line(told, "" if number else "dim", whole=True)
    yield Line()
    yield Line(f"agree, rank: labels and order of confidences beside packs of {least}", "dim")
    yield Line("by place: confidence higher or lower, by the third of the call it stood in", "dim")
    yield Line()
    best = recommended_size(rows)
    if best is None:
        yield Line(
            f"No larger pack is shown to lose less than {TOLERANCE} of F1: keep to {least}, or "
            "judge more articles."
        )
        return
    yield Line(
        f"Packs of {best} lose less than {TOLERANCE} of F1 (95 %). Put this into classify.toml:"
    )
    yield Line(f"pack = {best}", indent=2)


def _cells(row: PackComparison, usage: Usage) -> tuple[str, ...]:
    change = row.change
    against = f"{change.value:+.3f} ({change.low:+.3f} to {change.high:+.3f})" if change else "-"
    cost = "unknown" if usage.cost is None else money(usage.cost)
    return (
        f"{row.pack:,}",
        f"{usage.calls:,}",
        cost,
        f"{row.agreement:.1%}",
        _number(row.rank, ".3f"),
        "-" if row.f1 is None else f"{row.f1.value:.3f}",
        against,
        " ".join(_number(place, "+.2f") for place in row.places),
    )


def _number(value: float, form: str) -> str:
    return "-" if np.isnan(value) else format(value, form)


def _plain(rows: Sequence[PackComparison], paid: Sequence[Usage]) -> dict[str, Any]:
    def known(value: float) -> float | None:
        return None if np.isnan(value) else value

    def range_(it: MetricEstimate | None) -> dict[str, float] | None:
        return None if it is None else asdict(it)

    return {
        "schema": _SCHEMA,
        "tolerance": TOLERANCE,
        "recommended": recommended_size(rows),
        "packs": [
            {
                "pack": row.pack,
                "pairs": row.pairs,
                "agreement": known(row.agreement),
                "rank_correlation": known(row.rank),
                "f1": range_(row.f1),
                "change": range_(row.change),
                "by_place": [known(place) for place in row.places],
                "usage": asdict(usage),
            }
            for row, usage in zip(rows, paid, strict=True)
        ],
    }
