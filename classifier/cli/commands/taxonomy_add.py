"""`classify taxonomy add`: a new definition, tried on the articles first."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o

_File = Annotated[Path, typer.Argument(metavar="FILE", help="A Markdown definition.")]
_Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PATH",
        help="For --preview: articles, or folders of them; all stored articles by default.",
        show_default=False,
    ),
]
_Preview = Annotated[
    bool,
    typer.Option(
        "--preview",
        help="Show what it would label, and write nothing.",
        rich_help_panel=o.OUTPUT,
    ),
]
_NewKind = Annotated[
    str | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="Kind of the category. Default: that of the file, or the only one there is.",
        rich_help_panel=o.JUDGED,
    ),
]


def add(
    context: typer.Context,
    file: _File,
    paths: _Paths = None,
    *,
    preview: _Preview = False,
    new_kind: _NewKind = None,
    categories: o.Categories = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    scorer: o.Scorer = None,
    fast: o.Fast = False,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    judge: o.PayForMissing = False,
    store: o.Store = None,
    everything: o.All = False,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> int:
    """Add a definition to the categories, or preview its labels.

    Never overwrites a file.
    """
    from classifier.cli.console import emit_json, log
    from classifier.cli.layout import show
    from classifier.cli.render import taxonomy_diff as render
    from classifier.cli.session import open_project
    from classifier.errors import UsageError

    if paths and not preview:
        raise UsageError("articles are for --preview: add it, or leave them out")
    with open_project(context, defaults_matter=False) as project:
        if not preview:
            written = project.add_definition(file, kind=new_kind)
            if not quiet:
                log(f"written to {str(written)!r}; `classify run` judges the articles by it")
            return 0
        found = project.preview_definition(file, *(paths or ()), kind=new_kind, judge=judge)
    if unpaid := render.unpaid(found.after):
        log(unpaid)
    if json:
        emit_json(render.to_dict(found))
    else:
        show(render.lines(found, everything=everything))
        if not quiet:
            log("a preview: no definition is written")
    return 0
