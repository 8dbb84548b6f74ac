"""`--dry-run`: what a run would judge and what it would cost. Makes no call and needs no key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from rich.text import Text

from classifier.cli.console import emit
from classifier.cli.formatting import count, who
from classifier.cli.page import Line, Page
from classifier.cli.summary import between
from classifier.corpus import Corpus, Scan
from classifier.models import Task
from classifier.progress import Estimating
from classifier.sanitize import one_line
from classifier.scorers.base import Scorer
from classifier.scorers.cached import Cached
from classifier.scorers.cascade.scorer import Cascade
from classifier.scorers.openai.estimate import Estimate
from classifier.store import Store


def forecast(corpus: Corpus, scan: Scan, scorer: Scorer, store: Store) -> int:
    """Return the exit code."""
    emit(Page.for_stdout().lay_out(_lines(corpus, scan, scorer, store)))
    return 0


def _lines(corpus: Corpus, scan: Scan, scorer: Scorer, store: Store) -> Iterator[Line]:
    unread = f", {len(scan.unread):,} cannot be read" if scan.unread else ""
    skipped = f", {len(scan.skipped):,} skipped" if scan.skipped else ""
    yield _row("articles", f"{len(scan.entries):,}{unread}{skipped}")
    yield _row("pairs", f"{scan.pairs:,}: {scan.stored_pairs:,} on record or copies of others")
    yield _row(
        "to judge", f"{count(scan.pending_pairs, 'pair')} of {count(len(scan.pending), 'article')}"
    )
    yield _row("judge", who(scorer.identity))
    if isinstance(scorer, Cascade):
        yield from _cascade(_expected(corpus, scan, scorer, store), scorer)
    elif isinstance(scorer, Estimating):
        yield from _costs(_total(scorer, corpus.tasks(scan)))
    else:
        yield _row("cost", "free: judged on this computer")


@dataclass(slots=True)
class _Expected:
    """What a cascade would do."""

    settled: int = 0
    """Pairs."""
    asked: int = 0
    stored: int = 0
    """Of those to be asked about."""
    cost: Estimate = field(default_factory=Estimate)
    in_full: Estimate = field(default_factory=Estimate)
    """Without the first scorer."""


def _expected(corpus: Corpus, scan: Scan, scorer: Cascade, store: Store) -> _Expected:
    first, known = Cached(scorer.first, store, kept=False), Cached(scorer.second, store)
    found = _Expected()
    for split in Cascade(first, scorer.second, scorer.deferral).split(corpus.tasks(scan)):
        rest = split.rest or replace(split.task, categories=())
        left, every = known.left(rest), known.left(split.task)
        found.settled += len(split.settled.judgements)
        found.asked += len(rest.categories)
        found.stored += len(rest.categories) - (len(left.categories) if left else 0)
        if isinstance(scorer.second, Estimating):
            found.cost += _total(scorer.second, [left] if left else [])
            found.in_full += _total(scorer.second, [every] if every else [])
    return found


def _cascade(found: _Expected, scorer: Cascade) -> Iterator[Line]:
    yield _row("rule", scorer.deferral.description)
    yield _row("settled", f"{count(found.settled, 'pair')} by {who(scorer.first.identity)}")
    judged = f", {found.stored:,} of them on record" if found.stored else ""
    yield _row("to ask", f"{count(found.asked, 'pair')}{judged}")
    yield from _costs(found.cost)
    yield _row("in full", f"{between(found.in_full)} without the cascade")


def _total(scorer: Estimating, tasks: Iterable[Task]) -> Estimate:
    return sum(map(scorer.estimate, tasks), Estimate())


def _costs(expected: Estimate) -> Iterator[Line]:
    yield _row("calls", f"{expected.calls:,}")
    yield _row(
        "tokens in", f"{expected.input_tokens:,} (up to {expected.cached_tokens:,} of them cached)"
    )
    yield _row("tokens out", f"{expected.output_tokens:,}")
    yield _row("cost", between(expected))


def costs(corpus: Corpus, scan: Scan, scorer: Scorer, store: Store) -> str:
    """Return about what it would cost to judge what is missing, by a scorer that is paid."""
    if isinstance(scorer, Cascade):
        return between(_expected(corpus, scan, scorer, store).cost)
    assert isinstance(scorer, Estimating)
    return between(_total(scorer, corpus.tasks(scan)))


def _row(name: str, told: str) -> Line:
    return Line(Text(f"{name + ':':<12}{one_line(told)}"))
