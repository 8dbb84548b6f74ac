"""The last line of a command: what to do next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from classifier.cli.console import log

if TYPE_CHECKING:
    from typer import Context

    from classifier.project import Project
    from classifier.project.advice import Finished
    from classifier.project.running import Run

_KEPT: Final = ("categories", "store")
"""Options that the next command needs as well."""


def show_next(
    project: Project,
    context: Context,
    after: Finished,
    paths: Sequence[str | Path],
    run: Run | None = None,
) -> None:
    """Print a line to stderr with the command that helps most now.

    Nothing with `--quiet` or `--json`, and nothing that the last line has said.

    Args:
        project: Still open.
        context: The options of the command.
        after: The command.
        paths: The articles, or folders of them, that it named; those of the settings without any.
        run: What a run has returned.
    """
    options = context.params
    if options.get("quiet") or options.get("json"):
        return
    advice = project.next_step(after, *paths, run=run)
    if advice is not None:
        log(f"next: {advice.reason}: {' '.join((advice.command, *_same(options)))}")


def _same(options: Mapping[str, Any]) -> Iterator[str]:
    for name in _KEPT:
        given = options.get(name) or ()
        for value in given if isinstance(given, list | tuple) else (given,):
            yield f"--{name} {shlex.quote(str(value))}"
