"""`classify fetch`: web pages into files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o

_Urls = Annotated[
    list[str],
    typer.Argument(
        metavar="URL|FILE",
        help="Addresses of pages (http:// or https://), and files with one in each line.",
        show_default=False,
    ),
]
_Folder = Annotated[
    Path,
    typer.Option(
        "--to",
        metavar="FOLDER",
        help="Folder for the files: HOST/NAME.md.",
        rich_help_panel=o.WRITTEN,
        show_default=False,
    ),
]
_PrivateHost = Annotated[
    list[str] | None,
    typer.Option(
        "--private-host",
        metavar="HOST",
        help="Allow a host of your own network or computer. Repeatable.",
        rich_help_panel=o.LIMITS,
    ),
]
_Pause = Annotated[
    float,
    typer.Option(
        metavar="SECONDS",
        min=0,
        max=3600,
        help="Pause between two requests to a host.",
        rich_help_panel=o.LIMITS,
    ),
]


def fetch(
    context: typer.Context,
    urls: _Urls,
    *,
    to: _Folder,
    private_host: _PrivateHost = None,
    pause: _Pause = 1,
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Print one JSON object per page and line: url, status, path.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = False,
    quiet: o.Quiet = False,
) -> int:
    """Fetch web pages into Markdown files to classify.

    Fetches the pages you name and nothing else: no links, no images. Keeps robots.txt. A page whose
    file is there already is not fetched again; delete the file to fetch it anew.

    Exit code 0: done. 1: some pages could not be fetched. 2: usage error.
    """
    from classifier.cli.render.fetch import show_page, show_result
    from classifier.cli.session import open_project
    from classifier.project.fetch import named_urls

    with open_project(context, defaults_matter=False) as project:
        pages = []
        for page in project.fetch(
            named_urls(urls), to, private_hosts=private_host or (), pause=pause
        ):
            show_page(page, json=json)
            pages.append(page)
    show_result(pages, to, quiet=quiet)
    return 1 if any(page.status == "failed" for page in pages) else 0
