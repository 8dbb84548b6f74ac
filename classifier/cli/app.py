"""The commands and their options. Imports nothing that `--help` does not need."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from classifier.cli import options as o


class _RunByDefault(TyperGroup):
    """`classify a.md` is `classify run a.md`; a file called like a command is `./run`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        own = {name for option in self.get_params(ctx) for name in option.opts}
        first = args[0].partition("=")[0] if args else "--help"
        if first not in own and first not in self.commands:
            args = ["run", *args]
        return super().parse_args(ctx, args)


_CONTEXT = {"help_option_names": ["-h", "--help"]}
app = typer.Typer(
    cls=_RunByDefault,
    context_settings=_CONTEXT,
    rich_markup_mode="rich",
    subcommand_metavar="PATH... | COMMAND [ARGS]...",
)
store_app = typer.Typer(
    context_settings=_CONTEXT, rich_markup_mode="rich", help="Look after the records."
)
taxonomy_app = typer.Typer(
    context_settings=_CONTEXT, rich_markup_mode="rich", help="Look after the category definitions."
)
verdicts_app = typer.Typer(
    context_settings=_CONTEXT, rich_markup_mode="rich", help="What people said about articles."
)
batch_app = typer.Typer(
    context_settings=_CONTEXT,
    rich_markup_mode="rich",
    help="Judge by files, at half price, within a day.",
)


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
            help="Markdown files, bundle folders (with an index.md alone), folders of articles, "
            "or - for standard input.",
            show_default=False,
        ),
    ],
    *,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    since: o.Since = None,
    scorer: o.Scorer = None,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    pack: o.Pack = None,
    no_decoy: o.NoDecoy = False,
    cuts: o.Cuts = None,
    shortlist: o.Shortlist = None,
    calibration: o.Calibration = None,
    learned: o.Learned = None,
    no_examples: o.NoExamples = False,
    concurrency: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Calls under way at once; 4 by default.",
            rich_help_panel=o.LIMITS,
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="How long one call may take; 120 by default, 900 with --tier.",
            rich_help_panel=o.LIMITS,
        ),
    ] = None,
    tier: Annotated[
        str | None,
        typer.Option(
            metavar="flex|flex-first",
            help="Slower calls at about half the price; flex-first: at the usual price where the "
            "server has no room for those.",
            rich_help_panel=o.LIMITS,
        ),
    ] = None,
    rpm: Annotated[
        float | None,
        typer.Option(metavar="N", help="Calls in any minute at most.", rich_help_panel=o.LIMITS),
    ] = None,
    tpm: Annotated[
        float | None,
        typer.Option(metavar="N", help="Tokens in any minute at most.", rich_help_panel=o.LIMITS),
    ] = None,
    max_cost: Annotated[
        float | None,
        typer.Option(
            metavar="DOLLARS", help="What the run may cost at most.", rich_help_panel=o.LIMITS
        ),
    ] = None,
    max_calls: o.MaxCalls = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Say what there is to judge and what it would cost, and make no call.",
            rich_help_panel=o.LIMITS,
        ),
    ] = False,
    plan: Annotated[
        bool,
        typer.Option(
            "--plan",
            help="Only tell how a language model would be asked, what that takes, and what else "
            "could be done; makes no call.",
            rich_help_panel=o.LIMITS,
        ),
    ] = False,
    store: o.Store = None,
    no_store: Annotated[
        bool,
        typer.Option(
            "--no-store",
            help="Look up no records and keep none.",
            rich_help_panel=o.KEPT,
        ),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the records of these articles to a .jsonl, .csv or .parquet file.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = None,
    rows: Annotated[
        str | None,
        typer.Option(
            metavar="pairs|articles",
            help="What a row of it is about: a pair (the default) or an article.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = None,
    sidecar: Annotated[
        bool,
        typer.Option(
            "--sidecar",
            help="Write the records of each article into a data.NAME.classifications.json "
            "beside it.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = False,
    write: Annotated[
        bool,
        typer.Option(
            "--write",
            help="Put the decided labels into the front matter, as `classify apply` does.",
            rich_help_panel=o.WRITTEN,
        ),
    ] = False,
    summary: o.Summary = None,
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="One JSON object per article, each on a line of its own.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = False,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="All categories with reasoning and evidence, not only labels and near misses.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = False,
    quiet: o.Quiet = False,
) -> int:
    """Classify articles and say why.

    A file is answered with a page, a folder with a summary. What is on record is not judged again.

    Exit code 0: done. 1: some article could not be judged in full. 2: the call is wrong.
    """
    from classifier.cli.job import Job, Names, View
    from classifier.cli.run import classify
    from classifier.discovery import Selection

    overrides = {
        "categories": categories,
        "scorer": scorer,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "pack": pack,
        "decoy": False if no_decoy else None,
        "cuts": cuts,
        "shortlist": shortlist,
        "calibration": calibration,
        "learned": learned,
        "examples": False if no_examples else None,
        "concurrency": concurrency,
        "timeout": timeout,
        "tier": tier,
        "rpm": rpm,
        "tpm": tpm,
        "max_cost": max_cost,
        "max_calls": max_calls,
        "store": store,
    }
    return classify(
        Job(
            paths=paths,
            overrides=overrides,
            names=Names(kind or (), category or ()),
            files=Selection(include=tuple(include or ()), exclude=tuple(exclude or ())),
            view=View(json=json, explain=explain, quiet=quiet),
            dry_run=dry_run or plan,
            plan=plan,
            keep=not no_store,
            output=output,
            rows=rows,
            sidecar=sidecar,
            write=write,
            since=since,
            summary=summary,
        )
    )


@app.command()
def diff(
    base: Annotated[
        str,
        typer.Argument(
            metavar="[GIT-REF|FOLDER]",
            help="The other definitions: a folder, or a state of the project as git names it.",
        ),
    ] = "HEAD",
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Articles, or folders of them; without any: all that are on record.",
            show_default=False,
        ),
    ] = None,
    *,
    categories: o.Categories = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    scorer: o.Scorer = None,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_decoy: o.NoDecoy = False,
    judge: Annotated[
        bool,
        typer.Option(
            "--judge",
            help="Have a language model judge what it has not yet; without it you are told what "
            "that would cost.",
            rich_help_panel=o.JUDGE,
        ),
    ] = False,
    store: o.Store = None,
    everything: Annotated[
        bool,
        typer.Option(
            "--all",
            help="All articles, not only the first ten of a category.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = False,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> int:
    """Show which labels flip if these definitions replace those of another time, and why.

    Judges only what has changed, and keeps it: the next run has it for nothing.
    """
    from classifier.cli.diff import Asked
    from classifier.cli.diff import diff as show
    from classifier.discovery import Selection

    overrides = {
        "categories": categories,
        "scorer": scorer,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "decoy": False if no_decoy else None,
        "store": store,
    }
    return show(
        Asked(
            base=base,
            paths=paths or (),
            files=Selection(include=tuple(include or ()), exclude=tuple(exclude or ())),
            judge=judge,
            everything=everything,
            json=json,
            quiet=quiet,
        ),
        overrides=overrides,
    )


@app.command()
def apply(
    paths: o.Articles,
    *,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    scorer: o.Scorer = None,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_decoy: o.NoDecoy = False,
    calibration: o.Calibration = None,
    learned: o.Learned = None,
    no_examples: o.NoExamples = False,
    field: o.IntoFields = None,
    merge: o.Merge = False,
    replace: o.Replace = False,
    suggest: o.Suggest = None,
    again: o.Again = False,
    spaced: o.Spaced = False,
    create: o.Create = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Print what would change as a unified diff, and change nothing.",
            rich_help_panel=o.WRITTEN,
        ),
    ] = False,
    store: o.Store = None,
    quiet: o.Quiet = False,
) -> int:
    """Put the decided labels into the front matter of the articles, and change nothing else.

    Only the lines of those keys are edited, in the file's own style; a file that cannot be edited
    safely, or has changed since it was judged, is left as it is and named.

    Exit code 0: done. 1: some file was left as it is. 2: the call is wrong.
    """
    from classifier.cli.apply import Asked, Into
    from classifier.cli.apply import apply as write
    from classifier.cli.job import Names
    from classifier.discovery import Selection

    asked = Asked(
        paths=paths,
        names=Names(kind or ()),
        files=Selection(include=tuple(include or ()), exclude=tuple(exclude or ())),
        into=Into.of(
            fields=field,
            merge=merge,
            replace=replace,
            suggest=suggest,
            again=again,
            spaced=spaced,
            create=create,
        ),
        quiet=quiet,
    )
    overrides = {
        "categories": categories,
        "scorer": scorer,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "decoy": False if no_decoy else None,
        "calibration": calibration,
        "learned": learned,
        "examples": False if no_examples else None,
        "store": store,
    }
    return write(asked, overrides=overrides, dry_run=dry_run)


@app.command()
def check(
    paths: o.Articles,
    *,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    since: o.Since = None,
    scorer: o.Scorer = None,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_decoy: o.NoDecoy = False,
    calibration: o.Calibration = None,
    learned: o.Learned = None,
    no_examples: o.NoExamples = False,
    field: o.IntoFields = None,
    merge: o.Merge = False,
    replace: o.Replace = False,
    spaced: o.Spaced = False,
    create: o.Create = False,
    store: o.Store = None,
    format: Annotated[  # noqa: A002 - the name of the option
        str,
        typer.Option(
            metavar="text|json|github",
            help="github: marks beside the files of a pull request.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = "text",
    summary: o.Summary = None,
    quiet: o.Quiet = False,
) -> int:
    """Say which articles are not judged, changed since, or have other labels than are decided.

    Judges nothing, needs no key and changes nothing. Reads the records, or where there are none,
    the sidecars that are committed beside the articles. The labels of an article are as they are
    to be where `classify apply`, with the same options, would leave it as it is.

    Exit code 0: all is well. 1: something is not. 2: the call is wrong.
    """
    from classifier.cli.apply import Asked, Into
    from classifier.cli.check import Shown
    from classifier.cli.check import check as look
    from classifier.cli.job import Names
    from classifier.discovery import Selection

    asked = Asked(
        paths=paths,
        names=Names(kind or ()),
        files=Selection(include=tuple(include or ()), exclude=tuple(exclude or ())),
        into=Into.of(
            fields=field,
            merge=merge,
            replace=replace,
            suggest=None,
            again=False,
            spaced=spaced,
            create=create,
        ),
        quiet=quiet,
    )
    overrides = {
        "categories": categories,
        "scorer": scorer,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "decoy": False if no_decoy else None,
        "calibration": calibration,
        "learned": learned,
        "examples": False if no_examples else None,
        "store": store,
    }
    shown = Shown(form=format, summary=summary)
    return look(asked, overrides=overrides, shown=shown, since=since)


@app.command("categories")
def list_categories(
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    quiet: o.Quiet = False,
) -> int:
    """List the categories, the rule of each kind, and every warning about the definitions."""
    from classifier.cli.categories import show
    from classifier.cli.job import Names

    return show(categories, names=Names(kind or (), category or ()), quiet=quiet)


@app.command()
def status(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH", help="Articles, or folders of them.", show_default=False),
    ],
    *,
    categories: o.Categories = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    scorer: o.Scorer = None,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_decoy: o.NoDecoy = False,
    store: o.Store = None,
    json: o.Json = False,
) -> int:
    """Count the articles that are judged, stale, missing or failed, for each scorer.

    Stale: the article or a definition was changed since. Judges nothing and writes nothing.
    """
    from classifier.cli.status import status as show
    from classifier.discovery import Selection

    overrides = {
        "categories": categories,
        "scorer": scorer,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "decoy": False if no_decoy else None,
        "store": store,
    }
    files = Selection(include=tuple(include or ()), exclude=tuple(exclude or ()))
    return show(paths, overrides=overrides, files=files, json=json)


@app.command("show")
def show_records(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="ARTICLE", help="A file or bundle folder; it may be gone.", show_default=False
        ),
    ],
    *,
    categories: o.Categories = None,
    store: o.Store = None,
    json: o.Json = False,
) -> int:
    """Show what is on record of an article: by whom, its history, and what changed."""
    from classifier.cli.show import show

    return show(path, overrides={"categories": categories, "store": store}, json=json)


@app.command("import")
def import_sidecars(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            help="Articles, folders of them, or sidecars.",
            show_default=False,
        ),
    ],
    *,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    store: o.Store = None,
    quiet: o.Quiet = False,
) -> int:
    """Put on record what is in the sidecars of articles: what --sidecar wrote, or older files.

    Our own come back as the records they were, with what people said, so that a fresh copy of a
    site is not judged again. Others are records of a scorer called `imported`.

    Exit code 0: done. 1: some file could not be used. 2: the call is wrong.
    """
    from classifier.cli.importing import take_in
    from classifier.discovery import Selection

    return take_in(
        paths,
        kinds=kind or (),
        files=Selection(include=tuple(include or ()), exclude=tuple(exclude or ())),
        overrides={"categories": categories, "store": store},
        quiet=quiet,
    )


