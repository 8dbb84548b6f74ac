"""`classify link`: links from articles to the pages of categories."""

from __future__ import annotations

from typing import Annotated

import typer

from classifier.cli import options as o

_Most = Annotated[
    int | None,
    typer.Option(
        "--at-most",
        metavar="N",
        min=1,
        help="Maximum number of links per article. Default: 10.",
        rich_help_panel=o.WRITTEN,
    ),
]
_LabelsOnly = Annotated[
    bool,
    typer.Option(
        "--labels-only",
        help="Link an article to its own labels only, as `classify run` has judged it.",
        rich_help_panel=o.WRITTEN,
    ),
]
_Undo = Annotated[
    bool,
    typer.Option(
        "--undo",
        help="Remove the links that earlier runs wrote.",
        rich_help_panel=o.WRITTEN,
    ),
]


def link(
    context: typer.Context,
    paths: o.Articles = None,
    *,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    most: _Most = None,
    labels_only: _LabelsOnly = False,
    restore: o.Restore = False,
    undo: _Undo = False,
    dry_run: o.ShowDiff = False,
    store: o.Store = None,
    quiet: o.Quiet = False,
) -> int:
    """Link the first mention of each category in an article to its page.

    Titles and aliases count, in plain text only: not in headings, code, links, tables, HTML or
    shortcodes. A category that an article already links to gets no other link. `links` in the
    settings sets the format. Nothing else in the file changes, and stored judgements stay valid.

    Exit code 0: done. 1: some files were skipped. 2: usage error.
    """
    from classifier.cli.render.link import show_diff, show_refused, show_result
    from classifier.cli.session import articles, open_project
    from classifier.project.link import LinkOptions

    options = LinkOptions(at_most=most, labels_only=labels_only or None, undo=undo, restore=restore)
    with open_project(context, defaults_matter=False) as project:
        on_file = show_diff if dry_run else show_refused
        chosen = articles(project, paths)
        result = project.link(*chosen, options=options, dry_run=dry_run, on_file=on_file)
    show_result(result, dry_run=dry_run, quiet=quiet)
    return 0 if result.ok else 1
