"""`classify taxonomy lint`, and the other commands on definitions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from classifier.cli import options as o
from classifier.cli.commands.group import group
from classifier.cli.commands.taxonomy_add import add
from classifier.cli.commands.taxonomy_diff import diff
from classifier.cli.commands.taxonomy_draft import draft
from classifier.cli.commands.taxonomy_exchange import export, import_
from classifier.cli.commands.taxonomy_suggest import suggest

app = group(help="Check, compare and improve category definitions.")
app.command("diff")(diff)
app.command("suggest")(suggest)
app.command("add")(add)
app.command("draft")(draft)
app.command("import")(import_)
app.command("export")(export)


_Select = Annotated[
    list[str] | None,
    typer.Option(
        metavar="RULE",
        help="Check only these rules. Repeatable, or separated by commas.",
        rich_help_panel=o.JUDGED,
    ),
]
_Ignore = Annotated[
    list[str] | None,
    typer.Option(
        metavar="RULE",
        help="Skip these rules. Repeatable, or separated by commas.",
        rich_help_panel=o.JUDGED,
    ),
]
_Strict = Annotated[
    bool,
    typer.Option(
        "--strict",
        help="Exit with code 1 for warnings and advice, too.",
        rich_help_panel=o.OUTPUT,
    ),
]


@app.command("lint")
def lint(
    context: typer.Context,
    *,
    categories: o.Categories = None,
    select: _Select = None,
    ignore: _Ignore = None,
    scorer: o.Scorer = None,
    fast: o.Fast = False,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_canary: o.NoCanary = False,
    store: o.Store = None,
    format: o.Format = "text",  # noqa: A002 - the name of the option
    strict: _Strict = False,
    quiet: o.Quiet = False,
) -> int:
    """Find overlaps, contradictions and gaps in the category definitions.

    Some rules check the labels that follow from the scorer's stored judgements; they are skipped
    if too few articles are judged. Makes no calls and writes nothing.

    Exit code 0: no errors. 1: errors. 2: usage error.
    """
    from classifier.cli.console import log
    from classifier.cli.findings import check_format, has_room, show_findings
    from classifier.cli.render import lint as render
    from classifier.cli.session import open_project

    check_format(format)
    with open_project(context) as project:
        report = project.lint(select=_names(select), ignore=_names(ignore))
    show_findings(report, render, format)
    if has_room(format) and not quiet:
        for message in render.unchecked(report):
            log(message)
    return 1 if report.has_errors or (strict and report.findings) else 0


def _names(values: Sequence[str] | None) -> list[str]:
    return [name.strip() for value in values or () for name in value.split(",") if name.strip()]
