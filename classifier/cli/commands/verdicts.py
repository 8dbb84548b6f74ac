"""`classify verdicts list`, `import` and `export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o
from classifier.cli.commands.group import group

app = group(help="List, import and export human verdicts.")


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


_Gold = Annotated[
    Path,
    typer.Argument(
        metavar="GOLD",
        help="A .csv, .tsv or .jsonl file of pairs, a .json file from Label Studio or Argilla, "
        "or a folder of articles with labels.",
        show_default=False,
    ),
]


@app.command("import")
def import_verdicts(
    context: typer.Context,
    gold: _Gold,
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


_To = Annotated[
    str,
    typer.Option(
        metavar="label-studio|argilla",
        help="Annotation tool.",
        rich_help_panel=o.WRITTEN,
        show_default=False,
    ),
]
_Output = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="FOLDER",
        help="The folder to write.",
        rich_help_panel=o.OUTPUT,
    ),
]
_Most = Annotated[
    int,
    typer.Option(metavar="N", help="Maximum number of pairs.", rich_help_panel=o.WRITTEN),
]


@app.command("export")
def export(
    context: typer.Context,
    paths: o.Articles = None,
    *,
    to: _To,
    output: _Output = Path("pairs"),
    most: _Most = 100,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
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
    store: o.Store = None,
    quiet: o.Quiet = False,
) -> int:
    """Write pairs for people to annotate in Label Studio or Argilla.

    They come in the order of `classify review`, the most instructive first. Pairs that have a
    verdict are left out. Annotations come back with `classify verdicts import`. The files contain
    the texts of the articles. Judges nothing.
    """
    from typing import cast

    from classifier.cli.console import log
    from classifier.cli.option_checks import check_choice
    from classifier.cli.render import verdicts as render
    from classifier.cli.session import articles, open_project
    from classifier.exchange.pairs import Tool

    check_choice("--to", to, ("label-studio", "argilla"))
    with open_project(context) as project:
        chosen = articles(project, paths)
        exported = project.export_pairs(*chosen, to=cast("Tool", to), output=output, most=most)
    if not quiet:
        log(render.exported(exported))
    return 0
