"""Commands of the Batch API."""

from __future__ import annotations

from typing import Annotated

import typer

from classifier.cli import options as o
from classifier.cli.commands.group import group, selection

batch_app = group(help="Judge by files, at half price, within a day.")


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
            help="Size of a file at most; 200 by default.",
            rich_help_panel=o.LIMITS,
        ),
    ] = None,
    max_cost: o.MaxCost = None,
    max_calls: o.MaxCalls = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Say what would be asked and what it would cost, and send nothing.",
            rich_help_panel=o.LIMITS,
        ),
    ] = False,
    store: o.Store = None,
    quiet: o.Quiet = False,
) -> int:
    """Ask a language model about all that is not judged yet, in files.

    What is on record, or was asked already, is not asked again. Run it again after it was
    interrupted: what was sent is found and not paid twice.

    Exit code 0: done. 1: some article cannot be read, or the budget is used up. 2: the call is
    wrong, or the server refuses.
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
    """Show how far the batches are: as on record, and what the server says now."""
    from classifier.cli.batch_api import status

    return status(paths or (), overrides={"base_url": base_url, "store": store}, json=json)


@batch_app.command("collect")
def batch_collect(
    paths: o.About = None,
    *,
    wait: Annotated[
        bool, typer.Option("--wait", help="Go on until nothing is open any more.")
    ] = False,
    tokens: o.QueueTokens = None,
    base_url: o.BaseUrl = None,
    store: o.Store = None,
    quiet: o.Quiet = False,
) -> int:
    """Put the answers of batches that have ended on record, and start those that wait for room.

    What was not answered is left for the next submit, with the reason.

    Exit code 0: done. 1: some article was not judged in full. 2: the call is wrong, or the server
    refuses.
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
        typer.Option(metavar="NAME", help="Only this one, as `classify batch status` names it."),
    ] = "",
    base_url: o.BaseUrl = None,
    store: o.Store = None,
) -> int:
    """Stop the batches that are open. What is answered already is paid and can be collected."""
    from classifier.cli.batch_api import cancel

    return cancel(paths or (), overrides={"base_url": base_url, "store": store}, name=batch)
