"""`classify train`: what it is worth on articles it had not seen, and what it lacks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from rich.text import Text

from classifier.cli.formatting import two_digits, who
from classifier.cli.layout import Line
from classifier.evaluation.bootstrap import MetricEstimate
from classifier.evaluation.clopper_pearson import Proportion
from classifier.project.train import TrainingResult
from classifier.sanitize import one_line
from classifier.training.kind_training import HeldOutChange, KindTraining, Part, Unlearned
from classifier.training.targets import ChosenMinimum, MetricTarget
from classifier.wording import count

_NAME: Final = len("average precision")
_CELL: Final = len("0.123 (0.123 to 0.123)")
_EXAMPLES: Final = 3
"""Label changes shown of each sort."""
_LISTED: Final = 6
_REASONS: Final = {
    "no labels": "no article has this label",
    "only rejections": "only rejected so far, so accept an article",
    "no gain": "the articles with this label do not help to tell others",
}
_REFUSED: Final[dict[Part, str]] = {
    "corrections": "corrections",
    "calibration": "calibrated confidences",
    "minimums": "minimums of their own",
}


def lines(result: TrainingResult, target: MetricTarget | None) -> Iterator[Line]:
    for kind in result.kinds:
        yield from _kind(kind, target)
        yield Line()
    for name, (pairs, articles) in result.too_few.items():
        yield Line(
            f"{name}: too few labels, {count(pairs, 'pair')} on {count(articles, 'article')}"
        )
    if result.without_labels:
        yield Line(f"without labels, unchanged: {_some(result.without_labels)}")
    if any(kind.changes for kind in result.kinds):
        yield Line(
            "a run knows the labels of these articles by now and mostly repeats them there: what "
            "it gains, it gains on others",
            "dim",
        )
    yield Line(f"judged by {who(result.scorer)}; ranges are 95 % intervals", "dim")


def remarks(result: TrainingResult) -> Iterator[str]:
    if result.unjudged:
        yield (
            f"{who(result.scorer)} has judged none of these articles, so its confidences are not "
            "calibrated: add --judge"
        )
    # Whoever asks no language model has no use for them yet.
    if result.examples and not result.scorer.startswith("embedded:"):
        yield (
            f"{count(result.examples, 'example')} for language models, over "
            f"{count(len(result.content.examples), 'category').replace('categorys', 'categories')};"
            " --no-examples leaves them out"
        )
    if result.drafted:
        yield (
            f"{count(result.drafted, 'definition')} drafted from labelled articles: on new "
            "articles, F1 is lower than shown, before and after"
        )
    if result.stale_pairs:
        yield (
            f"{count(result.stale_pairs, 'stored pair')} will be judged again by language models: "
            "their examples changed"
        )
    for kind in result.overridden:
        yield f"the minimum for {kind!r} in the settings overrides the trained one"
    if result.superseded:
        names = " and ".join(repr(str(path)) for path in result.superseded)
        yield f"{names} are not used any more: what they held is in the new file; delete them"


def _kind(kind: KindTraining, target: MetricTarget | None) -> Iterator[Line]:
    belong = int((kind.pairs.truth & kind.pairs.known).sum())
    yield Line(
        f"{kind.kind}: {count(kind.articles, 'article')}, "
        f"{count(kind.labelled_pairs, 'labelled pair')}, of which {belong:,} belong",
        "bold",
    )
    yield Line("On articles it had not seen:", indent=2)
    yield Line(Text(f"{'':{_NAME}}  {'before':{_CELL}}  after", "dim"), indent=2, whole=True)
    before, after = kind.before, kind.after
    rows = (
        ("F1", _interval(before.f1), _interval(after.f1)),
        ("F1 of a category", _number(before.macro_f1), _number(after.macro_f1)),
        ("precision", _number(before.precision), _number(after.precision)),
        ("recall", _number(before.recall), _number(after.recall)),
        ("average precision", *map(_number, (before.average_precision, after.average_precision))),
        ("calibration error", *map(_number, (before.calibration_error, after.calibration_error))),
    )
    for name, was, now in rows:
        yield Line(Text(f"{name:{_NAME}}  {was:{_CELL}}  {now}"), indent=2, whole=True)
    if kind.refused:
        yield Line(refused(kind), indent=2)
    if kind.missing_gold is not None:
        yield Line(f"too few labels to calibrate confidences: {kind.missing_gold}", indent=2)
    if target is not None and kind.calibration is not None:
        yield from _minimums(kind, target)
    yield from _changes(kind.changes)
    yield from _unlearned(kind)


def refused(kind: KindTraining) -> str:
    """Return which parts of a training are not used, and why."""
    parts = " and ".join(_REFUSED[part] for part in kind.refused)
    return f"not used, because labels got no better with them: {parts}"


def _changes(changes: Sequence[HeldOutChange]) -> Iterator[Line]:
    for added in (True, False):
        some = [change for change in changes if change.added is added]
        if not some:
            continue
        peoples = sum(change.right is added for change in some)
        verb = "adds" if added else "takes away"
        yield Line(
            f"labels that it {verb} there: {len(some):,}, of which people gave {peoples:,}, "
            "such as",
            indent=2,
        )
        shown = sorted(some, key=lambda change: not change.right)[:_EXAMPLES]
        for change in shown:
            title = one_line(change.category.title)
            doubt = "" if change.right else f" (people {'did not give' if added else 'gave'} it)"
            yield Line(
                Text(f"{'+' if added else '-'} {title}: {one_line(change.article)}{doubt}"),
                indent=4,
                whole=True,
            )


def _unlearned(kind: KindTraining) -> Iterator[Line]:
    if not kind.unlearned:
        return
    yield Line(
        f"could not learn {len(kind.unlearned):,} of {len(kind.pairs.categories):,} categories:",
        indent=2,
    )
    for reason, words in _REASONS.items():
        some = [one for one in kind.unlearned if one.reason == reason]
        if some:
            yield Line(f"{words}: {_some([_title(one) for one in some])}", indent=4)


def _title(one: Unlearned) -> str:
    title = one_line(one.category.title)
    return f"{title} ({one.accepted:,})" if one.accepted else title


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return f"{', '.join(names[:_LISTED])}{more}"


def _interval(one: MetricEstimate | None) -> str:
    return "-" if one is None else f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})"


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def _minimums(kind: KindTraining, target: MetricTarget) -> Iterator[Line]:
    calibration = kind.calibration
    assert calibration is not None
    if calibration.minimum is not None:
        yield Line(_minimum(calibration.minimum, target), indent=2)
    titles = {category.id: category.title for category in kind.pairs.categories}
    for name, own in calibration.minimums.items():
        yield Line(f"{titles[name]}: {_minimum(own, target)}", indent=4)


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
