"""The tree of commands. Imports a command only when it is called."""

from __future__ import annotations

import re
from importlib import import_module
from inspect import cleandoc
from itertools import pairwise
from pathlib import Path
from shutil import get_terminal_size
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from classifier import small_files
from classifier.cli.commands.group import group

_COMMANDS: Final = {
    "Classify": {
        "init": "Set up a site: categories and settings from the labels of its articles.",
        "run": "Classify articles.",
        "status": "Count articles that are current, stale, missing or failed, by scorer.",
        "history": "Show the stored results of an article, their scorers and their changes.",
    },
    "Improve": {
        "train": "Learn from human labels, for all later runs.",
        "review": "Review labels in the browser: accept or reject with a key, train, apply.",
        "eval": "Evaluate a scorer against human labels.",
        "accept": "Accept a category for an article, whatever the scorers think.",
    },
    "Publish": {
        "report": "Write the stored results as an HTML page to explore and share.",
        "apply": "Write the decided labels into the front matter of articles.",
        "check": "Report articles that are unclassified or out of date, or lack decided labels.",
    },
    "": {
        "categories": "List the categories, the rules of each kind and all warnings.",
        "reject": "Reject a category for an article; see `classify accept`.",
        "taxonomy": "Check, compare and improve category definitions.",
        "watch": "Classify articles as they are saved.",
        "verdicts": "List, import and export human verdicts.",
        "related": "Write the most similar articles of each article, by section.",
        "link": "Link the first mention of each category in an article to its page.",
        "fetch": "Fetch web pages into Markdown files to classify.",
        "sidecars": "Write and import judgements in files beside the articles.",
        "batch": "Classify through the Batch API: about half price, up to 24 hours.",
        "cascade": "Find which pairs can skip the language model while keeping a target recall.",
        "store": "Inspect and clean up the record store.",
        "serve": "Serve an HTTP API that judges texts, records verdicts and returns stored "
        "results.",
        "mcp": "Serve the Model Context Protocol on standard input and output.",
        "trust": "Trust a project's settings file to name servers, and paths outside the project.",
    },
}
"""The first sentence of each command's help, by heading and in the order in which a newcomer needs
them. The first screen only names those without a heading."""

_MODULES: Final = {"eval": "evaluate"}
"""Modules in `classifier.cli.commands` that are not called like their command. A module holds a
group `app`, or a function of its own name."""

_WORD: Final = re.compile(r"[a-z][a-z-]*")


class _Listed(TyperCommand):
    """What the first screen shows of a command that is not imported yet."""

    def load(self) -> Any:
        """Return the command or group itself."""
        assert self.name
        name = _MODULES.get(self.name, self.name)
        module = import_module(f"classifier.cli.commands.{name}")
        app = getattr(module, "app", None)
        if app is None:
            app = group()
            app.command(self.name)(getattr(module, name))
        loaded = typer.main.get_command(app)
        loaded.name = self.name
        _unwrap(loaded)
        return loaded


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

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, found, rest = super().resolve_command(ctx, args)
        return name, found.load() if isinstance(found, _Listed) else found, rest

    def _refuse_typo(self, word: str) -> None:
        if not _WORD.fullmatch(word) or small_files.exists(Path(word)):
            return
        from difflib import get_close_matches

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
    add_completion=True,
    subcommand_metavar="PATH... | COMMAND [ARGS]...",
    epilog=f"More commands: {', '.join(_COMMANDS[''])}. `classify COMMAND --help` explains each.",
)


def command(*, whole: bool = False) -> TyperGroup:
    """Return the command tree; `whole` with every command imported, not only listed."""
    tree = typer.main.get_command(app)
    assert isinstance(tree, TyperGroup)
    _unwrap(tree)
    for heading, commands in _COMMANDS.items():
        for name, summary in commands.items():
            listed = _Listed(
                name, help=summary, rich_help_panel=heading or None, hidden=not heading
            )
            tree.commands[name] = listed.load() if whole else listed
    return tree


_NARROW: Final = 60
"""Columns below which the panels of a command would cut the names of its options off."""


def _unwrap(node: Any) -> None:
    """Prepare the help of a command: paragraphs in place of the lines of docstrings, no types."""
    paragraphs = cleandoc(node.help or "").split("\n\n")
    node.help = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    columns = get_terminal_size().columns
    if columns < _NARROW and not hasattr(node, "commands"):
        node.rich_markup_mode = None
        node.context_settings["terminal_width"] = columns
    for param in node.params:
        if param.param_type_name == "argument" or param.is_flag:
            param.display_type_rich = _no_type  # `<list[Path]>`, `<bool>`
    for child in getattr(node, "commands", {}).values():
        _unwrap(child)


def _no_type(_context: object = None, **_: object) -> str:
    return ""


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