@app.command()
def accept(
    path: o.Article,
    names: o.Named,
    *,
    note: o.Note = "",
    undo: o.Undo = False,
    categories: o.Categories = None,
    store: o.Store = None,
    quiet: o.Quiet = False,
) -> int:
    """Say that an article belongs to a category, whatever any scorer thinks of it.

    Your word wins in every run, outlives edits of the article and the definition, and is what
    `classify learn` learns from.
    """
    from classifier.cli.verdicts import Word, give

    word = Word(accepted=None if undo else True, note=note)
    overrides = {"categories": categories, "store": store}
    return give(path, names, word, overrides=overrides, quiet=quiet)


@app.command()
def reject(
    path: o.Article,
    names: o.Named,
    *,
    note: o.Note = "",
    undo: o.Undo = False,
    categories: o.Categories = None,
    store: o.Store = None,
    quiet: o.Quiet = False,
) -> int:
    """Say that an article does not belong to a category; see `classify accept`."""
    from classifier.cli.verdicts import Word, give

    word = Word(accepted=None if undo else False, note=note)
    overrides = {"categories": categories, "store": store}
    return give(path, names, word, overrides=overrides, quiet=quiet)


@app.command("eval")
def evaluate(
    gold: o.Gold,
    *,
    field: o.Fields = None,
    content: o.Content = None,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    scorer: o.Scorer = None,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_decoy: o.NoDecoy = False,
    calibration: o.Calibration = None,
    learned: o.Learned = None,
    no_examples: o.NoExamples = False,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="SCORER",
            help="Compare with: embedded, openai:MODEL, or a part of the name of a scorer on "
            "record.",
            rich_help_panel=o.JUDGE,
        ),
    ] = None,
    against_prompts: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Compare with the same model under these prompts.",
            rich_help_panel=o.JUDGE,
        ),
    ] = None,
    pack: Annotated[
        str | None,
        typer.Option(
            metavar="N,N,...",
            help="Measure instead how well the language model judges so many categories in one "
            "call. Every size has all pairs judged; the smallest is what others are held against.",
            rich_help_panel=o.JUDGE,
        ),
    ] = None,
    judge: o.Pay = False,
    max_cost: o.MaxCost = None,
    store: o.Store = None,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write a page with plots, all categories and disagreements.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = None,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> int:
    """Measure how right a scorer is, by labels that people gave.

    What is on record is not judged again. Every figure has the range that 95 % of resamples of
    the articles stay in.

    Exit code 0: done. 1: some article could not be judged in full. 2: the call is wrong.
    """
    from classifier.cli.evaluate import Request, run
    from classifier.cli.job import Names
    from classifier.cli.measuring import Source
    from classifier.discovery import Selection

    overrides = {
        "categories": categories,
        "scorer": scorer,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "decoy": False if no_decoy else None,
        "max_cost": max_cost,
        "calibration": calibration,
        "learned": learned,
        "examples": False if no_examples else None,
        "store": store,
    }
    source = Source(
        gold=gold,
        fields=tuple(field or ()),
        content=content,
        names=Names(kind or (), category or ()),
        files=Selection(include=tuple(include or ()), exclude=tuple(exclude or ())),
    )
    if pack is not None:
        from classifier.cli import packs
        from classifier.errors import UsageError

        for option, given in (("--against", against or against_prompts), ("--html", html)):
            if given:
                raise UsageError(f"--pack compares sizes of one model's calls: leave out {option}")
        return packs.run(
            packs.Request(
                source=source,
                overrides=overrides,
                sizes=pack,
                judge=judge,
                json=json,
                quiet=quiet,
            )
        )
    return run(
        Request(
            source=source,
            overrides=overrides,
            against=against,
            against_prompts=against_prompts,
            judge=judge,
            json=json,
            html=html,
            quiet=quiet,
        )
    )


