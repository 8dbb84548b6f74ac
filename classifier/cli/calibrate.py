"""`classify calibrate`: what a scorer's confidence is worth, measured and kept."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from classifier import calibration, settings
from classifier.calibration import Calibration, ScorerCalibration
from classifier.cli.console import emit, log
from classifier.cli.formatting import count, two_digits, who
from classifier.cli.layout import Line, Page
from classifier.cli.measuring import Source, measuring
from classifier.errors import UsageError
from classifier.evaluation.bootstrap import MetricEstimate
from classifier.evaluation.clopper_pearson import Proportion
from classifier.models import Category, Taxonomy
from classifier.outputs.files import replacing
from classifier.settings import Settings
from classifier.training.calibrate import (
    MEASURES,
    KindCalibration,
    MinimumTarget,
    calibrate,
    to_fitted,
)
from classifier.training.curves import usable_pairs
from classifier.training.targets import ChosenMinimum, MetricTarget

_CELL: Final = len("0.123 (0.123 to 0.123)")
_NAME: Final = max(map(len, MEASURES.values()))
_LISTED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    source: Source
    overrides: Mapping[str, Any]
    target_precision: float | None = None
    target_recall: float | None = None
    per: str | None = None
    output: Path | None = None
    judge: bool = False
    quiet: bool = False


def run(request: Request) -> int:
    """Return the exit code. Raises a ClassifierError where nothing can be calibrated."""
    aim = _aim(request)
    found = settings.load(**request.overrides)
    output = request.output or _used(found)
    if output is None:
        raise UsageError(
            "these are the example categories: name your own with --categories PATH, or the file "
            "to write with --output FILE"
        )
    _earlier(output)  # what cannot be added to is told before anything is judged
    with measuring(
        request.source, request.overrides, judge=request.judge, quiet=request.quiet
    ) as it:
        side = it.side(it.scorer, found.model_copy(update={"calibration": "off"}))
        kinds = calibrate(side.pairs, it.taxonomy, aim=aim)
        source = it.gold.source
    if all(kind.missing_gold for kind in kinds):
        gaps = "; ".join(f"{kind.name}: {kind.missing_gold}" for kind in kinds)
        raise UsageError(f"{source!r} is too little to calibrate on: {gaps}")
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    new = to_fitted(kinds, gold=source, day=today, aim=aim)
    earlier = _earlier(output)
    with replacing(output) as file:
        kept = {**earlier.scorers, side.scorer: new}
        file.write(calibration.dump(Calibration(scorers=kept)))
    page = Page.for_stdout()
    emit(page.lay_out(_lines(kinds, it.taxonomy, aim, side.scorer)))
    if not request.quiet:
        log(f"written to {str(output)!r}")
        for remark in _remarks(found, kinds, output, earlier.scorers.get(side.scorer)):
            log(remark)
    return 1 if it.troubles else 0


def _aim(request: Request) -> MinimumTarget | None:
    precision, recall, per = request.target_precision, request.target_recall, request.per
    if precision is not None and recall is not None:
        raise UsageError("--target-precision and --target-recall exclude each other")
    value = recall if precision is None else precision
    if value is None:
        if per is not None:
            raise UsageError("--per is for a target: add --target-precision or --target-recall")
        return None
    option = "--target-recall" if precision is None else "--target-precision"
    if not 0 < value < 1:
        raise UsageError(f"{option} {value!r}: expected a number between 0 and 1")
    target = MetricTarget("recall" if precision is None else "precision", value)
    match per:
        case None | "kind":
            return MinimumTarget(target=target)
        case "category":
            return MinimumTarget(target=target, per="category")
    raise UsageError(f"--per {per!r}: expected kind or category")


# --- the file -------------------------------------------------------------------------------------


def _used(found: Settings) -> Path | None:
    """Return the file that runs look for; None: there is none they would find by themselves."""
    if isinstance(found.calibration, Path):
        return found.calibration
    return None if found.categories is None else calibration.path_for(found.categories)


def _earlier(output: Path) -> Calibration:
    """Return what is in the file, which is kept for all other scorers."""
    # os.path: a name that no file can have is told when it is written
    if not os.path.exists(output):  # noqa: PTH110
        return Calibration()
    return calibration.load(output)


def _remarks(
    found: Settings,
    kinds: Sequence[KindCalibration],
    output: Path,
    earlier: ScorerCalibration | None,
) -> Iterator[str]:
    for kind in kinds:
        if kind.minimum is not None and settings.sets_minimum(found, kind.name):
            yield f"the settings have a minimum for {kind.name!r}, which wins over one from here"
    if earlier is not None and earlier.minimum_of_kinds and kinds[0].minimum is None:
        yield "the minimums that were in it are gone: ask for a target to have new ones"
    if found.calibration == "off":
        yield "the settings say calibration = off, so it is not used yet"
    elif output != _used(found):
        yield "runs do not look there: name it with --calibration FILE"


# --- printing -------------------------------------------------------------------------------------


def _lines(
    kinds: Sequence[KindCalibration], taxonomy: Taxonomy, aim: MinimumTarget | None, scorer: str
) -> Iterator[Line]:
    for kind in kinds:
        yield from _kind(kind, aim)
        yield Line()
    without = {c.kind for c in taxonomy.categories} - {kind.name for kind in kinds}
    for name in sorted(without):
        yield Line(f"{name}: no gold, so its confidences stay as they are")
    if without:
        yield Line()
    yield Line(f"judged by {who(scorer)}; ranges hold 95 % of resamples of the articles", "dim")


def _kind(kind: KindCalibration, aim: MinimumTarget | None) -> Iterator[Line]:
    yield Line(kind.name, "bold")
    if kind.missing_gold is not None:
        yield Line(
            f"too little gold, so its confidences stay as they are: {kind.missing_gold}", indent=2
        )
        return
    known = usable_pairs(kind.pairs)
    yield Line(
        f"{count(int(known.any(axis=1).sum()), 'article')}, {count(int(known.sum()), 'pair')}, of "
        f"which {int((known & kind.pairs.truth).sum()):,} belong",
        indent=2,
    )
    yield Line(
        Text(f"{'':{_NAME}}  {'as it is':{_CELL}}  calibrated, on held-out articles", "dim"),
        indent=2,
        whole=True,
    )
    for name, title in MEASURES.items():
        cells = f"{_estimate(kind.before.get(name)):{_CELL}}  {_estimate(kind.after.get(name))}"
        yield Line(Text(f"{title:{_NAME}}  {cells}".rstrip()), indent=2, whole=True)
    yield from _covered(kind)
    if aim is not None and kind.minimum is not None:
        yield from _minimums(kind, kind.minimum, aim)


def _estimate(it: MetricEstimate | None) -> str:
    return "-" if it is None else f"{it.value:.3f} ({it.low:.3f} to {it.high:.3f})"


def _covered(kind: KindCalibration) -> Iterator[Line]:
    if kind.fit is None:
        yield Line(
            "on articles it has not seen no curve is better: the confidences stay as they are",
            indent=2,
        )
        return
    total, own = len(kind.pairs.categories), kind.fit.categories
    if not own:
        yield Line(
            f"one curve for all {total:,} categories: offsets of their own do not help", indent=2
        )
        return
    yield Line(f"{len(own):,} of {total:,} categories with an offset of their own", indent=2)
    rest = [category for category in kind.pairs.categories if category.id not in own]
    if rest:
        yield Line(f"without gold, so with the curve of the kind: {_listed(rest)}", indent=2)


def _listed(categories: Sequence[Category]) -> str:
    shown = ", ".join(category.title for category in categories[:_LISTED])
    more = len(categories) - _LISTED
    return f"{shown} and {more:,} more" if more > 0 else shown


def _minimums(kind: KindCalibration, chosen: ChosenMinimum, aim: MinimumTarget) -> Iterator[Line]:
    yield Line(_told(chosen, aim.target), indent=2)
    titles = {category.id: category.title for category in kind.pairs.categories}
    for name, own in kind.minimums.items():
        yield Line(f"{titles[name]}: {_told(own, aim.target)}", indent=4)
    if aim.per == "category" and (rest := len(titles) - len(kind.minimums)):
        yield Line(f"categories without one of their own: {rest:,} of {len(titles):,}", indent=4)


def _told(chosen: ChosenMinimum, target: MetricTarget) -> str:
    wanted = f"{target.measure} {target.value:.2f}"
    found = chosen.measured
    if chosen.minimum is not None and found is not None:
        return f"minimum {chosen.minimum:.4f} for {wanted}: {_measured(found, target)}"
    best = f"; at best {_measured(found, target)}" if found is not None else ""
    return f"no minimum is sure to reach {wanted}{best}"


def _measured(found: Proportion, target: MetricTarget) -> str:
    low, high = found.interval
    of = "label" if target.measure == "precision" else "pair"
    return (
        f"{two_digits(found.value)} ({two_digits(low)} to {two_digits(high)}) of "
        f"{count(found.pairs, of)}"
    )
