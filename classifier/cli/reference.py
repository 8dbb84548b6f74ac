"""Writes docs/cli.md from the program: `python -m classifier.cli.reference > docs/cli.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from textwrap import fill
from typing import Any

_INTRODUCTION = """\
# Command line

<!-- Written by `python -m classifier.cli.reference`; a test compares. Do not edit. -->

Results go to stdout; progress, warnings and errors go to stderr, on lines that begin with
`classify:` (on a terminal, progress is a live display). Without a terminal, or with `NO_COLOR` set,
the output has no escape codes. It is as wide as the terminal or `$COLUMNS`, at most 100 columns,
and 80 columns where neither is known; paths are never wrapped.

For a file, or a bundle folder whose only article is its `index.md`, `run` shows a page. For any
other folder, or with `--output`, it judges what is pending and shows a summary (with `--json`, one
line per article on stdout, the summary on stderr). Judgements are stored in
`.classify/records.sqlite3` beside the settings file, or in the current folder. Nothing is judged
again unless the text, the definition or the scorer changes: see [records](records.md). Ctrl-C, or a
TERM signal, lets a run finish the articles under way; a second one stops it at once.

`classify PATH` is short for `classify run PATH`. For an article with the name of a command, write
`./run`.

Options override `CLASSIFY_*` variables, and those override `classify.toml`: see
[settings](settings.md). The output of `--json` is documented in [json.md](json.md).

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | some articles could not be judged completely |
| 1 | of `check`, `taxonomy lint` and `store verify`: something was found |
| 2 | usage error: one line says what is wrong and what to do |
| 70 | a bug in classify; `CLASSIFY_DEBUG=1` shows where |
| 130 | interrupted (Ctrl-C) |
| 141 | the reader of a pipe closed it (`\\| head`) |
"""


def reference() -> str:
    """Return the whole page."""
    from classifier.cli.app import command

    tree = command(whole=True)
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
        f"## {path}\n\n    {path} {usage}\n\n{_wrapped(command.help or '')}\n\n"
        f"| option | meaning |\n|---|---|\n{rows}\n"
    )


def _wrapped(text: str) -> str:
    return "\n\n".join(
        fill(paragraph, 100, break_on_hyphens=False) for paragraph in text.split("\n\n")
    )


def _rows(command: Any, context: Any) -> Iterator[str]:
    for parameter in command.get_params(context):
        argument = parameter.param_type_name == "argument"
        # Sorted, because Typer keeps the names of the help option in a set.
        opts = [] if argument else sorted(parameter.opts, key=len, reverse=True)
        names = [f"`{name}`" for name in opts]
        metavar = [f"`{parameter.metavar}`"] if parameter.metavar else []
        cells = (" ".join([", ".join(names), *metavar]), " ".join((parameter.help or "").split()))
        yield "| " + " | ".join(cell.strip().replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    sys.stdout.write(reference())
