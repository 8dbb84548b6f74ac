"""`classify taxonomy import` and `export`: standard vocabularies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o

_File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="SKOS (.ttl, .rdf, .nt, .jsonld), a table with a parent column (.tsv, .csv), or "
        "IPTC NewsCodes (.json).",
    ),
]
_To = Annotated[
    Path,
    typer.Option(
        "--to",
        metavar="FOLDER",
        help="Folder to write the definitions to.",
        rich_help_panel=o.OUTPUT,
    ),
]
_Language = Annotated[
    str,
    typer.Option(
        metavar="TAG",
        help="Language to use where names and texts have several.",
        rich_help_panel=o.OUTPUT,
    ),
]


def import_(
    context: typer.Context,
    file: _File,
    *,
    to: _To = Path("categories"),
    language: _Language = "en",
    quiet: o.Quiet = False,
) -> int:
    """Convert a standard vocabulary to category definitions that you can edit.

    Never overwrites a file. To use a vocabulary as it is, name it with --categories instead.
    """
    from classifier.cli.console import log
    from classifier.cli.session import open_project
    from classifier.wording import count

    with open_project(context, defaults_matter=False) as project:
        written = project.import_vocabulary(file, to, language=language)
    if not quiet:
        log(f"wrote {count(len(written), 'definition')} to {str(to)!r}")
    return 0


_Format = Annotated[
    str,
    typer.Option(
        metavar="turtle|jsonld|schema-org",
        help="turtle and jsonld: SKOS. schema-org: a DefinedTermSet.",
        rich_help_panel=o.OUTPUT,
    ),
]
_Base = Annotated[
    str,
    typer.Option(
        metavar="URL", help="Base URL of the categories' identifiers.", rich_help_panel=o.OUTPUT
    ),
]


def export(
    context: typer.Context,
    *,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    format: _Format = "turtle",  # noqa: A002 - the name of the option
    base: _Base = "urn:classify:",
    quiet: o.Quiet = False,
) -> int:
    """Print the category definitions as a standard vocabulary."""
    from classifier.cli.console import emit
    from classifier.cli.option_checks import check_choice
    from classifier.cli.session import open_project

    check_choice("--format", format, ("turtle", "jsonld", "schema-org"))
    with open_project(context) as project:
        emit(project.export_vocabulary(format=format, base=base).rstrip("\n"))
    return 0
