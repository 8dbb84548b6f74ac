"""`--dry-run` and `--plan`: what a run would do, and what it would cost."""

from __future__ import annotations

from collections.abc import Iterator

from classifier.cli.formatting import between, money, span, who
from classifier.cli.layout import Line, row, table
from classifier.project.estimate import CostEstimate, Plan
from classifier.scorers.cascade.scorer import Cascade
from classifier.scorers.openai.costs import UsageEstimate
from classifier.scorers.openai.planning import Prediction
from classifier.wording import count

_ANSWERS = {
    "full": "reasons and quotes for every category",
    "phrases": "short answers for clear rejections, full answers otherwise",
    "listed": "numbers for what is out, a phrase for what is touched, the rest in full",
    "short": "numbers for what is out, a phrase for what is touched, the rest in full",
}


def estimate(found: CostEstimate) -> Iterator[Line]:
    scan, scorer = found.scan, found.scorer
    unread = f", {len(scan.unread):,} cannot be read" if scan.unread else ""
    skipped = f", {len(scan.skipped):,} skipped" if scan.skipped else ""
    articles = count(len(scan.pending), "article")
    yield row("articles", f"{len(scan.entries):,}{unread}{skipped}")
    yield row("pairs", f"{scan.pairs:,}: {scan.stored_pairs:,} already judged or copies of others")
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
    yield Line()
    rows = [_cells("as planned", found.chosen)]
    if found.without_cascade is not None:
        rows.append(_cells("without the cascade", found.without_cascade))
    rows += [_cells(name, prediction) for name, prediction in found.alternatives]
    heads = ("", "calls", "tokens in", "cached", "tokens out", "cost", "time")
    yield from table([heads, *rows])
    yield Line()
    calls = count(model.builder.options.concurrency, "call")
    yield Line(
        f"time: {calls} at once, 1s plus 1s per 80 tokens out each; a batch takes up to a day",
        "dim",
    )


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


def _cells(name: str, prediction: Prediction) -> tuple[str, ...]:
    usage = prediction.usage
    cost = money(usage.cost) if usage.cost is not None else "unknown"
    time = "" if prediction.seconds is None else span(prediction.seconds)
    numbers = (usage.calls, usage.input_tokens, usage.cached_tokens, usage.output_tokens)
    return (name, *(f"{number:,}" for number in numbers), cost, time)
