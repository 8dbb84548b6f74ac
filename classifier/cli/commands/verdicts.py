"""`classify verdicts list` and `import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o
from classifier.cli.commands.group import group

app = group(help="List and import human verdicts.")


@app.command("list")
def list_verdicts(context: typer.Context, store: o.Store = None, json: o.Json = False) -> int:
    """List the stored verdicts on articles."""
    from classifier.cli.console import emit_json
    from classifier.cli.layout import show
    from classifier.cli.render import verdicts as render
    from classifier.cli.session import open_project

    with open_project(context, defaults_matter=False) as project:
        found = project.verdicts()
    if json:
        emit_json(render.to_dict(found))
    else:
        show(render.lines(found))
    return 0


@app.command("import")
def import_verdicts(
    context: typer.Context,
    gold: Annotated[
        Path,
        typer.Argument(
            metavar="GOLD",
            help="A .csv, .tsv or .jsonl file of pairs, or a folder of articles with labels.",
            show_default=False,
        ),
    ],
    *,
    field: o.Fields = None,
    content: o.Content = None,
    categories: o.Categories = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    store: o.Store = None,
) -> int:
    """Store human labels as verdicts.

    Only labels that are written count: an article without a label is not a rejection.
    """
    from classifier.cli.console import log
    from classifier.cli.render import verdicts as render
    from classifier.cli.session import open_project
    from classifier.project.gold import GoldSource

    with open_project(context, defaults_matter=False) as project:
        imported = project.import_verdicts(GoldSource(gold, tuple(field or ()), content))
    log(render.imported(imported))
    return 0
