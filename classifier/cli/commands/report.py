"""`classify report`: write the stored results as an HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o

_Output = Annotated[
    Path,
    typer.Option(
        "--output", "-o", metavar="FILE", help="The page to write.", rich_help_panel=o.OUTPUT
    ),
]
_Field = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[KIND=]NAME",
        help="Show where labels differ from this front matter key. Repeatable.",
        rich_help_panel=o.JUDGED,
    ),
]
_Against = Annotated[
    list[str] | None,
    typer.Option(
        metavar="SCORER",
        help="Compare with another stored scorer: part of its name, or all. Repeatable.",
        rich_help_panel=o.JUDGE,
    ),
]
_Explain = Annotated[
    bool,
    typer.Option(
        "--explain",
        help="Keep the reasoning of every pair, not only of labels, near misses, exclusions "
        "and verdicts.",
        rich_help_panel=o.OUTPUT,
    ),
]


def report(
    context: typer.Context,
    paths: o.Articles = None,
    *,
    output: _Output = Path("report.html"),
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    field: _Field = None,
    scorer: o.Scorer = None,
    fast: o.Fast = False,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_canary: o.NoCanary = False,
    trained: o.Trained = None,
    no_examples: o.NoExamples = False,
    against: _Against = None,
    store: o.Store = None,
    explain: _Explain = False,
    quiet: o.Quiet = False,
) -> int:
    """Write the stored results as an HTML page to explore and share.

    The page is one file that works offline. Judges nothing.
    """
    from classifier.cli.console import log
    from classifier.cli.next_step import show_next
    from classifier.cli.session import articles, open_project
    from classifier.wording import count

    with open_project(context) as project:
        written = project.report(
            *articles(project, paths),
            output=output,
            fields=field or (),
            against=against or (),
            explain=explain,
        )
        if quiet:
            return 0
        if written.unjudged:
            log(f"{count(written.unjudged, 'pair')} not judged yet; the page shows which")
        log(f"written to {str(written.path)!r} ({written.size / 1e6:.1f} MB)")
        show_next(project, context, "report", paths or ())
    return 0
