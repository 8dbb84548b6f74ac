"""Commands that put labels where people work, and hold them there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o
from classifier.cli.commands.apply import apply
from classifier.cli.commands.check import check
from classifier.cli.commands.group import PUBLISH, group, selection

app = group()


app.command(rich_help_panel=PUBLISH)(apply)
app.command(rich_help_panel=PUBLISH)(check)


@app.command("report", rich_help_panel=PUBLISH)
def make_report(
    paths: o.Articles,
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="The page.", rich_help_panel=o.OUTPUT),
    ] = Path("report.html"),
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    field: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[KIND=]NAME",
            help="Show where labels differ from this front matter field. May be repeated.",
            rich_help_panel=o.JUDGED,
        ),
    ] = None,
    scorer: o.Scorer = None,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_canary: o.NoCanary = False,
    calibration: o.Calibration = None,
    learned: o.Learned = None,
    no_examples: o.NoExamples = False,
    against: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SCORER",
            help="Show this other scorer, too: a part of its name on record, or all. "
            "May be repeated.",
            rich_help_panel=o.JUDGE,
        ),
    ] = None,
    store: o.Store = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="Keep the reasoning of every pair, not only of labels, near misses, exclusions "
            "and verdicts.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = False,
    quiet: o.Quiet = False,
) -> int:
    """Write what is on record as one page of HTML, to look through and to send around.

    The page holds all it needs and opens by a double-click. Judges nothing.
    """
    from classifier.cli.job import Names
    from classifier.cli.report import Asked, report

    overrides = {
        "categories": categories,
        "scorer": scorer,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "canary": False if no_canary else None,
        "calibration": calibration,
        "learned": learned,
        "examples": False if no_examples else None,
        "store": store,
    }
    asked = Asked(
        paths=paths,
        output=output,
        names=Names(kind or (), category or ()),
        files=selection(include, exclude),
        fields=tuple(field or ()),
        against=tuple(against or ()),
        explain=explain,
        quiet=quiet,
    )
    return report(asked, overrides=overrides)
