"""`classify learn`: train corrections from human verdicts and labels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o


def learn(
    context: typer.Context,
    gold: Annotated[
        Path,
        typer.Argument(
            metavar="GOLD",
            help="Human labels, as for `classify eval`. Default: the verdicts given with `classify "
            "accept` and `reject`, which override other labels.",
            show_default=False,
        ),
    ] = Path("verdicts"),
    *,
    field: o.Fields = None,
    content: o.Content = None,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    scorer: o.Scorer = None,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_canary: o.NoCanary = False,
    store: o.Store = None,
    output: o.ArtifactFile = None,
    quiet: o.Quiet = False,
) -> int:
    """Train corrections from human verdicts and apply them to all articles.

    Writes a file beside the categories that later runs use: the embedded scorer to correct its
    confidences, a language model as examples. Makes no call.

    Exit code 0: done. 1: some articles could not be read. 2: usage error, or too few labels.
    """
    from classifier.cli.layout import show
    from classifier.cli.render import artifact
    from classifier.cli.render import learning as render
    from classifier.cli.session import open_project
    from classifier.project.gold import GoldSource

    source = GoldSource(gold, tuple(field or ()), content)
    with open_project(context, defaults_matter=output is not None) as project:
        result = project.learn(source, output=output)
        show(render.lines(result))
        for remark in (*artifact.remarks(result.artifact), *render.remarks(result)):
            project.note(remark)
    return 1 if result.failures else 0