@app.command()
def cascade(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="The articles to measure on, or folders of them.",
            show_default=False,
        ),
    ] = None,
    *,
    gold: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Measure by people's labels, and ask the model nothing: a table, or a folder of "
            "articles with --field.",
            rich_help_panel=o.RULES,
        ),
    ] = None,
    field: o.Fields = None,
    content: o.Content = None,
    categories: o.Categories = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_decoy: o.NoDecoy = False,
    recall: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            help="How many of the language model's labels have to be found, with 95 % confidence.",
            rich_help_panel=o.RULES,
        ),
    ] = 0.98,
    max_cost: Annotated[
        float | None,
        typer.Option(metavar="DOLLARS", help="What it may cost at most.", rich_help_panel=o.LIMITS),
    ] = None,
    max_calls: o.MaxCalls = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Say what it would cost, and make no call.",
            rich_help_panel=o.LIMITS,
        ),
    ] = False,
    store: o.Store = None,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The file to write; the one beside the categories by default.",
            rich_help_panel=o.KEPT,
        ),
    ] = None,
    quiet: o.Quiet = False,
) -> int:
    """Measure what a language model need not be asked, so that no more labels are lost than said.

    The embedded scorer judges every pair, the model a random sample. The cuts that are found are
    written beside the categories, and runs with --scorer cascade use them from then on. All answers
    are kept, and not paid for again.

    Exit code 0: done. 1: something could not be judged, or the budget did not do. 2: the call is
    wrong.
    """
    from classifier.cli.cascade import Asked, tune
    from classifier.cli.measuring import Source
    from classifier.discovery import Selection

    overrides = {
        "categories": categories,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "decoy": False if no_decoy else None,
        "max_cost": max_cost,
        "max_calls": max_calls,
        "store": store,
    }
    files = Selection(include=tuple(include or ()), exclude=tuple(exclude or ()))
    labels = gold and Source(gold=gold, fields=tuple(field or ()), content=content, files=files)
    return tune(
        Asked(
            paths=paths or (),
            files=files,
            recall=recall,
            gold=labels or None,
            output=output,
            dry_run=dry_run,
            quiet=quiet,
        ),
        overrides=overrides,
    )


