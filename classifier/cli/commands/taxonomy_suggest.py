"""`classify taxonomy suggest`: what to merge, retire, split and add."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o

_Drafts = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Write a draft of a definition for each missing category into this folder.",
        rich_help_panel=o.OUTPUT,
    ),
]


def suggest(
    context: typer.Context,
    paths: o.StoredArticles = None,
    *,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    scorer: o.Scorer = None,
    fast: o.Fast = False,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    store: o.Store = None,
    drafts: _Drafts = None,
    everything: o.All = False,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> int:
    """Suggest categories to merge, retire, split and add.

    Uses the labels of the articles. Unlabelled articles on one subject suggest a missing category,
    with a draft of its name and description. Without definitions of your own, it groups all
    articles. Works offline.
    """
    from classifier.cli.console import emit_json, log
    from classifier.cli.layout import show
    from classifier.cli.render import suggestions as render
    from classifier.cli.session import open_project
    from classifier.project.suggest import write_drafts

    with open_project(context, defaults_matter=False) as project:
        found = project.suggest(*(paths or ()))
        written = write_drafts(found, drafts) if drafts is not None else []
        if json:
            emit_json(render.to_dict(found))
        else:
            show(render.lines(found, everything=everything))
        for line in () if quiet or json else render.next_steps(found, written, drafts, paths or ()):
            log(line)
    return 0
