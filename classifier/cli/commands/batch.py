"""`classify batch submit`, `status`, `collect` and `cancel`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from classifier.cli import options as o
from classifier.cli.commands.group import group

if TYPE_CHECKING:
    from classifier.corpus import Scan

app = group(help="Classify through the Batch API: about half price, up to 24 hours.")


_Scorer = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="openai asks about everything; cascade only about what embedded leaves open.",
        rich_help_panel=o.JUDGE,
    ),
]
_BatchMegabytes = Annotated[
    float | None,
    typer.Option(
        "--megabytes",
        metavar="N",
        help="Maximum size of a file, in megabytes. Default: 200.",
        rich_help_panel=o.LIMITS,
    ),
]


@app.command("submit")
def submit(
    context: typer.Context,
    paths: o.Articles = None,
    *,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    scorer: _Scorer = "openai",
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    cuts: o.Cuts = None,
    shortlist: o.Shortlist = None,
    prompts: o.Prompts = None,
    pack: o.Pack = None,
    no_canary: o.NoCanary = False,
    batch_tokens: o.BatchTokens = None,
    batch_megabytes: _BatchMegabytes = None,
    max_cost: o.MaxCost = None,
    max_calls: o.MaxCalls = None,
    retry_failed: o.RetryFailed = False,
    older_than: o.OlderThan = None,
    most: o.AtMost = None,
    dry_run: o.EstimateOnly = False,
    store: o.Store = None,
    quiet: o.Quiet = False,
) -> int:
    """Send pairs that are not classified yet to a language model, in files.

    Pairs that are stored, or in another batch, are skipped. An interrupted submit can be run
    again: nothing is sent or paid for twice.

    Exit code 0: done. 1: an article cannot be read, or the budget is used up. 2: usage error, or
    the server failed.
    """
    from classifier.cli.layout import show
    from classifier.cli.option_checks import check_choice, renew_options
    from classifier.cli.render import batch as render
    from classifier.cli.session import articles, open_project

    check_choice("--scorer", scorer, ("openai", "cascade"))
    renew = renew_options(older_than, most)
    with open_project(context, scorer=scorer) as project:
        chosen = articles(project, paths)
        if dry_run:
            expected = project.batch.estimate(*chosen, retry_failed=retry_failed, renew=renew)
            show(render.estimate(expected))
            return _exit_code(expected.scan, over_budget=expected.over_budget > 0)
        sent = project.batch.submit(*chosen, retry_failed=retry_failed, renew=renew)
    if not quiet:
        show(render.submission(sent))
    return _exit_code(sent.scan, over_budget=sent.over_budget)


def _exit_code(scan: Scan, *, over_budget: bool) -> int:
    from classifier.cli.console import log

    for failure in scan.unread.values():
        log(failure.message)
    if over_budget:
        log("budget used up: raise --max-cost or --max-calls, or submit the rest later")
    return 1 if scan.unread or over_budget else 0


@app.command("status")
def status(
    context: typer.Context,
    paths: o.About = None,
    *,
    base_url: o.BaseUrl = None,
    store: o.Store = None,
    json: o.Json = False,
) -> int:
    """Show all batches with their current status at the server."""
    from classifier.cli.console import emit_json, log
    from classifier.cli.layout import show
    from classifier.cli.render import batch as render
    from classifier.cli.session import open_project

    with open_project(context, defaults_matter=False, scorer="openai") as project:
        found = project.batch.status(*paths or ())
    if json:
        emit_json(render.statuses_to_dict(found))
    elif found:
        show(render.statuses(found))
    else:
        log("no batches are stored")
    return 0


_Wait = Annotated[bool, typer.Option("--wait", help="Keep collecting until no batch is open.")]


@app.command("collect")
def collect(
    context: typer.Context,
    paths: o.About = None,
    *,
    wait: _Wait = False,
    batch_tokens: o.BatchTokens = None,
    base_url: o.BaseUrl = None,
    store: o.Store = None,
    quiet: o.Quiet = False,
) -> int:
    """Store the answers of finished batches, and start batches that wait for the queue.

    Pairs without an answer are left for the next submit, with the reason.

    Exit code 0: done. 1: an article was not classified completely. 2: usage error, or the server
    failed.
    """
    from classifier.cli.console import log
    from classifier.cli.render import batch as render
    from classifier.cli.render.run_summary import failures
    from classifier.cli.session import open_project

    with open_project(context, defaults_matter=False, scorer="openai") as project:
        result = project.batch.collect(*paths or (), wait=wait)
    failures(result.progress)
    if result.open and not quiet:
        log(render.still_open(result.open))
    return 1 if result.progress.failed else 0


_Batch = Annotated[
    str,
    typer.Option(metavar="NAME", help="Only this batch, by its name in `classify batch status`."),
]


@app.command("cancel")
def cancel(
    context: typer.Context,
    paths: o.About = None,
    *,
    batch: _Batch = "",
    base_url: o.BaseUrl = None,
    store: o.Store = None,
) -> int:
    """Cancel open batches. Requests answered so far are charged and can be collected."""
    from classifier.cli.console import emit, log
    from classifier.cli.render import batch as render
    from classifier.cli.session import open_project

    with open_project(context, defaults_matter=False, scorer="openai") as project:
        found = project.batch.cancel(*paths or (), name=batch)
    for one in found:
        emit(render.cancelled(one))
    if not found:
        log(f"no open batch named {batch!r}" if batch else "no open batches")
    return 0
