"""Run `classify run` with its options."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from classifier import composition
from classifier.cli.console import INTERRUPTED, emit, emit_result, log
from classifier.cli.layout import Page, show
from classifier.cli.next_step import show_next
from classifier.cli.option_checks import shortlist_remark
from classifier.cli.render.result import render as render_result
from classifier.cli.run_options import STDIN, RunOptions
from classifier.cli.session import articles, open_project
from classifier.content.collections import is_collection
from classifier.errors import UsageError
from classifier.wording import count

if TYPE_CHECKING:
    import typer

    from classifier.models import Failure, Result
    from classifier.pipeline import Source
    from classifier.project import Project
    from classifier.project.running import Run

_WARNINGS: Final = 5


def main(context: typer.Context) -> int:
    """Return the exit code. Raises a ClassifierError before anything is judged."""
    options = RunOptions.of(context)
    if options.paths:
        options.check()
    with open_project(context) as project:
        if not options.paths:
            options = replace(options, paths=articles(project, ()))
            options.check()
        folders = options.judges_folders()
        _remark(project)
        if options.since is not None:
            options = replace(options, paths=_changed(project, options.since, options.paths))
            if not options.paths:
                return 0
        if options.plan or options.dry_run:
            return _show_estimate(project, options)
        if not folders:
            return max(_pages(project, options), _write_out(project, options))
        from classifier.cli.folder_run import run_folders

        run, code = run_folders(project, options)
        if code != INTERRUPTED:
            code = max(code, _write_out(project, options))
            _advise(project, context, run)
        return code


def _advise(project: Project, context: typer.Context, run: Run) -> None:
    options = context.params
    # Over budget, the run has said what to do; without a store nothing is remembered.
    if not (options["no_store"] or options["since"] or run.progress.over_budget):
        show_next(project, context, "run", options["paths"] or (), run)


def _changed(project: Project, since: str, paths: Sequence[Path]) -> Sequence[Path]:
    changed = project.changed_since(since, *paths)
    if not changed:
        log(f"no article has changed since {since!r}")
    return changed


def _show_estimate(project: Project, options: RunOptions) -> int:
    # Imported here: it knows of language models, and a run that judges need not.
    from classifier.cli.render import estimate as render

    if options.plan:
        show(render.plan(project.plan(*options.paths, **options.judging)))
    else:
        estimate = project.estimate(*options.paths, **options.judging, renew=options.renew)
        show(render.estimate(estimate))
    return 0


def _remark(project: Project) -> None:
    if project.settings.scorer == "cascade":
        file = composition.cuts_file(project.settings)
        if remark := shortlist_remark(project.scorer, file):
            project.note(remark)
    warnings = project.taxonomy.warnings
    for warning in warnings[:_WARNINGS]:
        project.warn(warning)
    if len(warnings) > _WARNINGS:
        more = len(warnings) - _WARNINGS
        project.note(f"and {more:,} more warnings; `classify categories` shows all")


# --- single articles ------------------------------------------------------------------------------


def _pages(project: Project, options: RunOptions) -> int:
    if options.collections():
        return _entries(project, options)
    return _show(project.classify_many(map(_source, options.paths), **options.judging), options)


def _show(results: Iterable[Result], options: RunOptions) -> int:
    ok = True
    for number, result in enumerate(results):
        if options.json:
            emit_result(result)
        elif result.judgements:
            page = render_result(result, Page.for_stdout(), explain=options.explain)
            emit(page if number == 0 else f"\n{page}")
        for failure in result.failures:
            log(_failure(result.article, failure))
        for text in () if options.quiet else result.notes:
            log(f"{result.article!r}: note: {text}")
        ok = ok and result.ok
    return 0 if ok else 1


def _entries(project: Project, options: RunOptions) -> int:
    results = chain.from_iterable(
        project.classify_entries(path, **options.judging)
        if is_collection(path)
        else project.classify_many([_source(path)], **options.judging)
        for path in options.paths
    )
    if options.output is None:
        return _show(results, options)
    from classifier.outputs import rows, tables

    made = _Passing(results, options)
    if options.rows == "articles":
        tables.write(options.output, (rows.article_row(it) for it in made), rows.ARTICLES)
    else:
        pairs = chain.from_iterable(rows.pair_rows(it) for it in made)
        tables.write(options.output, pairs, rows.PAIRS)
    if not options.quiet:
        log(f"{count(made.judged, 'article')} judged, {made.failed:,} failed: {options.output}")
    return 1 if made.failed else 0


class _Passing:
    """Counts results, and says what failed, as they pass."""

    def __init__(self, results: Iterable[Result], options: RunOptions) -> None:
        self._results, self._json = results, options.json
        self.judged = self.failed = 0

    def __iter__(self) -> Iterator[Result]:
        for result in self._results:
            self.judged += result.ok
            self.failed += not result.ok
            for failure in result.failures:
                log(_failure(result.article, failure))
            if self._json:
                emit_result(result)
            yield result


def _source(path: Path) -> Source:
    if path != STDIN:
        return path
    if sys.stdin is None:
        raise UsageError("standard input (-) is closed: name a file, or pipe the article in")
    if sys.stdin.isatty():
        log("reading the article from the terminal; Ctrl-D ends it")
    return sys.stdin.buffer.read()


def _failure(article: str, failure: Failure) -> str:
    if not failure.categories:
        return failure.message  # about the file, which it names
    count = len(failure.categories)
    what = failure.categories[0] if count == 1 else f"{count} categories"
    return f"{article!r}: {what} not judged ({failure.reason}): {failure.message}"


def _write_out(project: Project, options: RunOptions) -> int:
    code = 0
    if options.sidecar:
        from classifier.cli.render.sidecars import show_written

        written = project.write_sidecars(*options.paths)
        show_written(written, quiet=options.quiet)
        code = 1 if written.errors else 0
    if options.write:
        from classifier.cli.render.apply import show_refused, show_result

        applied = project.apply(*options.paths, on_file=show_refused)
        show_result(applied, dry_run=False, quiet=options.quiet)
        code = code if applied.ok else 1
    return code
