"""`classify sidecars`: write and import judgements in files beside the articles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o
from classifier.cli.commands.group import group

app = group(help="Write and import judgements in files beside the articles.")


@app.command("write")
def write(
    context: typer.Context,
    paths: o.Articles = None,
    *,
    categories: o.Categories = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    scorer: o.Scorer = None,
    fast: o.Fast = False,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_canary: o.NoCanary = False,
    trained: o.Trained = None,
    no_examples: o.NoExamples = False,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Also write over imported judgements with those of the embedded scorer.",
            rich_help_panel=o.WRITTEN,
        ),
    ] = False,
    store: o.Store = None,
    quiet: o.Quiet = False,
) -> int:
    """Write what is stored about each article to data.NAME.classifications.json beside it.

    Judges nothing. Files that are up to date stay untouched. A file with judgements that are not
    stored is skipped: import it first.

    Exit code 0: done. 1: some files were skipped. 2: usage error.
    """
    from classifier.cli.render.sidecars import show_written
    from classifier.cli.session import articles, open_project

    with open_project(context, defaults_matter=False) as project:
        written = project.write_sidecars(*articles(project, paths), replace=replace)
    show_written(written, quiet=quiet)
    return 1 if written.errors else 0


_Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH",
        help="Articles, folders of them, or sidecars.",
        show_default=False,
    ),
]


@app.command("import")
def import_(
    context: typer.Context,
    paths: _Paths,
    *,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    store: o.Store = None,
    quiet: o.Quiet = False,
) -> int:
    """Import sidecar files into the record store.

    Judgements and verdicts that this program wrote are restored, so a fresh clone is not judged
    again. Files in the earlier layout become judgements of a scorer called `imported`.

    Exit code 0: done. 1: some files could not be used. 2: usage error.
    """
    from classifier.cli.render.sidecars import show_imported
    from classifier.cli.session import open_project

    with open_project(context) as project:
        imported = project.import_sidecars(*paths)
    show_imported(imported, quiet=quiet)
    return 1 if imported.errors else 0
