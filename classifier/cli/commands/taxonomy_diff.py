"""`classify taxonomy diff`: which labels change with the definitions."""

from __future__ import annotations

from typing import Annotated

import typer

from classifier.cli import options as o

_Base = Annotated[
    str,
    typer.Argument(
        metavar="COMMIT|FOLDER",
        help="The other version: a git commit, branch or tag, or a folder of definitions.",
    ),
]


def diff(
    context: typer.Context,
    base: _Base = "HEAD",
    paths: o.StoredArticles = None,
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
    judge: o.PayForMissing = False,
    store: o.Store = None,
    everything: o.All = False,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> int:
    """Show which labels change between two versions of the category definitions, and why.

    Judges only what has changed. The judgements are stored, so the next run does not pay for them
    again.
    """
    from classifier.cli.console import emit_json, log
    from classifier.cli.layout import show
    from classifier.cli.render import taxonomy_diff as render
    from classifier.cli.session import open_project

    with open_project(context, defaults_matter=False) as project:
        found = project.diff(base, *(paths or ()), judge=judge)
    for snapshot in (found.before, found.after):
        if unpaid := render.unpaid(snapshot):
            log(unpaid)
    if json:
        emit_json(render.to_dict(found))
    else:
        show(render.lines(found, everything=everything))
    return 0
