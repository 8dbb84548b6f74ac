"""The whole tree of commands. Imports nothing that `--help` does not need."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from classifier.cli.commands import (
    batch,
    judging,
    measuring,
    publishing,
    sidecars,
    store,
    taxonomy,
    verdicts,
)
from classifier.cli.commands.group import MORE, group
from classifier.cli.commands.trust import trust


class _RunByDefault(TyperGroup):
    """`classify a.md` is `classify run a.md`; a file called like a command is `./run`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        own = {name for option in self.get_params(ctx) for name in option.opts}
        first = args[0].partition("=")[0] if args else "--help"
        if first not in own and first not in self.commands:
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = group(cls=_RunByDefault, subcommand_metavar="PATH... | COMMAND [ARGS]...")


def command() -> TyperGroup:
    """Return the whole command tree."""
    tree = typer.main.get_command(app)
    assert isinstance(tree, TyperGroup)
    return tree


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
    """Classify articles against categories that are described in Markdown.

    For every category: a confidence, the reasoning, the evidence, and who judged.
    Works offline; a language model is asked only with --scorer openai.

    `classify PATH` is short for `classify run PATH`.
    """


for part in (judging, measuring, publishing):
    app.add_typer(part.app)
for name, part_app in (
    ("verdicts", verdicts.app),
    ("taxonomy", taxonomy.app),
    ("store", store.app),
    ("batch", batch.app),
    ("sidecars", sidecars.sidecars_app),
):
    app.add_typer(part_app, name=name, rich_help_panel=MORE)
app.command("trust", rich_help_panel=MORE)(trust)
