"""The whole tree of commands. Imports nothing that `--help` does not need."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from inspect import cleandoc
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from classifier.cli.commands import batch, sidecars, store, taxonomy, verdicts
from classifier.cli.commands.accept import accept
from classifier.cli.commands.apply import apply
from classifier.cli.commands.calibrate import calibrate
from classifier.cli.commands.cascade import cascade
from classifier.cli.commands.categories import categories
from classifier.cli.commands.check import check
from classifier.cli.commands.evaluate import evaluate
from classifier.cli.commands.group import group
from classifier.cli.commands.history import history
from classifier.cli.commands.learn import learn
from classifier.cli.commands.reject import reject
from classifier.cli.commands.report import report
from classifier.cli.commands.run import run
from classifier.cli.commands.status import status
from classifier.cli.commands.trust import trust

_WORD: Final = re.compile(r"[a-z][a-z-]*")


class _RunByDefault(TyperGroup):
    """`classify a.md` is `classify run a.md`; a file called like a command is `./run`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        _refuse_empty(args)
        own = {name for option in self.get_params(ctx) for name in option.opts}
        first = args[0].partition("=")[0] if args else "--help"
        if first not in own and first not in self.commands:
            self._refuse_typo(first)
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def _refuse_typo(self, word: str) -> None:
        if not _WORD.fullmatch(word) or Path(word).exists():
            return
        from classifier.errors import UsageError

        close = get_close_matches(word, self.commands, n=1)
        hint = f"did you mean {close[0]!r}?" if close else "see classify --help"
        raise UsageError(f"no command, file or folder is called {word!r}; {hint}")


def _refuse_empty(args: list[str]) -> None:
    """Refuse an unset variable of a shell: it would stand for the current folder."""
    for before, argument in pairwise(["", *args]):
        if not argument and not before.startswith("-"):
            from classifier.errors import UsageError

            raise UsageError("an argument is empty: name a file or folder, or . for this one")


app = group(
    cls=_RunByDefault,
    subcommand_metavar="PATH... | COMMAND [ARGS]...",
    epilog="More commands: taxonomy, verdicts, sidecars, batch, cascade, store, trust. "
    "`classify COMMAND --help` explains each.",
)


def command() -> TyperGroup:
    """Return the whole command tree."""
    tree = typer.main.get_command(app)
    assert isinstance(tree, TyperGroup)
    _unwrap(tree)
    return tree


def _unwrap(node: Any) -> None:
    """Join the lines of each paragraph of help: Typer keeps the line breaks of docstrings."""
    paragraphs = cleandoc(node.help or "").split("\n\n")
    node.help = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    for child in getattr(node, "commands", {}).values():
        _unwrap(child)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"classify {version('category-classifier')}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Classify articles against categories that you describe in Markdown.

    Shows for every category the confidence, the reasoning, the evidence and who judged.
    Works offline; a language model is used only with `--scorer openai` or `--scorer cascade`.

    `classify PATH` is short for `classify run PATH`.
    """


_FIRST_SCREEN: Final[dict[str, dict[str, Callable[..., int]]]] = {
    "Classify": {"run": run, "status": status, "history": history, "categories": categories},
    "Improve": {
        "eval": evaluate,
        "accept": accept,
        "reject": reject,
        "learn": learn,
        "calibrate": calibrate,
    },
    "Publish": {"report": report, "apply": apply, "check": check},
}
"""By heading, in the order in which a newcomer needs them."""

for heading, commands in _FIRST_SCREEN.items():
    for name, function in commands.items():
        app.command(name, rich_help_panel=heading)(function)
app.command("cascade", hidden=True)(cascade)
app.command("trust", hidden=True)(trust)
for name, group_app in {
    "taxonomy": taxonomy.app,
    "verdicts": verdicts.app,
    "sidecars": sidecars.sidecars_app,
    "batch": batch.app,
    "store": store.app,
}.items():
    app.add_typer(group_app, name=name, hidden=True)