@app.command()
def learn(
    gold: Annotated[
        Path,
        typer.Argument(
            metavar="[GOLD]",
            help="As for `classify eval`; without it, `verdicts`: what people said with `classify "
            "accept` and `reject`. Those win over what a file says.",
            show_default=False,
        ),
    ] = Path("verdicts"),
    *,
    field: o.Fields = None,
    content: o.Content = None,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    scorer: o.Scorer = None,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_decoy: o.NoDecoy = False,
    store: o.Store = None,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The file to write; the one beside the categories by default.",
            rich_help_panel=o.KEPT,
        ),
    ] = None,
    quiet: o.Quiet = False,
) -> int:
    """Learn from what people said of some articles, for all the others.

    What is found is written beside the categories, and every run uses it from then on: the
    embedded scorer for its confidences, a language model as examples. Makes no call.

    Exit code 0: done. 1: some article could not be read. 2: the call is wrong, or there is too
    little to learn from.
    """
    from classifier.cli.job import Names
    from classifier.cli.learn import Request, run
    from classifier.cli.measuring import Source
    from classifier.discovery import Selection

    overrides = {
        "categories": categories,
        "scorer": scorer,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "decoy": False if no_decoy else None,
        "store": store,
    }
    source = Source(
        gold=gold,
        fields=tuple(field or ()),
        content=content,
        names=Names(kind or (), category or ()),
        files=Selection(include=tuple(include or ()), exclude=tuple(exclude or ())),
    )
    return run(Request(source=source, overrides=overrides, output=output, quiet=quiet))


