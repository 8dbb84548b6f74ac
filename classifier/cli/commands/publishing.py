"""Commands that put labels where people work, and hold them there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o
from classifier.cli.commands.group import PUBLISH, group, selection

app = group()


@app.command(rich_help_panel=PUBLISH)
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
    no_canary: o.NoCanary = False,
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

    asked = Asked(
        paths=paths,
        names=Names(kind or ()),
        files=selection(include, exclude),
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
        "canary": False if no_canary else None,
        "calibration": calibration,
        "learned": learned,
        "examples": False if no_examples else None,
        "store": store,
    }
    return write(asked, overrides=overrides, dry_run=dry_run)


@app.command(rich_help_panel=PUBLISH)
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
    no_canary: o.NoCanary = False,
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

    asked = Asked(
        paths=paths,
        names=Names(kind or ()),
        files=selection(include, exclude),
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
        "canary": False if no_canary else None,
        "calibration": calibration,
        "learned": learned,
        "examples": False if no_examples else None,
        "store": store,
    }
    shown = Shown(form=format, summary=summary)
    return look(asked, overrides=overrides, shown=shown, since=since)


@app.command(rich_help_panel=PUBLISH)
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
    no_canary: o.NoCanary = False,
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

    overrides = {
        "categories": categories,
        "scorer": scorer,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "canary": False if no_canary else None,
        "store": store,
    }
    return show(
        Asked(
            base=base,
            paths=paths or (),
            files=selection(include, exclude),
            judge=judge,
            everything=everything,
            json=json,
            quiet=quiet,
        ),
        overrides=overrides,
    )


@app.command("report", rich_help_panel=PUBLISH)
def make_report(
    paths: o.Articles,
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
    no_canary: o.NoCanary = False,
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

    overrides = {
        "categories": categories,
        "scorer": scorer,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "canary": False if no_canary else None,
        "calibration": calibration,
        "learned": learned,
        "examples": False if no_examples else None,
        "store": store,
    }
    asked = Asked(
        paths=paths,
        output=output,
        names=Names(kind or (), category or ()),
        files=selection(include, exclude),
        fields=tuple(field or ()),
        against=tuple(against or ()),
        explain=explain,
        quiet=quiet,
    )
    return report(asked, overrides=overrides)


@app.command("import", rich_help_panel=PUBLISH)
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

    return take_in(
        paths,
        kinds=kind or (),
        files=selection(include, exclude),
        overrides={"categories": categories, "store": store},
        quiet=quiet,
    )
