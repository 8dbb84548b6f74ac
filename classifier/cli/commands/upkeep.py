"""Commands that look after records and definitions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o
from classifier.cli.commands.group import group
from classifier.cli.commands.taxonomy_diff import diff

store_app = group(help="Look after the records.")
taxonomy_app = group(help="Look after the category definitions.")
taxonomy_app.command("diff")(diff)


@store_app.command("stats")
def store_stats(store: o.Store = None, json: o.Json = False) -> int:
    """Count what is stored, for each scorer, with what it cost."""
    from classifier.cli.upkeep import stats

    return stats(store, json=json)


@store_app.command("gc")
def store_gc(
    categories: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH", help="Drop judgements of all but these category definitions, too."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Drop it.")] = False,
    store: o.Store = None,
) -> int:
    """Show which records nothing needs any more; with --yes, drop them.

    Those are earlier judgements of a pair, and those of texts that no file holds any more.
    """
    from classifier.cli.upkeep import gc

    return gc(store, categories=categories, yes=yes)


@store_app.command("verify")
def store_verify(store: o.Store = None) -> int:
    """Look for damage. Exit code 1 where there is some."""
    from classifier.cli.upkeep import verify

    return verify(store)


@taxonomy_app.command("lint")
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
