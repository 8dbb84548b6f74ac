"""`classify accept`: an article belongs to a category."""

from __future__ import annotations

from pathlib import Path

import typer

from classifier.cli import options as o


def accept(
    context: typer.Context,
    path: o.Article,
    names: o.Named,
    *,
    note: o.Note = "",
    undo: o.Undo = False,
    categories: o.Categories = None,
    store: o.Store = None,
    quiet: o.Quiet = False,
) -> int:
    """Accept a category for an article, whatever the scorers think.

    Your verdict overrides every scorer, and survives edits of the article and the definition.
    `classify train` learns from it.
    """
    from classifier.cli.console import log
    from classifier.cli.render import verdicts as render
    from classifier.cli.session import open_project

    with open_project(context, defaults_matter=False) as project:
        give = project.undo if undo else project.accept
        given = give(Path(path), *names, note=note)
    for line in () if quiet else render.given(path, given):
        log(line)
    return 0
