"""`classify store stats`, `gc` and `verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o
from classifier.cli.commands.group import group

app = group(help="Inspect and clean up the record store.")


@app.command("stats")
def store_stats(context: typer.Context, store: o.Store = None, json: o.Json = False) -> int:
    """Count the stored records, with the usage and cost of each scorer."""
    from classifier.cli.console import emit_json
    from classifier.cli.layout import show
    from classifier.cli.render import store as render
    from classifier.cli.session import open_project

    with open_project(context, defaults_matter=False) as project:
        found = project.store_stats()
    if json:
        emit_json(render.stats_to_dict(found))
    else:
        show(render.stats(found))
    return 0


_Categories = Annotated[
    Path | None,
    typer.Option(
        metavar="PATH", help="Also delete judgements made with other definitions than these."
    ),
]
_Yes = Annotated[bool, typer.Option("--yes", help="Delete them.")]


@app.command("gc")
def store_gc(
    context: typer.Context,
    categories: _Categories = None,
    yes: _Yes = False,
    store: o.Store = None,
) -> int:
    """Show records that are no longer needed; with --yes, delete them.

    These are judgements replaced by later ones, and judgements of texts that no file contains any
    more.
    """
    from classifier.cli.console import log
    from classifier.cli.layout import show
    from classifier.cli.render import store as render
    from classifier.cli.session import open_project

    with open_project(context, defaults_matter=False) as project:
        found = project.collect_garbage(other_definitions=categories is not None, dry_run=not yes)
    show(render.garbage(found, deleted=yes))
    if not yes and (found.judgements or found.missing_files):
        log("nothing was deleted: add --yes to delete")
    return 0


@app.command("verify")
def store_verify(context: typer.Context, store: o.Store = None) -> int:
    """Check the store for damage.

    Exit code 0: no damage. 1: damage. 2: usage error.
    """
    from classifier.cli.console import emit
    from classifier.cli.session import open_project
    from classifier.sanitize import one_line

    with open_project(context, defaults_matter=False) as project:
        damage = project.verify_store()
    for line in damage or ["no damage found"]:
        emit(one_line(line))
    return 1 if damage else 0


_Folder = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER", help="Folder of partitions, or its address.", show_default=False
    ),
]


@app.command("import")
def store_import(context: typer.Context, folder: _Folder, store: o.Store = None) -> int:
    """Store what `classify run --engine ray` has judged.

    Exit code 0: done. 1: a file is damaged. 2: usage error.
    """
    from classifier.cli.console import log
    from classifier.cli.layout import show
    from classifier.cli.render import store as render
    from classifier.cli.session import open_project

    with open_project(context, defaults_matter=False) as project:
        found = project.import_partitions(folder)
    for error in found.errors:
        log(error)
    show(render.imported(found))
    return 1 if found.errors else 0
