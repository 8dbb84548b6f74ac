"""`classify calibrate`: what calibration changed on held-out articles, and the minimums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.text import Text

from classifier.cli.formatting import count, two_digits, who
from classifier.cli.layout import Line
from classifier.evaluation.bootstrap import MetricEstimate
from classifier.evaluation.clopper_pearson import Proportion
from classifier.models import Category
from classifier.project.calibrate import CalibrationResult
from classifier.training.calibrate import MEASURES, KindCalibration, MinimumTarget
from classifier.training.curves import usable_pairs
from classifier.training.targets import ChosenMinimum, MetricTarget

_CELL: Final = len("0.123 (0.123 to 0.123)")
_NAME: Final = max(map(len, MEASURES.values()))
_LISTED: Final = 5


def lines(result: CalibrationResult) -> Iterator[Line]:
    for kind in result.kinds:
        yield from _kind(kind, result.target)
        yield Line()
    for name in result.without_gold:
        yield Line(f"{name}: no labels, confidences are unchanged")
    if result.without_gold:
        yield Line()
    yield Line(f"judged by {who(result.scorer)}; ranges are 95 % intervals", "dim")


def remarks(result: CalibrationResult) -> Iterator[str]:
    for kind in result.overridden:
        yield f"the minimum for {kind!r} in the settings overrides the calibrated one"
    if result.dropped_minimums:
        yield (
            "earlier minimums were removed: add --target-precision or --target-recall for new ones"
        )


def _kind(kind: KindCalibration, target: MinimumTarget | None) -> Iterator[Line]:
    yield Line(kind.name, "bold")
    if kind.missing_gold is not None:
        yield Line(f"too few labels, confidences are unchanged: {kind.missing_gold}", indent=2)
        return
    known = usable_pairs(kind.pairs)
    yield Line(
        f"{count(int(known.any(axis=1).sum()), 'article')}, {count(int(known.sum()), 'pair')}, of "
        f"which {int((known & kind.pairs.truth).sum()):,} belong",
        indent=2,
    )
    yield Line(
        Text(f"{'':{_NAME}}  {'before':{_CELL}}  calibrated, on held-out articles", "dim"),
        indent=2,
        whole=True,
    )
    for name, title in MEASURES.items():
        cells = f"{_estimate(kind.before.get(name)):{_CELL}}  {_estimate(kind.after.get(name))}"
        yield Line(Text(f"{title:{_NAME}}  {cells}".rstrip()), indent=2, whole=True)
    yield from _covered(kind)
    if target is not None and kind.minimum is not None:
        yield from _minimums(kind, kind.minimum, target)


def _estimate(it: MetricEstimate | None) -> str:
    return "-" if it is None else f"{it.value:.3f} ({it.low:.3f} to {it.high:.3f})"


def _covered(kind: KindCalibration) -> Iterator[Line]:
    if kind.fit is None:
        yield Line(
            "calibration did not improve held-out log loss: confidences are unchanged",
            indent=2,
        )
        return
    total, own = len(kind.pairs.categories), kind.fit.categories
    if not own:
        yield Line(
            f"one curve for all {total:,} categories: offsets per category do not help", indent=2
        )
        return
    yield Line(f"{len(own):,} of {total:,} categories have an offset of their own", indent=2)
    rest = [category for category in kind.pairs.categories if category.id not in own]
    if rest:
        yield Line(f"without labels, using the curve of the kind: {_listed(rest)}", indent=2)


def _listed(categories: Sequence[Category]) -> str:
    shown = ", ".join(category.title for category in categories[:_LISTED])
    more = len(categories) - _LISTED
    return f"{shown} and {more:,} more" if more > 0 else shown


def _minimums(
    kind: KindCalibration, chosen: ChosenMinimum, target: MinimumTarget
) -> Iterator[Line]:
    yield Line(_minimum(chosen, target.target), indent=2)
    titles = {category.id: category.title for category in kind.pairs.categories}
    for name, own in kind.minimums.items():
        yield Line(f"{titles[name]}: {_minimum(own, target.target)}", indent=4)
    if target.per == "category" and (rest := len(titles) - len(kind.minimums)):
        yield Line(f"{rest:,} of {len(titles):,} categories use the minimum of the kind", indent=4)


def _minimum(chosen: ChosenMinimum, target: MetricTarget) -> str:
    wanted = f"{target.measure} {target.value:.2f}"
    found = chosen.measured
    if chosen.minimum is not None and found is not None:
        return f"minimum {chosen.minimum:.4f} for {wanted}: {_measured(found, target)}"
    best = f"; best: {_measured(found, target)}" if found is not None else ""
    return f"no minimum reaches {wanted} with 95 % confidence{best}"


def _measured(found: Proportion, target: MetricTarget) -> str:
    low, high = found.interval
    of = "label" if target.measure == "precision" else "pair"
    return (
        f"{two_digits(found.value)} ({two_digits(low)} to {two_digits(high)}) of "
        f"{count(found.pairs, of)}"
    )
