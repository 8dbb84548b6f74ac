"""Commands that judge, and that show what is judged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o
from classifier.cli.commands.group import JUDGE, group, selection

app = group()


@app.command(rich_help_panel=JUDGE)
def run(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            help="Markdown files, bundle folders (with an index.md alone), folders of articles, "
            "or - for standard input.",
            show_default=False,
        ),
    ],
    *,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    since: o.Since = None,
    scorer: o.Scorer = None,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    pack: o.Pack = None,
    no_canary: o.NoCanary = False,
    cuts: o.Cuts = None,
    shortlist: o.Shortlist = None,
    calibration: o.Calibration = None,
    learned: o.Learned = None,
    no_examples: o.NoExamples = False,
    concurrency: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Calls under way at once; 4 by default.",
            rich_help_panel=o.LIMITS,
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="How long one call may take; 120 by default, 900 with --tier.",
            rich_help_panel=o.LIMITS,
        ),
    ] = None,
    tier: Annotated[
        str | None,
        typer.Option(
            metavar="flex|flex-first",
            help="Slower calls at about half the price; flex-first: at the usual price where the "
            "server has no room for those.",
            rich_help_panel=o.LIMITS,
        ),
    ] = None,
    rpm: Annotated[
        float | None,
        typer.Option(metavar="N", help="Calls in any minute at most.", rich_help_panel=o.LIMITS),
    ] = None,
    tpm: Annotated[
        float | None,
        typer.Option(metavar="N", help="Tokens in any minute at most.", rich_help_panel=o.LIMITS),
    ] = None,
    max_cost: Annotated[
        float | None,
        typer.Option(
            metavar="DOLLARS", help="What the run may cost at most.", rich_help_panel=o.LIMITS
        ),
    ] = None,
    max_calls: o.MaxCalls = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Say what there is to judge and what it would cost, and make no call.",
            rich_help_panel=o.LIMITS,
        ),
    ] = False,
    plan: Annotated[
        bool,
        typer.Option(
            "--plan",
            help="Only tell how a language model would be asked, what that takes, and what else "
            "could be done; makes no call.",
            rich_help_panel=o.LIMITS,
        ),
    ] = False,
    store: o.Store = None,
    no_store: Annotated[
        bool,
        typer.Option(
            "--no-store",
            help="Look up no records and keep none.",
            rich_help_panel=o.KEPT,
        ),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the records of these articles to a .jsonl, .csv or .parquet file.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = None,
    rows: Annotated[
        str | None,
        typer.Option(
            metavar="pairs|articles",
            help="What a row of it is about: a pair (the default) or an article.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = None,
    sidecar: Annotated[
        bool,
        typer.Option(
            "--sidecar",
            help="Write the records of each article into a data.NAME.classifications.json "
            "beside it.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = False,
    write: Annotated[
        bool,
        typer.Option(
            "--write",
            help="Put the decided labels into the front matter, as `classify apply` does.",
            rich_help_panel=o.WRITTEN,
        ),
    ] = False,
    summary: o.Summary = None,
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="One JSON object per article, each on a line of its own.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = False,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="All categories with reasoning and evidence, not only labels and near misses.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = False,
    quiet: o.Quiet = False,
) -> int:
    """Classify articles and say why.

    A file is answered with a page, a folder with a summary. What is on record is not judged again.

    Exit code 0: done. 1: some article could not be judged in full. 2: the call is wrong.
    """
    from classifier.cli.job import Job, Names, View
    from classifier.cli.run import classify

    overrides = {
        "categories": categories,
        "scorer": scorer,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "pack": pack,
        "canary": False if no_canary else None,
        "cuts": cuts,
        "shortlist": shortlist,
        "calibration": calibration,
        "learned": learned,
        "examples": False if no_examples else None,
        "concurrency": concurrency,
        "timeout": timeout,
        "tier": tier,
        "rpm": rpm,
        "tpm": tpm,
        "max_cost": max_cost,
        "max_calls": max_calls,
        "store": store,
    }
    return classify(
        Job(
            paths=paths,
            overrides=overrides,
            names=Names(kind or (), category or ()),
            files=selection(include, exclude),
            view=View(json=json, explain=explain, quiet=quiet),
            dry_run=dry_run or plan,
            plan=plan,
            keep=not no_store,
            output=output,
            rows=rows,
            sidecar=sidecar,
            write=write,
            since=since,
            summary=summary,
        )
    )


@app.command(rich_help_panel=JUDGE)
def status(
    paths: o.Articles,
    *,
    categories: o.Categories = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    scorer: o.Scorer = None,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_canary: o.NoCanary = False,
    store: o.Store = None,
    json: o.Json = False,
) -> int:
    """Count the articles that are judged, stale, missing or failed, for each scorer.

    Stale: the article or a definition was changed since. Judges nothing and writes nothing.
    """
    from classifier.cli.status import status as show

    overrides = {
        "categories": categories,
        "scorer": scorer,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "canary": False if no_canary else None,
        "store": store,
    }
    files = selection(include, exclude)
    return show(paths, overrides=overrides, files=files, json=json)


@app.command("show", rich_help_panel=JUDGE)
def show_records(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="ARTICLE", help="A file or bundle folder; it may be gone.", show_default=False
        ),
    ],
    *,
    categories: o.Categories = None,
    store: o.Store = None,
    json: o.Json = False,
) -> int:
    """Show what is on record of an article: by whom, its history, and what changed."""
    from classifier.cli.show import show

    return show(path, overrides={"categories": categories, "store": store}, json=json)


@app.command("categories", rich_help_panel=JUDGE)
def list_categories(
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    quiet: o.Quiet = False,
) -> int:
    """List the categories, the rule of each kind, and every warning about the definitions."""
    from classifier.cli.categories import show
    from classifier.cli.job import Names

    return show(categories, names=Names(kind or (), category or ()), quiet=quiet)
