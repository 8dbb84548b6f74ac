"""`classify mcp`: tools for an assistant that starts this command."""

from __future__ import annotations

import typer

from classifier.cli import options as o


def mcp(
    context: typer.Context,
    content: o.Served = None,
    *,
    categories: o.Categories = None,
    scorer: o.Scorer = None,
    fast: o.Fast = False,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_canary: o.NoCanary = False,
    trained: o.Trained = None,
    no_examples: o.NoExamples = False,
    store: o.Store = None,
    max_cost: o.MaxCost = None,
    quiet: o.Quiet = False,
) -> int:
    """Serve the Model Context Protocol on standard input and output.

    Assistants and editors start it: its tools are classify, explain, list_categories and
    record_verdict. Needs the extra `mcp`. `classify serve --mcp` serves the same over HTTP.
    """
    from classifier.cli.session import open_project
    from classifier.web.service.running import run_stdio

    with open_project(context) as project:
        run_stdio(project, content=content or project.content())
    return 0
