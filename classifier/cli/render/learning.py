"""`classify learn`: what training gained on held-out articles, for each kind and category."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from rich.text import Text

from classifier.cli.formatting import count
from classifier.cli.layout import Line
from classifier.project.learn import LearningResult
from classifier.sanitize import one_line
from classifier.training.held_out import BeforeAfter, CategoryGain, KindGain

_CELL: Final = 16


def lines(result: LearningResult) -> Iterator[Line]:
    for kind in result.kinds:
        yield from _kind(kind)


def remarks(result: LearningResult) -> Iterator[str]:
    if result.examples:
        yield (
            f"{count(result.examples, 'example')} for language models, over "
            f"{len(result.content.lessons):,} of the categories; --no-examples leaves them out"
        )
    if result.stale_pairs:
        yield (
            f"{count(result.stale_pairs, 'stored pair')} will be judged again by language models: "
            "their examples changed"
        )


def _kind(kind: KindGain) -> Iterator[Line]:
    yield Line(
        f"{kind.kind}: {count(kind.articles, 'article')}, {count(kind.pairs, 'labelled pair')}",
        "bold",
    )
    yield Line("Held-out articles, before > after:", indent=2)
    for name, change in (
        ("average precision, all pairs", kind.micro),
        ("average precision, mean of the categories", kind.macro),
        ("log loss", kind.log_loss),
    ):
        yield Line(f"{_change(change)}  {name}", indent=2)
    yield Line()
    header = f"{'AP':{_CELL}}{'log loss':{_CELL}}{'yes':>5}{'no':>7}  used"
    yield Line(Text(header, "dim"), indent=2, whole=True)
    for each in sorted(kind.categories, key=lambda it: (-it.accepted, it.category.id)):
        yield Line(Text(_row(each)), indent=2, whole=True)
    if unheard := sum(not each.has_evidence for each in kind.categories):
        yield Line(
            f"unchanged, with only a few rejections: {unheard:,}; accept some articles",
            indent=2,
        )
    yield Line()


def _row(gain: CategoryGain) -> str:
    return (
        f"{_change(gain.precision):{_CELL}}{_change(gain.log_loss):{_CELL}}{gain.accepted:5,}"
        f"{gain.rejected:7,}  {_used_share(gain):>5}  {one_line(gain.category.title)}"
    )


def _used_share(gain: CategoryGain) -> str:
    return f"{gain.shrinkage * gain.blend:.0%}" if gain.blend else "none"


def _change(change: BeforeAfter) -> str:
    return f"{_number(change.before)} > {_number(change.after)}"


def _number(value: float) -> str:
    return "    -" if math.isnan(value) else f"{value:.3f}"
