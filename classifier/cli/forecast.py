"""`--dry-run`: what a run would judge and what it would cost. Makes no call and needs no key."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from classifier.cli.page import Line, Page
from classifier.cli.streams import write
from classifier.cli.summary import between
from classifier.cli.tally import Estimating
from classifier.cli.words import count, who
from classifier.corpus import Corpus, Survey
from classifier.outputs.safe import one_line
from classifier.scorers.base import Scorer
from classifier.scorers.estimate import Estimate


def forecast(corpus: Corpus, survey: Survey, scorer: Scorer) -> int:
    """Return the exit code."""
    write(Page.for_stdout().lay_out(_lines(corpus, survey, scorer)))
    return 0


def _lines(corpus: Corpus, survey: Survey, scorer: Scorer) -> Iterator[Line]:
    unread = f", {len(survey.unread):,} cannot be read" if survey.unread else ""
    skipped = f", {len(survey.skipped):,} skipped" if survey.skipped else ""
    yield _row("articles", f"{len(survey.entries):,}{unread}{skipped}")
    yield _row("pairs", f"{survey.pairs:,}: {survey.on_record:,} on record or copies of others")
    yield _row(
        "to judge", f"{count(survey.missing, 'pair')} of {count(len(survey.due), 'article')}"
    )
    yield _row("judge", who(scorer.identity))
    if not isinstance(scorer, Estimating):
        yield _row("cost", "free: judged on this computer")
        return
    total = sum(map(scorer.estimate, corpus.tasks(survey)), Estimate())
    yield _row("calls", f"{total.calls:,}")
    yield _row(
        "tokens in", f"{total.input_tokens:,} (up to {total.cached_tokens:,} of them cached)"
    )
    yield _row("tokens out", f"{total.output_tokens:,}")
    yield _row("cost", between(total))


def costs(corpus: Corpus, survey: Survey, scorer: Estimating) -> str:
    """Return about what it would cost to judge what is missing."""
    return between(sum(map(scorer.estimate, corpus.tasks(survey)), Estimate()))


def _row(name: str, told: str) -> Line:
    return Line(Text(f"{name + ':':<12}{one_line(told)}"))