@app.command()
def calibrate(
    gold: o.Gold,
    *,
    field: o.Fields = None,
    content: o.Content = None,
    categories: o.Categories = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    scorer: o.Scorer = None,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_decoy: o.NoDecoy = False,
    judge: o.Pay = False,
    target_precision: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Find the lowest minimum at which this share of the labels is right.",
            rich_help_panel=o.RULES,
        ),
    ] = None,
    target_recall: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Find the highest minimum at which this share of what belongs is found.",
            rich_help_panel=o.RULES,
        ),
    ] = None,
    per: Annotated[
        str | None,
        typer.Option(
            metavar="kind|category",
            help="What gets a minimum: a kind (the default), or each category with enough gold.",
            rich_help_panel=o.RULES,
        ),
    ] = None,
    store: o.Store = None,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The file to write; the one beside the categories by default.",
            rich_help_panel=o.KEPT,
        ),
    ] = None,
    quiet: o.Quiet = False,
) -> int:
    """Learn from people's labels what a scorer's confidence is worth.

    What is found is written beside the categories, and every run uses it from then on: 0.8 then
    means that about 8 of 10 such pairs belong. Other scorers' part of the file is kept.

    Exit code 0: done. 1: some article could not be judged in full. 2: the call is wrong, or there
    is too little gold.
    """
    from classifier.cli.calibrate import Request, run
    from classifier.cli.measuring import Source
    from classifier.discovery import Selection

    overrides = {
        "categories": categories,
        "scorer": scorer,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "decoy": False if no_decoy else None,
        "store": store,
    }
    source = Source(
        gold=gold,
        fields=tuple(field or ()),
        content=content,
        files=Selection(include=tuple(include or ()), exclude=tuple(exclude or ())),
    )
    return run(
        Request(
            source=source,
            overrides=overrides,
            target_precision=target_precision,
            target_recall=target_recall,
            per=per,
            output=output,
            judge=judge,
            quiet=quiet,
        )
    )


