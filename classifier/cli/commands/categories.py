"""`classify categories`: the definitions, the rule of each kind, and warnings."""

from __future__ import annotations

import typer

from classifier.cli import options as o


def categories(
    context: typer.Context,
    *,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    quiet: o.Quiet = False,
) -> int:
    """List the categories, the rules of each kind and all warnings."""
    from classifier.cli.layout import show
    from classifier.cli.render.categories import lines
    from classifier.cli.session import open_project

    with open_project(context) as project:
        for warning in project.definitions.warnings:
            project.warn(warning)
        show(lines(project.select(project.definitions)))
    return 0
