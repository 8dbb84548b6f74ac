"""Commands that look after the records."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o
from classifier.cli.commands.group import group

store_app = group(help="Look after the records.")


@store_app.command("stats")
def store_stats(store: o.Store = None, json: o.Json = False) -> int:
    """Count what is stored, for each scorer, with what it cost."""
    from classifier.cli.upkeep import stats

    return stats(store, json=json)


@store_app.command("gc")
def store_gc(
    categories: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH", help="Drop judgements of all but these category definitions, too."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Drop it.")] = False,
    store: o.Store = None,
) -> int:
    """Show which records nothing needs any more; with --yes, drop them.

    Those are earlier judgements of a pair, and those of texts that no file holds any more.
    """
    from classifier.cli.upkeep import gc

    return gc(store, categories=categories, yes=yes)


@store_app.command("verify")
def store_verify(store: o.Store = None) -> int:
    """Look for damage. Exit code 1 where there is some."""
    from classifier.cli.upkeep import verify

    return verify(store)