@app.command("report")
def make_report(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH", help="Articles, or folders of them.", show_default=False),
    ],
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="The page.", rich_help_panel=o.OUTPUT),
    ] = Path("report.html"),
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    field: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[KIND=]NAME",
            help="Show where labels differ from this front matter field. May be repeated.",
            rich_help_panel=o.JUDGED,
        ),
    ] = None,
    scorer: o.Scorer = None,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_decoy: o.NoDecoy = False,
    calibration: o.Calibration = None,
    learned: o.Learned = None,
    no_examples: o.NoExamples = False,
    against: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SCORER",
            help="Show this other scorer, too: a part of its name on record, or all. "
            "May be repeated.",
            rich_help_panel=o.JUDGE,
        ),
    ] = None,
    store: o.Store = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="Keep the reasoning of every pair, not only of labels, near misses, exclusions "
            "and verdicts.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = False,
    quiet: o.Quiet = False,
) -> int:
    """Write what is on record as one page of HTML, to look through and to send around.

    The page holds all it needs and opens by a double-click. Judges nothing.
    """
    from classifier.cli.job import Names
    from classifier.cli.report import Asked, report
    from classifier.discovery import Selection

    overrides = {
        "categories": categories,
        "scorer": scorer,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "decoy": False if no_decoy else None,
        "calibration": calibration,
        "learned": learned,
        "examples": False if no_examples else None,
        "store": store,
    }
    asked = Asked(
        paths=paths,
        output=output,
        names=Names(kind or (), category or ()),
        files=Selection(include=tuple(include or ()), exclude=tuple(exclude or ())),
        fields=tuple(field or ()),
        against=tuple(against or ()),
        explain=explain,
        quiet=quiet,
    )
    return report(asked, overrides=overrides)


