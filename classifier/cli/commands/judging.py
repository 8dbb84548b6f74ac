"""Commands that judge, and that show what is judged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o
from classifier.cli.commands.group import JUDGE, group
from classifier.cli.commands.run import run
from classifier.cli.commands.status import status

app = group()
app.command(rich_help_panel=JUDGE)(run)
app.command(rich_help_panel=JUDGE)(status)


@app.command("show", rich_help_panel=JUDGE)
def show_records(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="ARTICLE", help="A file or bundle folder; it may be gone.", show_default=False
        ),
    ],
    *,
    categories: o.Categories = None,
    store: o.Store = None,
    json: o.Json = False,
) -> int:
    """Show what is on record of an article: by whom, its history, and what changed."""
    from classifier.cli.show import show

    return show(path, overrides={"categories": categories, "store": store}, json=json)


@app.command("categories", rich_help_panel=JUDGE)
def list_categories(
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    quiet: o.Quiet = False,
) -> int:
    """List the categories, the rule of each kind, and every warning about the definitions."""
    from classifier.cli.categories import show
    from classifier.cli.job import Names

    return show(categories, names=Names(kind or (), category or ()), quiet=quiet)
