"""`classify init`: categories and settings from the labels that articles have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o

_Content = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="CONTENT",
        help="Folders of articles. Default: where your site's generator keeps them.",
        show_default=False,
    ),
]
_Field = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="Front matter field whose labels become categories. Repeatable. Default: tags, "
        "categories, topics and the like.",
        rich_help_panel=o.JUDGED,
    ),
]
_MinArticles = Annotated[
    int | None,
    typer.Option(
        "--min-articles",
        metavar="N",
        min=1,
        help="Articles that a label needs to become a category. Default: 3; with fewer than 50 "
        "labelled articles 2, with fewer than 10 1.",
        rich_help_panel=o.LIMITS,
    ),
]
_Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Write without asking.", rich_help_panel=o.WRITTEN)
]
_DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Show the plan and write nothing.", rich_help_panel=o.WRITTEN),
]


def init(
    context: typer.Context,
    content: _Content = None,
    *,
    field: _Field = None,
    exclude: o.Exclude = None,
    min_articles: _MinArticles = None,
    yes: _Yes = False,
    dry_run: _DryRun = False,
    quiet: o.Quiet = False,
) -> int:
    """Set up a site: categories and settings from the labels of its articles.

    Reads the articles, shows what it found and would write, and writes it after a yes: a draft of a
    definition for each label that has none, and `classify.toml`. Works offline, and never
    overwrites a file. Run it again to add new labels.

    Exit code 0: done, or nothing to do. 1: no labels were found. 2: usage error.
    """
    from classifier.cli.initialising import main

    return main(context)
