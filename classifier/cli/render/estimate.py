"""`--dry-run` and `--plan`: what a run would do, and what it would cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from classifier.cli.formatting import between, money, span, who
from classifier.cli.layout import Line, row, table
from classifier.project.estimate import CostEstimate, Plan
from classifier.project.frontier import SAMPLE, FrontierPoint
from classifier.scorers.cascade.scorer import Cascade
from classifier.scorers.openai.costs import UsageEstimate
from classifier.wording import count

_ANSWERS = {
    "full": "reasons and quotes for every category",
    "phrases": "short answers for clear rejections, full answers otherwise",
    "listed": "numbers for what is out, a phrase for what is touched, the rest in full",
    "short": "numbers for what is out, a phrase for what is touched, the rest in full",
}

TOO_FEW: Final = (
    "too few labels held out to promise a recall to a cascade: more articles, or `classify cascade`"
)
_BASES: Final[Mapping[str, Callable[[str], str]]] = {
    "none": lambda _: "",
    "measured": lambda articles: f"; of a student, measured on {articles} it did not learn from",
    "assumed": lambda _: (
        f"; of a student, assumed: with {SAMPLE} articles it does what it did on seven labelled "
        "sets, until `classify train --teacher` measures it here"
    ),
}


def estimate(found: CostEstimate) -> Iterator[Line]:
    scan, scorer = found.scan, found.scorer
    unread = f", {len(scan.unread):,} cannot be read" if scan.unread else ""
    skipped = f", {len(scan.skipped):,} skipped" if scan.skipped else ""
    articles = count(len(scan.pending), "article")
    yield row("articles", f"{len(scan.entries):,}{unread}{skipped}")
    yield row("pairs", f"{scan.pairs:,}: {scan.stored_pairs:,} already judged or copies of others")
    if scan.held_pairs:
        yield row("held back", f"{count(scan.held_pairs, 'pair')} (--retry-failed asks again)")
    yield row("to judge", f"{count(scan.pending_pairs, 'pair')} of {articles}")
    yield row("judge", who(scorer.identity))
    cascade = found.cascade
    if cascade is not None and isinstance(scorer, Cascade):
        stored = f", {cascade.stored:,} of them already answered" if cascade.stored else ""
        yield row("rule", scorer.deferral.description)
        settled = count(cascade.settled, "pair")
        yield row("settled", f"{settled} by {who(scorer.first.identity)}")
        yield row("to ask", f"{count(cascade.asked, 'pair')}{stored}")
    if found.cost is None:
        yield row("cost", "free: judged on this computer")
        return
    yield from _costs(found.cost)
    if cascade is not None:
        yield row("in full", f"{between(cascade.without)} without the cascade")


def _costs(cost: UsageEstimate) -> Iterator[Line]:
    cached = f"(up to {cost.cached_tokens:,} of them cached)"
    yield row("calls", f"{cost.calls:,}")
    yield row("tokens in", f"{cost.input_tokens:,} {cached}")
    yield row("tokens out", f"{cost.output_tokens:,}")
    yield row("cost", between(cost))


def plan(found: Plan) -> Iterator[Line]:
    model = found.model
    articles = count(len(found.scan.pending), "article")
    yield row("judge", who(model.identity), width=8)
    yield row("to ask", f"{count(found.pairs, 'pair')} of {articles}", width=8)
    for number, reason in enumerate(_reasons(found)):
        yield row("" if number else "plan", reason, width=8)
    used = found.chosen.usage
    cached = f"({used.cached_tokens:,} of them cached)"
    told = f"{used.input_tokens:,} in {cached}, {used.output_tokens:,} out, as planned"
    yield row("tokens", told, width=8)
    yield Line()
    yield from frontier(found.frontier)
    yield Line()
    yield from _notes(found)


def frontier(points: Sequence[FrontierPoint]) -> Iterator[Line]:
    """Yield a table of ways to get a model's labels, without costs where no price is known."""
    heads = ("", "calls", "cost", "at half", "time", "recall", "precision")
    rows = [heads, *map(_cells, points)]
    yield from table(rows if is_priced(points) else [(*row[:2], *row[4:]) for row in rows])


def is_priced(points: Sequence[FrontierPoint]) -> bool:
    return any(point.calls and point.cost is not None for point in points)


def _notes(found: Plan) -> Iterator[Line]:
    calls = count(found.model.builder.options.concurrency, "call")
    articles = count(found.held_out, "article")
    for note in (
        "at half: half price, the cheaper of --tier flex, where the model has it, and a batch, "
        "which takes up to a day"
        if is_priced(found.frontier)
        else "cost: unknown, the price list does not have this model at this server",
        f"time: {calls} at once, 1s plus 1s per 80 tokens out each",
        "recall, precision: against the labels of the model" + _BASES[found.basis](articles),
        TOO_FEW if found.basis == "measured" and not found.promised else "",
    ):
        if note:
            yield Line(note, "dim")


def _reasons(found: Plan) -> Iterator[str]:
    requests = found.model.builder
    if requests.options.pack:
        yield f"up to {requests.pack:,} categories per call (set)"
    else:
        yield f"up to {requests.pack} categories per call: more are cheaper, if"
        yield "`classify eval GOLD --pack 1,10,40` shows that they are as good"
    yield _ANSWERS[requests.prompts.form]
    yield "rubric and categories before the article, for the server's prompt cache"
    yield "calls that share a prefix wait for the first one" + (
        ", and name the prefix" if requests.supports_cache_key else ""
    )


def _cells(point: FrontierPoint) -> tuple[str, ...]:
    def dollars(value: float | None, unknown: str) -> str:
        return unknown if value is None else money(value)

    def share(value: float | None) -> str:
        return "?" if value is None else f"{value:.2f}"

    return (
        point.name,
        f"{point.calls:,}",
        dollars(point.cost, "unknown") if point.calls else "free",
        dollars(point.half_price, "") if point.calls else "",
        "" if point.seconds is None or not point.calls else span(point.seconds),
        share(point.recall),
        share(point.precision),
    )
