"""The commands and their options. Imports nothing that `--help` does not need."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

_JUDGED, _JUDGE, _OUTPUT = "What is judged", "Who judges", "What is printed"


class _RunByDefault(TyperGroup):
    """`classify a.md` is `classify run a.md`; a file called like a command is `./run`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        own = {name for option in self.get_params(ctx) for name in option.opts}
        first = args[0].partition("=")[0] if args else "--help"
        if first not in own and first not in self.commands:
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_RunByDefault,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
    subcommand_metavar="PATH... | COMMAND [ARGS]...",
)

Categories = Annotated[
    Path | None,
    typer.Option(
        metavar="PATH",
        help="Folder of category definitions, one definition, or a tags.yml. Without it: the "
        "examples that come with the program.",
        rich_help_panel=_JUDGED,
    ),
]
Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="Only categories of this kind. May be repeated.",
        rich_help_panel=_JUDGED,
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--category",
        metavar="NAME",
        help="Only this category: id, slug, title or alias. May be repeated.",
        rich_help_panel=_JUDGED,
    ),
]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        help="No warnings and notes on stderr; failures are still told.",
        rich_help_panel=_OUTPUT,
    ),
]


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


@app.command()
def run(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            help="Markdown files, bundle folders (with an index.md), or - for standard input.",
            show_default=False,
        ),
    ],
    *,
    categories: Categories = None,
    kind: Kinds = None,
    category: Only = None,
    scorer: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="embedded (the default) works offline; openai asks a language model.",
            rich_help_panel=_JUDGE,
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The language model.", rich_help_panel=_JUDGE),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="An OpenAI-compatible server; OpenAI's own by default. The key is in "
            "OPENAI_API_KEY.",
            rich_help_panel=_JUDGE,
        ),
    ] = None,
    prompts: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Your own prompt templates.", rich_help_panel=_JUDGE),
    ] = None,
    pack: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Categories judged in one call; 10 by default.",
            rich_help_panel=_JUDGE,
        ),
    ] = None,
    no_decoy: Annotated[
        bool,
        typer.Option(
            "--no-decoy",
            help="Leave out the category nothing belongs to, which shows that an article has "
            "talked the model into something.",
            rich_help_panel=_JUDGE,
        ),
    ] = False,
    concurrency: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Calls under way at once; 4 by default.",
            rich_help_panel=_JUDGE,
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="How long one call may take; 120 by default.",
            rich_help_panel=_JUDGE,
        ),
    ] = None,
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="One JSON object per article, each on a line of its own.",
            rich_help_panel=_OUTPUT,
        ),
    ] = False,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="All categories with reasoning and evidence, not only labels and near misses.",
            rich_help_panel=_OUTPUT,
        ),
    ] = False,
    quiet: Quiet = False,
) -> int:
    """Classify articles and say why.

    Exit code 0: done. 1: some article could not be judged in full. 2: the call is wrong.
    """
    from classifier.cli.run import Selection, View, classify

    overrides = {
        "categories": categories,
        "scorer": scorer,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "pack": pack,
        "decoy": False if no_decoy else None,
        "concurrency": concurrency,
        "timeout": timeout,
    }
    return classify(
        paths,
        overrides=overrides,
        selection=Selection(kind or (), category or ()),
        view=View(json=json, explain=explain, quiet=quiet),
    )


@app.command("categories")
def list_categories(
    categories: Categories = None, kind: Kinds = None, category: Only = None, quiet: Quiet = False
) -> int:
    """List the categories, the rule of each kind, and every warning about the definitions."""
    from classifier.cli.categories import show
    from classifier.cli.run import Selection

    return show(categories, selection=Selection(kind or (), category or ()), quiet=quiet)
