"""Commands that measure how right it is, and make it better."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.cli import options as o
from classifier.cli.commands.accept import accept
from classifier.cli.commands.group import MEASURE, group, selection
from classifier.cli.commands.reject import reject

app = group()


@app.command("eval", rich_help_panel=MEASURE)
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
    no_canary: o.NoCanary = False,
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

    overrides = {
        "categories": categories,
        "scorer": scorer,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "canary": False if no_canary else None,
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
        files=selection(include, exclude),
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


@app.command(rich_help_panel=MEASURE)
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
    no_canary: o.NoCanary = False,
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

    overrides = {
        "categories": categories,
        "scorer": scorer,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "canary": False if no_canary else None,
        "store": store,
    }
    source = Source(
        gold=gold,
        fields=tuple(field or ()),
        content=content,
        files=selection(include, exclude),
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


app.command(rich_help_panel=MEASURE)(accept)
app.command(rich_help_panel=MEASURE)(reject)


@app.command(rich_help_panel=MEASURE)
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
    no_canary: o.NoCanary = False,
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

    overrides = {
        "categories": categories,
        "scorer": scorer,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "canary": False if no_canary else None,
        "store": store,
    }
    source = Source(
        gold=gold,
        fields=tuple(field or ()),
        content=content,
        names=Names(kind or (), category or ()),
        files=selection(include, exclude),
    )
    return run(Request(source=source, overrides=overrides, output=output, quiet=quiet))


@app.command(rich_help_panel=MEASURE)
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
    no_canary: o.NoCanary = False,
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

    overrides = {
        "categories": categories,
        "model": model,
        "base_url": base_url,
        "prompts": prompts,
        "canary": False if no_canary else None,
        "max_cost": max_cost,
        "max_calls": max_calls,
        "store": store,
    }
    files = selection(include, exclude)
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
