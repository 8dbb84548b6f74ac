"""Judge what is due while one can watch, and stop when asked to."""

from __future__ import annotations

import sys
from contextlib import closing
from threading import Event

from classifier.cli import display
from classifier.cli.console import log
from classifier.cli.interrupts import first_interrupt
from classifier.corpus import Corpus, Scan
from classifier.progress import Progress, WatchedScorer
from classifier.runs import judge
from classifier.scorers.base import Scorer
from classifier.store import Store


def progress_of(scan: Scan) -> Progress:
    return Progress(
        due_articles=len(scan.pending), due_pairs=scan.pending_pairs, stored=scan.stored_pairs
    )


def judge_due(
    corpus: Corpus, scan: Scan, *, scorer: Scorer, store: Store, progress: Progress, quiet: bool
) -> None:
    """Judge and keep it, counted in `progress`.

    The first Ctrl-C ends it early, with `Progress.stopping` set; the next raises KeyboardInterrupt.
    """
    stop = Event()

    def finish() -> None:
        progress.stopping = True
        stop.set()
        if not quiet and not sys.stderr.isatty():
            log(display.stopping(progress))

    outcomes = judge(corpus, scan, scorer=WatchedScorer(scorer, progress), store=store, stop=stop)
    with first_interrupt(finish), display.shown(progress, quiet=quiet), closing(outcomes):
        for outcome in outcomes:
            progress.add(outcome)
