"""`classify run --engine ray`: judge on many cores or machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from classifier.cli.console import INTERRUPTED, emit, log
from classifier.cli.session import articles, open_project
from classifier.errors import UsageError

if TYPE_CHECKING:
    import typer

_ENGINES: Final = ("ray",)
_OTHERS: Final = (
    "since",
    "older_than",
    "most",
    "dry_run",
    "plan",
    "no_store",
    "rows",
    "sidecar",
    "write",
    "summary",
    "list_",
    "json",
    "explain",
)
"""Options that are about the store, or print results of articles."""
_SPELT: Final = {"most": "--at-most", "list_": "--list"}


def main(context: typer.Context) -> int:
    """Return the exit code. Raises a ClassifierError before anything is judged."""
    given = context.params
    _check(context)
    from classifier import distributed
    from classifier.cli.layout import Page
    from classifier.cli.render import distributed_run, run_summary

    with open_project(context) as project:
        (source,) = articles(project, given["paths"])
        found = distributed.run(
            project,
            source,
            given["output"],
            address=given["address"],
            workers=given["workers"],
            retry_failed=given["retry_failed"],
        )
        if not given["quiet"]:
            page = Page.for_stdout()
            emit(page.lay_out(distributed_run.lines(found, project.taxonomy, page)))
    run_summary.failures(found.progress)
    for message in dict.fromkeys(found.trouble):
        log(message)
    if found.progress.stopping:
        log("interrupted: run the same command again to continue from here")
        return INTERRUPTED
    if found.progress.over_budget:
        log("budget used up: raise --max-cost or --max-calls, or run again")
    return 0 if found.complete else 1


def _check(context: typer.Context) -> None:
    given = context.params
    if given["engine"] is None:
        option = "--address" if given["address"] else "--workers"
        raise UsageError(f"{option} is for clusters: add --engine ray")
    if given["engine"] not in _ENGINES:
        raise UsageError(f"--engine {given['engine']!r}: expected ray")
    for name in _OTHERS:
        if given[name]:
            option = _SPELT.get(name, f"--{name.replace('_', '-')}")
            raise UsageError(f"{option} and --engine ray exclude each other")
    if given["output"] is None:
        raise UsageError("--engine ray writes a folder of Parquet files: name it with --output")
    paths = given["paths"] or ()
    if len(paths) > 1:
        raise UsageError("--engine ray judges one source: a folder, a table, or a pattern")
    if paths and str(paths[0]) == "-":
        raise UsageError("--engine ray cannot read standard input (-): name a folder or a table")
