"""`--plan`: how a language model would be asked, what that takes, and what else could be done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.text import Text

from classifier.cli.console import emit
from classifier.cli.formatting import count, money, span, who
from classifier.cli.page import Line, Page
from classifier.corpus import Corpus, Scan
from classifier.errors import UsageError
from classifier.models import Task
from classifier.sanitize import one_line
from classifier.scorers.base import Scorer
from classifier.scorers.cached import Cached
from classifier.scorers.cascade.scorer import Cascade
from classifier.scorers.openai.planning import PACK, Load, Prediction, Rates, predict, strategies
from classifier.scorers.openai.scorer import OpenAIScorer
from classifier.store import Store

_HEADS: Final = ("calls", "tokens in", "cached", "tokens out", "cost", "time")


def plan(corpus: Corpus, scan: Scan, scorer: Scorer, store: Store) -> int:
    """Return the exit code. Raises UsageError where there is nothing to choose."""
    model = scorer.second if isinstance(scorer, Cascade) else scorer
    if not isinstance(model, OpenAIScorer):
        raise UsageError(f"--plan is for language models, and {who(scorer.identity)} is none")
    tasks = list(corpus.tasks(scan))
    load = model.load(_asked(scorer, tasks, store))
    page = Page.for_stdout()
    emit(page.lay_out(_lines(model, load, model.load(tasks), scan)))
    return 0


def _asked(scorer: Scorer, tasks: Iterable[Task], store: Store) -> Iterator[Task]:
    """Yield what is left for the language model."""
    if not isinstance(scorer, Cascade):
        yield from tasks
        return
    known = Cached(scorer.second, store)
    first = Cached(scorer.first, store, kept=False)
    for split in Cascade(first, scorer.second, scorer.deferral).split(tasks):
        if split.rest is not None and (left := known.left(split.rest)) is not None:
            yield left


def _lines(model: OpenAIScorer, load: Load, whole: Load, scan: Scan) -> Iterator[Line]:
    options, chosen = model.endpoint.options, model.strategy
    rates = Rates(concurrency=options.concurrency, rpm=options.rpm, tpm=options.tpm)
    found = predict(load, chosen, rates=rates)
    yield _row("judge", who(model.identity))
    yield _row("to ask", f"{count(load.pairs, 'pair')} of {count(len(scan.pending), 'article')}")
    yield from (_row("plan" if not n else "", told) for n, told in enumerate(_why(model)))
    yield Line()
    rows = [_cells(found, "as planned")]
    for it in strategies(load, chosen):
        other = predict(whole if it.pack == 1 else load, it, rates=rates)
        if it.tier != "flex" or other.usage.cost != found.usage.cost:  # it has no such tier
            rows.append(_cells(other, it.name))
    if whole.pairs > load.pairs:
        rows.insert(1, _cells(predict(whole, chosen, rates=rates), "without the cascade"))
    yield from _table(rows)
    yield Line()
    yield Line(
        f"time: {count(options.concurrency, 'call')} at once, 1s and a second for 80 tokens out "
        "each; a batch takes up to a day",
        "dim",
    )


def _why(model: OpenAIScorer) -> Iterator[str]:
    used, chosen = model.endpoint, model.strategy
    if used.options.pack:
        yield f"up to {used.pack:,} of an article's categories a call (set)"
    else:
        yield f"up to {PACK} of an article's categories a call: more are cheaper,"
        yield "if `classify eval GOLD --pack 1,10,20` shows that they are as good"
    yield (
        "scores and a phrase for what is clearly out, the rest in full"
        if chosen.short
        else "reasons and quotes for every category"
    )
    yield "rubric and categories before the article, for the server's cache"
    yield "of calls that begin alike, the first goes alone" + (
        ", and all say so" if used.names_beginnings else ""
    )


def _cells(found: Prediction, name: str) -> tuple[str, ...]:
    usage = found.usage
    cost = money(usage.cost) if usage.cost is not None else "unknown"
    time = "" if found.seconds is None else span(found.seconds)
    numbers = (usage.calls, usage.input_tokens, usage.cached_tokens, usage.output_tokens)
    return (name, *(f"{number:,}" for number in numbers), cost, time)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[Line]:
    every = [("", *_HEADS), *rows]
    widths = [max(len(row[i]) for row in every) for i in range(len(every[0]))]
    for number, row in enumerate(every):
        cells = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        text = "  ".join((row[0].ljust(widths[0]), *cells)).rstrip()
        yield Line(Text(text), "dim" if not number else "", whole=True)


def _row(name: str, told: str) -> Line:
    return Line(Text(f"{name + ':' if name else '':<8}{one_line(told)}"))
