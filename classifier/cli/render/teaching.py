"""`classify train --teacher`: how far the student is its teacher, and what it cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.text import Text

from classifier.cli.formatting import between, spent, who
from classifier.cli.layout import Line, row
from classifier.cli.render import estimate as estimates
from classifier.cli.render import training
from classifier.evaluation.bootstrap import MetricEstimate
from classifier.project.teaching import MORE, Agreement, TeachingEstimate, TeachingResult
from classifier.wording import count

_CELL: Final = len("0.123 (0.123 to 0.123)")
_STOPPED: Final = {
    "articles": "",
    "f1": "stopped: the target is reached",
    "plateau": "stopped: more articles bring nothing that shows",
    "budget": "stopped: the budget is used up",
}


def lines(result: TeachingResult) -> Iterator[Line]:
    teacher = who(result.teacher)
    held_out = result.agreement[0].articles if result.agreement else 0
    measured = f"measured on {held_out:,} others, drawn at random"
    yield Line(
        f"taught by {teacher}: {count(result.taught, 'article')}; "
        f"{measured if held_out else 'too few others answered to measure it'}",
        "bold",
    )
    yield from _table(result)
    for kind in result.training.kinds:
        if kind.refused:
            yield Line(f"{kind.kind}: {training.refused(kind)}", indent=2)
    if _STOPPED[result.stopped]:
        yield Line(_STOPPED[result.stopped], indent=2)
    gain = result.next_gain
    if gain is not None:
        path = ", ".join(f"{f1:.3f} with {taught:,}" for taught, f1 in result.curve)
        yield Line(f"learning curve: F1 {path}", indent=2)
        if result.stopped != "plateau":
            yield Line(f"{MORE} more articles would bring about {gain:+.3f}", indent=2)
    yield Line(f"spent on this teacher so far: {spent(result.usage)}", indent=2)
    yield Line()
    yield from _frontier(result)
    yield from _cascade(result)
    yield Line("F1 and ranges (95 %) are against the teacher's labels", "dim")


def _table(result: TeachingResult) -> Iterator[Line]:
    if not result.agreement:
        return
    names = [one.kind or "all kinds" for one in result.agreement]
    wide = max(map(len, names))
    head = f"{'':{wide}}  {'F1 untrained':{_CELL}}  {'F1':{_CELL}}  same label or none"
    yield Line(Text(head, "dim"), indent=2, whole=True)
    for name, one in zip(names, result.agreement, strict=True):
        yield Line(Text(f"{name:{wide}}  {_cells(one)}"), indent=2, whole=True)


def _cells(one: Agreement) -> str:
    shown = (one.untrained_f1, one.f1, one.same)
    return "  ".join(f"{_interval(each):{_CELL}}" for each in shown).rstrip()


def _interval(one: MetricEstimate | None) -> str:
    return "-" if one is None else f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})"


def _frontier(result: TeachingResult) -> Iterator[Line]:
    if not result.frontier:
        return
    yield Line(f"what the labels of all {count(result.articles, 'article')} would take:", "bold")
    yield from estimates.frontier(result.frontier)
    half = "at half: --tier flex or a batch; " if estimates.is_priced(result.frontier) else ""
    yield Line(f"{half}recall, precision: expected on other articles", "dim")
    yield Line()


def _cascade(result: TeachingResult) -> Iterator[Line]:
    found = result.thresholds
    if found is None:
        yield Line(estimates.TOO_FEW, "dim")
        return
    for kind, threshold in found.kinds.items():
        yield Line(
            f"{kind}: with --scorer cascade {threshold.settled:.0%} of the pairs skip the teacher, "
            f"recall >= {found.recall:g} with {found.confidence:.0%} confidence"
        )
    if found.whole is not None:
        yield Line(
            f'whole articles: with settle = "articles" {found.whole.settled:.0%} of them skip the '
            f"teacher, at the same recall; at most {1 - found.recall:.0%} of the labels that the "
            "student gives stand and are wrong"
        )


def estimate(found: TeachingEstimate, *, in_rounds: bool) -> Iterator[Line]:
    """`in_rounds`: whether it may stop before all are asked about."""
    most = "at most " if in_rounds else ""
    yield row("articles", f"{found.articles:,}, {found.held_out:,} of them held out to measure on")
    if found.judged:
        yield row("judged", f"{count(found.judged, 'article')} that need no call")
    yield row("teacher", who(found.teacher))
    yield row("pairs", f"{most}{found.pairs:,} to ask about")
    if found.cost is not None:
        yield row("cost", between(found.cost))
