"""`classify cascade`: how many pairs skip the language model, and what that rests on."""

from __future__ import annotations

from collections.abc import Iterator

from classifier.cli.formatting import between, who
from classifier.cli.layout import Line, row
from classifier.project.tune_cascade import CascadeTuningEstimate, CascadeTuningResult
from classifier.scorers.cascade.deferral import FittedThresholds, KindThreshold
from classifier.scorers.openai.costs import UsageEstimate
from classifier.wording import count


def lines(result: CascadeTuningResult, thresholds: FittedThresholds) -> Iterator[Line]:
    for kinds in dict.fromkeys(kind.together for kind in thresholds.kinds.values()):
        yield Line(", ".join(kinds), "bold")
        yield from _kinds(thresholds.kinds[kinds[0]], thresholds)
        yield Line()
    yield Line(f"judged by {who(result.first)}, the rest by {who(result.second)}", "dim")


def _kinds(kind: KindThreshold, thresholds: FittedThresholds) -> Iterator[Line]:
    known = "known" if thresholds.gold else "asked"
    labels = f"{count(kind.labels, 'label')} in {count(kind.pairs, 'pair')} {known}"
    if not kind.settled:
        yield Line(
            f"no threshold would save calls: the model judges all pairs ({labels})", indent=2
        )
        return
    yield Line(
        f"{kind.settled:.0%} of the pairs skip the language model: recall >= "
        f"{thresholds.recall:g} with {thresholds.confidence:.0%} confidence",
        indent=2,
    )
    if thresholds.gold:
        yield Line(
            f"based on {count(kind.labels, 'label')} of {thresholds.gold!r}, {kind.below:,} of "
            "them below the threshold; holds for articles like those",
            "dim",
            2,
        )
        return
    yield Line(
        f"based on {count(kind.drawn, 'label')} in a random sample of {kind.sample:.1%}, "
        f"{kind.below:,} of them below the threshold; {labels}",
        "dim",
        2,
    )


def estimate(tuning: CascadeTuningEstimate) -> Iterator[Line]:
    yield row("articles", f"{tuning.articles:,}")
    yield row("pairs", f"{tuning.pairs:,}")
    yield row("judge", who(tuning.second))
    yield row("pilot", _asked(tuning.pilot_pairs, tuning.pilot_cost))
    yield row("at most", _asked(tuning.most_pairs, tuning.most_cost))
    yield Line("The sample size is chosen after the pilot.", "dim")


def _asked(pairs: int, cost: UsageEstimate | None) -> str:
    return count(pairs, "pair") if cost is None else f"{count(pairs, 'pair')}, {between(cost)}"
