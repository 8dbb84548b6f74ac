"""`classify cascade`: find which pairs can skip the language model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o

_Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PATH",
        help="Articles to tune on, or folders of articles.",
        show_default=False,
    ),
]
_Gold = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Tune with human labels instead of asking the model: a table, or a folder of "
        "articles with --field.",
        rich_help_panel=o.RULES,
    ),
]
_Recall = Annotated[
    float,
    typer.Option(
        metavar="SHARE",
        help="Share of the language model's labels to keep, with 95 % confidence.",
        rich_help_panel=o.RULES,
    ),
]


def cascade(
    context: typer.Context,
    paths: _Paths = None,
    *,
    gold: _Gold = None,
    field: o.Fields = None,
    content: o.Content = None,
    categories: o.Categories = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_canary: o.NoCanary = False,
    recall: _Recall = 0.98,
    max_cost: o.MaxCost = None,
    max_calls: o.MaxCalls = None,
    dry_run: o.EstimateOnly = False,
    store: o.Store = None,
    output: o.ArtifactFile = None,
    quiet: o.Quiet = False,
) -> int:
    """Find which pairs can skip the language model while keeping a target recall.

    The embedded scorer judges every pair, the language model a random sample. Writes thresholds
    beside the categories that runs with --scorer cascade use. Answers are stored: later runs do not
    pay for them again.

    Exit code 0: done. 1: some pairs could not be judged, or the budget was used up. 2: usage error.
    """
    from classifier.cli.layout import show
    from classifier.cli.render import artifact
    from classifier.cli.render import cascade as render
    from classifier.cli.session import open_project
    from classifier.errors import UsageError
    from classifier.project.gold import GoldSource

    if gold is not None and dry_run:
        raise UsageError("--gold makes no call, so there is nothing for --dry-run to estimate")
    source = None if gold is None else GoldSource(gold, tuple(field or ()), content)
    with open_project(context, scorer="cascade") as project:
        if dry_run:
            show(render.estimate(project.estimate_cascade_tuning(*paths or (), recall=recall)))
            return 0
        result = project.tune_cascade(*paths or (), gold=source, recall=recall, output=output)
        if result.thresholds is None:
            return 1
        show(render.lines(result, result.thresholds))
        for remark in artifact.remarks(result.artifact):
            project.note(remark)
    return 0 if result.complete else 1
