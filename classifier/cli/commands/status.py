"""`classify status`: how many articles are judged, stale, missing or failed."""

from __future__ import annotations

import typer

from classifier.cli import options as o


def status(
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
    store: o.Store = None,
    json: o.Json = False,
) -> int:
    """Count articles that are current, stale, missing or failed, by scorer.

    Stale: the article or a definition has changed since. Judges nothing and writes nothing.
    """
    from classifier.cli.console import emit_json
    from classifier.cli.layout import show
    from classifier.cli.render import status as render
    from classifier.cli.session import articles, open_project

    with open_project(context, defaults_matter=False) as project:
        found = project.status(*articles(project, paths))
        count = len(project.definitions.categories)
    if json:
        emit_json(render.to_dict(found, count))
    else:
        show(render.lines(found, count))
    return 0
