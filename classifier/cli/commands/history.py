"""`classify history`: what is stored about an article."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o

_Path = Annotated[
    Path,
    typer.Argument(
        metavar="ARTICLE",
        help="A file or bundle folder, even a deleted one.",
        show_default=False,
    ),
]


def history(
    context: typer.Context,
    path: _Path,
    *,
    categories: o.Categories = None,
    store: o.Store = None,
    json: o.Json = False,
) -> int:
    """Show the stored results of an article, their scorers and their changes."""
    from classifier.cli.console import emit, emit_json
    from classifier.cli.layout import Page
    from classifier.cli.render import history as render
    from classifier.cli.session import open_project

    with open_project(context, defaults_matter=False) as project:
        found = project.history(path)
    if json:
        emit_json(render.to_dict(found))
    else:
        page = Page.for_stdout()
        emit(page.lay_out(render.lines(found, page)))
    return 0
