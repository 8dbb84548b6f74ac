"""`classify related`: the nearest articles of every article."""

from __future__ import annotations

from typing import Annotated

import typer

from classifier.cli import options as o

_Top = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=1,
        help="Maximum number of related articles per section. Default: 5.",
        show_default=False,
        rich_help_panel=o.WRITTEN,
    ),
]
_Section = Annotated[
    str | None,
    typer.Option(
        metavar="KEY",
        help="Front matter key that holds the section. Default: the first folder.",
        show_default=False,
        rich_help_panel=o.WRITTEN,
    ),
]
_Least = Annotated[
    float | None,
    typer.Option(
        "--above",
        metavar="SIMILARITY",
        min=0.0,
        max=1.0,
        help="Only articles with a similarity above this (0-1).",
        show_default=False,
        rich_help_panel=o.WRITTEN,
    ),
]
_Output = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="The data file; with {folder}, {stem} or front matter keys such as {ItemId}, a "
        "file for each article. Default: data/related.json, or in _data.",
        show_default=False,
        rich_help_panel=o.OUTPUT,
    ),
]
_Field = Annotated[
    str | None,
    typer.Option(
        metavar="KEY",
        help="Write the list into this front matter key instead.",
        show_default=False,
        rich_help_panel=o.OUTPUT,
    ),
]
_DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Print the lists and write nothing.", rich_help_panel=o.OUTPUT),
]
_Json = Annotated[
    bool,
    typer.Option(
        "--json", help="Print the lists as JSON and write nothing.", rich_help_panel=o.OUTPUT
    ),
]


def related(
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
    trained: o.Trained = None,
    top: _Top = None,
    section: _Section = None,
    least: _Least = None,
    output: _Output = None,
    field: _Field = None,
    dry_run: _DryRun = False,
    store: o.Store = None,
    json: _Json = False,
    quiet: o.Quiet = False,
) -> int:
    """Write the most similar articles of each article, by section.

    Compares content and shared labels. Drafts are never listed. Judges nothing: run `classify`
    first, so that labels count. Files that are up to date stay untouched.

    Exit code 0: done. 1: some articles got no list. 2: usage error.
    """
    from classifier.cli.render import related as render
    from classifier.cli.session import articles, open_project
    from classifier.project.related import RelatedOptions

    with open_project(context, defaults_matter=False) as project:
        options = RelatedOptions.of(
            project,
            top=top,
            section=section,
            least=least,
            output=output,
            field=field,
        )
        chosen = articles(project, paths)
        if dry_run or json:
            render.show_lists(project.related(*chosen, options=options), as_json=json)
            return 0
        written = project.write_related(*chosen, options=options)
    render.show_written(written, quiet=quiet)
    return 1 if written.errors else 0
