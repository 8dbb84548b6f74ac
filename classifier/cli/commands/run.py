"""`classify run`: a page for each named article, a summary of a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o

_Tpm = Annotated[
    float | None,
    typer.Option(metavar="N", help="Maximum tokens per minute.", rich_help_panel=o.LIMITS),
]
_Rpm = Annotated[
    float | None,
    typer.Option(metavar="N", help="Maximum calls per minute.", rich_help_panel=o.LIMITS),
]
_Tier = Annotated[
    str | None,
    typer.Option(
        metavar="flex|flex-first",
        help="flex: slower calls at about half the price. flex-first: the usual price where "
        "no capacity is left.",
        rich_help_panel=o.LIMITS,
    ),
]
_Timeout = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        help="Time limit per call. Default: 120, or 900 with --tier.",
        rich_help_panel=o.LIMITS,
    ),
]
_Concurrency = Annotated[
    int | None,
    typer.Option(metavar="N", help="Concurrent calls. Default: 4.", rich_help_panel=o.LIMITS),
]
_Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PATH",
        help="Articles, folders of articles, or - for standard input. Default: `content` in "
        "the settings.",
        show_default=False,
    ),
]
_Plan = Annotated[
    bool,
    typer.Option(
        "--plan",
        help="Compare ways to ask a language model by calls, tokens, cost and time, and make "
        "no call.",
        rich_help_panel=o.LIMITS,
    ),
]
_NoStore = Annotated[
    bool,
    typer.Option(
        "--no-store",
        help="Neither read nor write stored judgements.",
        rich_help_panel=o.OUTPUT,
    ),
]
_Output = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write all judgements to a .jsonl, .csv or .parquet file.",
        rich_help_panel=o.OUTPUT,
    ),
]
_Rows = Annotated[
    str | None,
    typer.Option(
        metavar="pairs|articles",
        help="Rows of the --output file: pairs of an article and a category (default), or "
        "articles.",
        rich_help_panel=o.OUTPUT,
    ),
]
_Sidecar = Annotated[
    bool,
    typer.Option(
        "--sidecar",
        help="Write the judgements of each article to a file beside it, as `classify sidecars "
        "write` does.",
        rich_help_panel=o.OUTPUT,
    ),
]
_List = Annotated[
    bool,
    typer.Option(
        "--list",
        help="Print the labels of each article of a folder, one per line. Default for up to "
        "30 articles.",
        rich_help_panel=o.OUTPUT,
    ),
]
_Explain = Annotated[
    bool,
    typer.Option(
        "--explain",
        help="Show reasoning and evidence for every category, not only for labels.",
        rich_help_panel=o.OUTPUT,
    ),
]
_Engine = Annotated[
    str | None,
    typer.Option(
        metavar="ray",
        help="Judge on all cores, or on a cluster, with Ray: one folder, table or address "
        "such as s3://bucket/posts/, to a folder of Parquet files named by --output.",
        rich_help_panel=o.MACHINES,
    ),
]
_Address = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Address of a Ray cluster. Default: start Ray on this machine.",
        rich_help_panel=o.MACHINES,
    ),
]
_Workers = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=1,
        help="Workers, with a core each. Default: as many as there are cores.",
        rich_help_panel=o.MACHINES,
    ),
]


def run(
    context: typer.Context,
    paths: _Paths = None,
    *,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    since: o.Since = None,
    scorer: o.Scorer = None,
    fast: o.Fast = False,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    pack: o.Pack = None,
    no_canary: o.NoCanary = False,
    cuts: o.Cuts = None,
    shortlist: o.Shortlist = None,
    trained: o.Trained = None,
    no_examples: o.NoExamples = False,
    concurrency: _Concurrency = None,
    timeout: _Timeout = None,
    tier: _Tier = None,
    rpm: _Rpm = None,
    tpm: _Tpm = None,
    max_cost: o.MaxCost = None,
    max_calls: o.MaxCalls = None,
    retry_failed: o.RetryFailed = False,
    older_than: o.OlderThan = None,
    most: o.AtMost = None,
    dry_run: o.EstimateOnly = False,
    plan: _Plan = False,
    store: o.Store = None,
    no_store: _NoStore = False,
    output: _Output = None,
    rows: _Rows = None,
    sidecar: _Sidecar = False,
    write: o.Write = False,
    summary: o.Summary = None,
    list_: _List = False,
    json: o.JsonLines = False,
    explain: _Explain = False,
    engine: _Engine = None,
    address: _Address = None,
    workers: _Workers = None,
    quiet: o.Quiet = False,
) -> int:
    """Classify articles.

    Shows a page for each article you name, and a summary for a folder. Judgements are stored:
    running again judges only what changed.

    Exit code 0: done. 1: some articles could not be judged completely. 2: usage error.
    """
    if engine or address or workers:
        from classifier.cli import distributing

        return distributing.main(context)
    from classifier.cli.running import main

    return main(context)
