"""`classify apply`: write decided labels into the front matter."""

from __future__ import annotations

from typing import Annotated

import typer

from classifier.cli import options as o

_Suggest = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Write suggestions to this key and leave the labels alone.",
        rich_help_panel=o.WRITTEN,
    ),
]


def apply(
    context: typer.Context,
    paths: o.Articles = None,
    *,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    scorer: o.Scorer = None,
    fast: o.Fast = False,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_canary: o.NoCanary = False,
    trained: o.Trained = None,
    no_examples: o.NoExamples = False,
    field: o.IntoFields = None,
    merge: o.Merge = False,
    replace: o.Replace = False,
    suggest: _Suggest = None,
    restore: o.Restore = False,
    spaced: o.Spaced = False,
    create: o.Create = False,
    dry_run: o.ShowDiff = False,
    store: o.Store = None,
    quiet: o.Quiet = False,
) -> int:
    """Write the decided labels into the front matter of articles.

    Uses what is stored and judges nothing. Only the lines of the label keys change, in the style of
    each file. A file that cannot be edited safely, or has changed since it was judged, is skipped
    and named.

    Exit code 0: done. 1: some files were skipped. 2: usage error.
    """
    from classifier.cli.option_checks import write_options
    from classifier.cli.render.apply import show_diff, show_refused, show_result
    from classifier.cli.session import articles, open_project

    options = write_options(context.params)
    with open_project(context, defaults_matter=False) as project:
        on_file = show_diff if dry_run else show_refused
        result = project.apply(
            *articles(project, paths), options=options, dry_run=dry_run, on_file=on_file
        )
    show_result(result, dry_run=dry_run, quiet=quiet)
    return 0 if result.ok else 1
