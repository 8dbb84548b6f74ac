"""Commands of the Batch API."""

from __future__ import annotations

from typing import Annotated

import typer

from classifier.cli import options as o
from classifier.cli.commands.group import group, selection

batch_app = group(help="Classify through the Batch API: about half price, up to 24 hours.")


@batch_app.command("submit")
def batch_submit(
    paths: o.Articles,
    *,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    pack: o.Pack = None,
    no_canary: o.NoCanary = False,
    tokens: o.QueueTokens = None,
    megabytes: Annotated[
        float | None,
        typer.Option(
            metavar="N",
            help="Maximum size of a file, in megabytes. Default: 200.",
            rich_help_panel=o.LIMITS,
        ),
    ] = None,
    max_cost: o.MaxCost = None,
    max_calls: o.MaxCalls = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Show what would be sent and what it would cost; send nothing.",
            rich_help_panel=o.LIMITS,
        ),
    ] = False,
    store: o.Store = None,
    quiet: o.Quiet = False,
) -> int:
    """Send pairs that are not classified yet to a language model, in files.

    Pairs that are stored, or in another batch, are skipped. An interrupted submit can be run
    again: what was sent is found and not paid for twice.

    Exit code 0: done. 1: an article cannot be read, or the budget is used up. 2: usage error, or
    the server failed.
    """
    from classifier.cli.batch_api import Asked, submit
    from classifier.cli.job import Names

    overrides = {
        "categories": categories,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "pack": pack,
        "canary": False if no_canary else None,
        "batch_tokens": tokens,
        "batch_megabytes": megabytes,
        "max_cost": max_cost,
        "max_calls": max_calls,
        "store": store,
    }
    return submit(
        Asked(
            paths=paths,
            names=Names(kind or (), category or ()),
            files=selection(include, exclude),
            dry_run=dry_run,
            quiet=quiet,
        ),
        overrides=overrides,
    )


@batch_app.command("status")
def batch_status(
    paths: o.About = None,
    *,
    base_url: o.BaseUrl = None,
    store: o.Store = None,
    json: o.Json = False,
) -> int:
    """Show all batches with their current status at the server."""
    from classifier.cli.batch_api import status

    return status(paths or (), overrides={"base_url": base_url, "store": store}, json=json)


@batch_app.command("collect")
def batch_collect(
    paths: o.About = None,
    *,
    wait: Annotated[
        bool, typer.Option("--wait", help="Keep collecting until no batch is open.")
    ] = False,
    tokens: o.QueueTokens = None,
    base_url: o.BaseUrl = None,
    store: o.Store = None,
    quiet: o.Quiet = False,
) -> int:
    """Store the answers of finished batches, and start batches that wait for the queue.

    Pairs without an answer are left for the next submit, with the reason.

    Exit code 0: done. 1: an article was not classified completely. 2: usage error, or the server
    failed.
    """
    from classifier.cli.batch_api import collect

    overrides = {"base_url": base_url, "batch_tokens": tokens, "store": store}
    return collect(paths or (), overrides=overrides, wait=wait, quiet=quiet)


@batch_app.command("cancel")
def batch_cancel(
    paths: o.About = None,
    *,
    batch: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Only this batch, by its name in `classify batch status`."
        ),
    ] = "",
    base_url: o.BaseUrl = None,
    store: o.Store = None,
) -> int:
    """Stop open batches. Requests answered so far are charged and can be collected."""
    from classifier.cli.batch_api import cancel

    return cancel(paths or (), overrides={"base_url": base_url, "store": store}, name=batch)
