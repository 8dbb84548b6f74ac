"""`classify taxonomy list` and `lint`."""

from __future__ import annotations

from typing import Annotated

import typer

from classifier.cli import options as o
from classifier.cli.commands.group import group
from classifier.cli.commands.taxonomy_diff import diff

app = group(help="List, check and compare category definitions.")
app.command("diff")(diff)


@app.command("list")
def list_categories(
    context: typer.Context,
    *,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    quiet: o.Quiet = False,
) -> int:
    """List the categories, the rule of each kind, and all warnings about the definitions."""
    from classifier.cli.layout import show
    from classifier.cli.render.taxonomy import lines
    from classifier.cli.session import open_project

    with open_project(context) as project:
        for warning in project.definitions.warnings:
            project.warn(warning)
        show(lines(project.select(project.definitions)))
    return 0


@app.command("lint")
def taxonomy_lint(
    *,
    categories: o.Categories = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE",
            help="Check these rules only. May be repeated, or several with commas between.",
            rich_help_panel=o.JUDGED,
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE", help="Do not check these rules, likewise.", rich_help_panel=o.JUDGED
        ),
    ] = None,
    scorer: o.Scorer = None,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_canary: o.NoCanary = False,
    store: o.Store = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="text|json|github",
            help="github: marks beside the lines of a pull request.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = "text",
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="Exit with 1 for warnings and advice, too.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = False,
    quiet: o.Quiet = False,
) -> int:
    """Look for overlaps, contradictions and gaps in the category definitions.

    Some rules look at the labels that the scorer's records give; they are left out where too few
    articles are on record. Calls nobody and writes nothing.

    Exit code 0: nothing wrong. 1: an error was found. 2: the call is wrong.
    """
    from classifier.cli.lint import Choice, check

    overrides = {
        "categories": categories,
        "scorer": scorer,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "canary": False if no_canary else None,
        "store": store,
    }
    choice = Choice(select=select or (), ignore=ignore or ())
    return check(overrides, choice=choice, form=form, strict=strict, quiet=quiet)