@verdicts_app.command("list")
def verdicts_list(store: o.Store = None, json: o.Json = False) -> int:
    """List what people said about articles."""
    from classifier.cli.verdicts import listed

    return listed(overrides={"store": store}, json=json)


@verdicts_app.command("import")
def verdicts_import(
    gold: Annotated[
        Path,
        typer.Argument(
            metavar="GOLD",
            help="A .csv, .tsv or .jsonl file of pairs, or a folder of articles with labels.",
            show_default=False,
        ),
    ],
    *,
    field: o.Fields = None,
    content: o.Content = None,
    categories: o.Categories = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    store: o.Store = None,
) -> int:
    """Take labels that people gave elsewhere for verdicts.

    Only what is written there: that an article lacks a label is nobody's word.
    """
    from classifier.cli.verdicts import take_in
    from classifier.discovery import Selection

    return take_in(
        gold,
        fields=tuple(field or ()),
        content=content,
        files=Selection(include=tuple(include or ()), exclude=tuple(exclude or ())),
        overrides={"categories": categories, "store": store},
    )


@store_app.command("stats")
def store_stats(store: o.Store = None, json: o.Json = False) -> int:
    """Count what is stored, for each scorer, with what it cost."""
    from classifier.cli.upkeep import stats

    return stats(store, json=json)


@store_app.command("gc")
def store_gc(
    categories: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH", help="Drop judgements of all but these category definitions, too."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Drop it.")] = False,
    store: o.Store = None,
) -> int:
    """Show which records nothing needs any more; with --yes, drop them.

    Those are earlier judgements of a pair, and those of texts that no file holds any more.
    """
    from classifier.cli.upkeep import gc

    return gc(store, categories=categories, yes=yes)


@store_app.command("verify")
def store_verify(store: o.Store = None) -> int:
    """Look for damage. Exit code 1 where there is some."""
    from classifier.cli.upkeep import verify

    return verify(store)


@taxonomy_app.command("lint")
def taxonomy_lint(
    *,
    categories: o.Categories = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE",
            help="Check these rules only. May be repeated, or several with commas between.",
            rich_help_panel=o.JUDGED,
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE", help="Do not check these rules, likewise.", rich_help_panel=o.JUDGED
        ),
    ] = None,
    scorer: o.Scorer = None,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_decoy: o.NoDecoy = False,
    store: o.Store = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="text|json|github",
            help="github: marks beside the lines of a pull request.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = "text",
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="Exit with 1 for warnings and advice, too.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = False,
    quiet: o.Quiet = False,
) -> int:
    """Look for overlaps, contradictions and gaps in the category definitions.

    Some rules look at the labels that the scorer's records give; they are left out where too few
    articles are on record. Calls nobody and writes nothing.

    Exit code 0: nothing wrong. 1: an error was found. 2: the call is wrong.
    """
    from classifier.cli.lint import Choice, check

    overrides = {
        "categories": categories,
        "scorer": scorer,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "decoy": False if no_decoy else None,
        "store": store,
    }
    choice = Choice(select=select or (), ignore=ignore or ())
    return check(overrides, choice=choice, form=form, strict=strict, quiet=quiet)


