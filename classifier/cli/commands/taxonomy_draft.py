"""`classify taxonomy draft`: definitions drafted by a language model."""

from __future__ import annotations

from typing import Annotated

import typer

from classifier.cli import options as o


def draft(
    context: typer.Context,
    names: o.Named,
    *,
    categories: o.Categories = None,
    writer: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="NAME",
            help="Name of the language model that writes. Default: `model` in the settings.",
            rich_help_panel=o.JUDGE,
        ),
    ] = None,
    server: Annotated[
        str | None,
        typer.Option(
            "--base-url",
            metavar="URL",
            help="Address of its OpenAI-compatible server. Default: OpenAI. The key is read from "
            "OPENAI_API_KEY.",
            rich_help_panel=o.JUDGE,
        ),
    ] = None,
    scorer: o.Scorer = None,
    judge: o.Pay = False,
    write: Annotated[
        bool,
        typer.Option(
            "--write",
            help="Replace the definitions with the drafts, those that were shown if there are any.",
            rich_help_panel=o.WRITTEN,
        ),
    ] = False,
    store: o.Store = None,
    quiet: o.Quiet = False,
) -> int:
    """Draft definitions of categories with a language model, as a proposal.

    The model sees the definition, its nearest siblings, and the beginnings of some articles that
    people put into the category or into a sibling. Prints a diff, and what the draft changes on
    articles that the model did not see, beside the labels that people gave.
    """
    from classifier.cli.console import log
    from classifier.cli.render.drafts import show_draft
    from classifier.cli.session import open_project

    with open_project(context, defaults_matter=False) as project:
        drafts = project.draft_definitions(*names, model=writer, base_url=server, judge=judge)
        for found in drafts:
            show_draft(found, quiet=quiet)
            if write:
                project.write_draft(found)
                if not quiet:
                    log(f"written: {found.path.as_posix()!r}")
    if not (write or quiet):
        log("a proposal: nothing is written; add --write to write it")
    return 0
