"""Run a folder: results as they come, a summary, and what failed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from classifier.cli.console import INTERRUPTED, emit, emit_result, log
from classifier.cli.layout import Line, Page
from classifier.cli.render import run_summary
from classifier.cli.render.markdown import append
from classifier.cli.session import Listener
from classifier.wording import count

if TYPE_CHECKING:
    from classifier.cli.run_options import RunOptions
    from classifier.project import Project
    from classifier.project.running import Run


def run_folders(project: Project, options: RunOptions) -> tuple[Run, int]:
    try:
        run = project.run(
            *options.paths,
            **options.judging,
            renew=options.renew,
            on_result=emit_result if options.json else None,
        )
    except KeyboardInterrupt:
        listener = project.on_event
        if isinstance(listener, Listener) and listener.progress is not None:
            pairs = count(listener.progress.pairs, "pair")
            log(f"stopped at once after {pairs}{_again(options)}")
        raise
    progress = run.progress
    if not progress.stopping:
        _write_results(run, options)
    if options.list or not options.quiet:
        _summarise(run, options)
    run_summary.failures(progress)
    left = count(run.scan.pending_pairs, "pair")
    if progress.stopping:
        unwritten = f"; {str(options.output)!r} is not written" if options.output else ""
        log(f"interrupted with {left} left{unwritten}{_again(options)}")
        return run, INTERRUPTED
    if progress.over_budget:
        log(f"budget used up, {left} left: raise --max-cost or --max-calls, or run again")
    return run, 0 if run.complete else 1


def _again(options: RunOptions) -> str:
    if not options.store:
        return "; nothing is kept with --no-store"
    return ": run the same command again to continue from here"


def _write_results(run: Run, options: RunOptions) -> None:
    if options.summary is not None:
        append(options.summary, run_summary.markdown(run))
    if options.output is not None:
        run.write_table(
            options.output, rows_of="articles" if options.rows == "articles" else "pairs"
        )


def _summary(run: Run, page: Page, options: RunOptions) -> Iterator[Line]:
    few = len(run.scan.entries) <= run_summary.LISTED and not options.json
    if options.list or few:
        yield from run_summary.listed(run)
    if not options.quiet:
        if options.list or few:
            yield Line()
        yield from run_summary.lines(run, page, output=options.output)


def _summarise(run: Run, options: RunOptions) -> None:
    page = Page.on(sys.stderr if options.json else sys.stdout)
    text = page.lay_out(_summary(run, page, options))
    if options.json:
        sys.stderr.write(f"{text}\n")
    else:
        emit(text)