@batch_app.command("submit")
def batch_submit(
    paths: o.Articles,
    *,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    pack: o.Pack = None,
    no_decoy: o.NoDecoy = False,
    tokens: o.QueueTokens = None,
    megabytes: Annotated[
        float | None,
        typer.Option(
            metavar="N",
            help="Size of a file at most; 200 by default.",
            rich_help_panel=o.LIMITS,
        ),
    ] = None,
    max_cost: o.MaxCost = None,
    max_calls: o.MaxCalls = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Say what would be asked and what it would cost, and send nothing.",
            rich_help_panel=o.LIMITS,
        ),
    ] = False,
    store: o.Store = None,
    quiet: o.Quiet = False,
) -> int:
    """Ask a language model about all that is not judged yet, in files.

    What is on record, or was asked already, is not asked again. Run it again after it was
    interrupted: what was sent is found and not paid twice.

    Exit code 0: done. 1: some article cannot be read, or the budget is used up. 2: the call is
    wrong, or the server refuses.
    """
    from classifier.cli.batch_api import Asked, submit
    from classifier.cli.job import Names
    from classifier.discovery import Selection

    overrides = {
        "categories": categories,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "pack": pack,
        "decoy": False if no_decoy else None,
        "batch_tokens": tokens,
        "batch_megabytes": megabytes,
        "max_cost": max_cost,
        "max_calls": max_calls,
        "store": store,
    }
    return submit(
        Asked(
            paths=paths,
            names=Names(kind or (), category or ()),
            files=Selection(include=tuple(include or ()), exclude=tuple(exclude or ())),
            dry_run=dry_run,
            quiet=quiet,
        ),
        overrides=overrides,
    )


@batch_app.command("status")
def batch_status(
    paths: o.About = None,
    *,
    base_url: o.BaseUrl = None,
    store: o.Store = None,
    json: o.Json = False,
) -> int:
    """Show how far the batches are: as on record, and what the server says now."""
    from classifier.cli.batch_api import status

    return status(paths or (), overrides={"base_url": base_url, "store": store}, json=json)


@batch_app.command("collect")
def batch_collect(
    paths: o.About = None,
    *,
    wait: Annotated[
        bool, typer.Option("--wait", help="Go on until nothing is open any more.")
    ] = False,
    tokens: o.QueueTokens = None,
    base_url: o.BaseUrl = None,
    store: o.Store = None,
    quiet: o.Quiet = False,
) -> int:
    """Put the answers of batches that have ended on record, and start those that wait for room.

    What was not answered is left for the next submit, with the reason.

    Exit code 0: done. 1: some article was not judged in full. 2: the call is wrong, or the server
    refuses.
    """
    from classifier.cli.batch_api import collect

    overrides = {"base_url": base_url, "batch_tokens": tokens, "store": store}
    return collect(paths or (), overrides=overrides, wait=wait, quiet=quiet)


@batch_app.command("cancel")
def batch_cancel(
    paths: o.About = None,
    *,
    batch: Annotated[
        str,
        typer.Option(metavar="NAME", help="Only this one, as `classify batch status` names it."),
    ] = "",
    base_url: o.BaseUrl = None,
    store: o.Store = None,
) -> int:
    """Stop the batches that are open. What is answered already is paid and can be collected."""
    from classifier.cli.batch_api import cancel

    return cancel(paths or (), overrides={"base_url": base_url, "store": store}, name=batch)


app.add_typer(batch_app, name="batch")
app.add_typer(store_app, name="store")
app.add_typer(taxonomy_app, name="taxonomy")
app.add_typer(verdicts_app, name="verdicts")
