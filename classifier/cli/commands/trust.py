"""`classify trust`: let a project's settings file name servers and outside paths."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o

_File = Annotated[
    Path | None,
    typer.Argument(
        metavar="FILE",
        help="A classify.toml or pyproject.toml. Default: the one used in this folder.",
        show_default=False,
    ),
]
_Forget = Annotated[bool, typer.Option("--forget", help="Stop trusting the file.")]


def trust(
    file: _File = None,
    *,
    forget: _Forget = False,
    quiet: o.Quiet = False,
) -> int:
    """Trust a project's settings file to name servers, and paths outside the project.

    Read the file first. Trust ends when the file changes. It is stored in your user configuration,
    never in the project.
    """
    from classifier.cli.console import log
    from classifier.errors import UsageError
    from classifier.settings import loading
    from classifier.settings import trust as trusted

    if file is None:
        file, _ = loading.project_file()
        if file is None:
            raise UsageError("no settings file in this folder or above it: name one")
    if forget:
        known = trusted.forget(file)
        if not quiet:
            log(
                f"{str(file)!r} is no longer trusted" if known else f"{str(file)!r} was not trusted"
            )
        return 0
    trusted.trust(file)
    if not quiet:
        log(f"{str(file)!r} is trusted until it changes")
    return 0
