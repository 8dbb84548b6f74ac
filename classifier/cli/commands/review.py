"""`classify review`: look at suggested labels in the browser, and accept or reject them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o

_Articles = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PATH",
        help="Articles, or folders of articles. Default: `content` in the settings, else "
        "the current folder.",
        show_default=False,
    ),
]
_Port = Annotated[
    int,
    typer.Option(
        metavar="N", help="Port of the page. Default: any free one.", rich_help_panel=o.OUTPUT
    ),
]
_NoBrowser = Annotated[
    bool,
    typer.Option("--no-browser", help="Print the address only.", rich_help_panel=o.OUTPUT),
]


def review(
    context: typer.Context,
    paths: _Articles = None,
    *,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    scorer: o.Scorer = None,
    fast: o.Fast = False,
    model: o.Model = None,
    trained: o.Trained = None,
    store: o.Store = None,
    port: _Port = 0,
    no_browser: _NoBrowser = False,
    quiet: o.Quiet = False,
) -> int:
    """Review labels in the browser: accept or reject with a key, train, apply.

    The most instructive articles come first. Every verdict is stored at once. Only this machine
    can open the page. Ctrl-C ends it.
    """
    from classifier.cli.console import emit, log
    from classifier.cli.interrupts import first_interrupt
    from classifier.cli.next_step import show_next
    from classifier.cli.session import open_project
    from classifier.web.review.serve import ReviewServer, open_browser

    with open_project(context) as project:
        server = ReviewServer(project.review(*(paths or ())), port=port)
        with first_interrupt(server.stop):
            emit(server.address)
            if not no_browser and not open_browser(server.address):
                log("no browser was found: open the address above")
            if not quiet:
                log("Ctrl-C ends the review; every verdict is stored at once")
            server.run()
        show_next(project, context, "review", paths or ())
    return 0
