"""Writes docs/cli.md from the program: `python -m classifier.cli.reference > docs/cli.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from inspect import cleandoc
from typing import Any

_INTRODUCTION = """\
# Command line

<!-- Written by `python -m classifier.cli.reference`; a test compares. Do not edit. -->

The answer goes to stdout; progress, warnings, notes and failures go to stderr. There a display is
shown on a terminal while a run goes on; all else is on lines that begin with `classify:`. Without a
terminal, or with `NO_COLOR` set, the output holds no escape codes; it is as wide as the terminal or
`$COLUMNS`, at most 100 columns, and 80 where there is neither; only paths are not broken.

A file, or a bundle folder whose only article is its `index.md`, is answered with a page. Any other
folder, or `--output`, makes it a run: what is due is judged, then all is summed up (with `--json`:
a line for each article on stdout, the summary on stderr). What was judged is kept in a file of
records (`.classify/records.sqlite3` beside the settings file, or in the current folder) and is not
judged again, unless the text, the definition or the scorer changes: see [records](records.md).
Ctrl-C, or a TERM signal, lets a run finish what is under way; a second one stops it at once.

`classify PATH` is short for `classify run PATH`. An article called like a command is `./run`.

Options win over `CLASSIFY_*` variables, and those over `classify.toml`: see
[settings](settings.md). What `--json` prints is in [json.md](json.md).

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | some article could not be read, or not judged against every category |
| 1 | of `store verify`: there is damage |
| 2 | the call is wrong: one line says how, and the way out |
| 70 | a bug in classify; `CLASSIFY_DEBUG=1` shows where |
| 130 | interrupted (Ctrl-C) |
| 141 | the reader of a pipe had seen enough (`\\| head`) |
"""


def reference() -> str:
    """Return the whole page."""
    from classifier.cli.app import command

    tree = command()
    context = tree.make_context("classify", [], resilient_parsing=True)
    return "\n".join([_INTRODUCTION, *_sections("classify", tree, context)])


# Typer's commands and options are typed as private classes of its own.
def _sections(path: str, command: Any, context: Any) -> Iterator[str]:
    yield _section(path, command, context)
    for name, each in getattr(command, "commands", {}).items():
        inner = each.make_context(name, [], parent=context, resilient_parsing=True)
        yield from _sections(f"{path} {name}", each, inner)


def _section(path: str, command: Any, context: Any) -> str:
    usage = " ".join(command.collect_usage_pieces(context))
    rows = "\n".join(_rows(command, context))
    return (
        f"## {path}\n\n    {path} {usage}\n\n{cleandoc(command.help or '')}\n\n"
        f"| option | meaning |\n|---|---|\n{rows}\n"
    )


def _rows(command: Any, context: Any) -> Iterator[str]:
    for parameter in command.get_params(context):
        argument = parameter.param_type_name == "argument"
        # Sorted, because Typer keeps the names of the help option in a set.
        opts = [] if argument else sorted(parameter.opts, key=len, reverse=True)
        names = [f"`{name}`" for name in opts]
        metavar = [f"`{parameter.metavar}`"] if parameter.metavar else []
        text = " ".join((parameter.help or "").split()).replace("|", "\\|")
        yield f"| {' '.join([', '.join(names), *metavar]).strip()} | {text} |"


if __name__ == "__main__":
    sys.stdout.write(reference())
