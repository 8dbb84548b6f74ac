"""Judge what is due while one can watch, and stop when asked to."""

from __future__ import annotations

import sys
from contextlib import closing
from threading import Event

from classifier.cli import progress
from classifier.cli.interrupts import first_interrupt
from classifier.cli.streams import say
from classifier.cli.tally import Tally, Watched
from classifier.corpus import Corpus, Scan
from classifier.runs import judge
from classifier.scorers.base import Scorer
from classifier.store import Store


def tally_of(scan: Scan) -> Tally:
    return Tally(
        due_articles=len(scan.pending), due_pairs=scan.pending_pairs, on_record=scan.stored_pairs
    )


def judge_due(
    corpus: Corpus, scan: Scan, *, scorer: Scorer, store: Store, tally: Tally, quiet: bool
) -> None:
    """Judge and keep it, counted in `tally`.

    The first Ctrl-C ends it early, with `Tally.stopping` set; the next raises KeyboardInterrupt.
    """
    stop = Event()

    def finish() -> None:
        tally.stopping = True
        stop.set()
        if not quiet and not sys.stderr.isatty():
            say(progress.stopping(tally))

    outcomes = judge(corpus, scan, scorer=Watched(scorer, tally), store=store, stop=stop)
    with first_interrupt(finish), progress.shown(tally, quiet=quiet), closing(outcomes):
        for outcome in outcomes:
            tally.add(outcome)
