"""`classify eval`: how well a scorer agrees with human labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from classifier import small_files
from classifier.cli import options as o

if TYPE_CHECKING:
    from classifier.project import Project
    from classifier.project.evaluate import Evaluation
    from classifier.project.gold import GoldSource


_Gold = Annotated[
    Path | None,
    typer.Argument(
        metavar="GOLD",
        help="Human labels: a .csv, .tsv or .jsonl file of pairs, a folder of labelled "
        "articles (see --field), or `verdicts` for stored verdicts. Default: `content` in the "
        "settings.",
        show_default=False,
    ),
]
_Against = Annotated[
    str | None,
    typer.Option(
        metavar="SCORER",
        help="Compare with another scorer: embedded, openai:MODEL, or a part of the name of a "
        "stored scorer.",
        rich_help_panel=o.JUDGE,
    ),
]
_AgainstPrompts = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Compare with the same model under other prompts.",
        rich_help_panel=o.JUDGE,
    ),
]
_PackSizes = Annotated[
    str | None,
    typer.Option(
        "--pack",
        metavar="N,N,...",
        help="Compare numbers of categories per call instead. All pairs are judged with each; "
        "the smallest is the baseline.",
        rich_help_panel=o.JUDGE,
    ),
]
_Html = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write an HTML page with plots, all categories and disagreements.",
        rich_help_panel=o.OUTPUT,
    ),
]


def evaluate(
    context: typer.Context,
    gold: _Gold = None,
    *,
    field: o.Fields = None,
    content: o.Content = None,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    scorer: o.Scorer = None,
    fast: o.Fast = False,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_canary: o.NoCanary = False,
    trained: o.Trained = None,
    no_examples: o.NoExamples = False,
    against: _Against = None,
    against_prompts: _AgainstPrompts = None,
    pack_sizes: _PackSizes = None,
    judge: o.Pay = False,
    max_cost: o.MaxCost = None,
    store: o.Store = None,
    html: _Html = None,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> int:
    """Evaluate a scorer against human labels.

    Stored judgements are reused. Every figure has a 95 % interval, from resampling the articles.

    Exit code 0: done. 1: some articles could not be judged completely. 2: usage error.
    """
    from classifier.cli.next_step import show_next
    from classifier.cli.session import open_project
    from classifier.errors import UsageError
    from classifier.project.gold import GoldSource

    fields = tuple(field or ())
    source = None if gold is None else GoldSource(gold, fields, content)
    if pack_sizes is not None:
        for option, value in (("--against", against or against_prompts), ("--html", html)):
            if value:
                raise UsageError(f"--pack and {option} exclude each other")
        return _compare_packs(context, source, pack_sizes, judge=judge, json=json)
    with open_project(context) as project:
        evaluation = project.evaluate(
            source,
            fields=fields,
            against=against,
            against_prompts=against_prompts,
            judge=judge,
        )
        if html is not None:
            evaluation.write_html(html)
        _show(evaluation, json=json)
        _remark(project, evaluation, html)
        folder = gold if gold is not None and small_files.is_dir(gold) else content
        show_next(project, context, "eval", [folder] if folder else [])
    return 0 if evaluation.complete else 1


def _show(evaluation: Evaluation, *, json: bool) -> None:
    from classifier.cli.console import emit, emit_json
    from classifier.cli.layout import Page
    from classifier.cli.render import evaluation as render
    from classifier.evaluation.report_json import to_dict

    if json:
        emit_json(to_dict(evaluation.report))
    else:
        page = Page.for_stdout()
        emit(page.lay_out(render.lines(evaluation.report, page)))


def _remark(project: Project, evaluation: Evaluation, html: Path | None) -> None:
    from classifier.wording import count

    if left_out := evaluation.report.without_record:
        judge = "; --judge asks the language model about them" if evaluation.needs_judge else ""
        project.note(f"left out {count(left_out, 'labelled pair')} without a judgement{judge}")
    if html is not None:
        project.note(f"written to {str(html)!r}")


def _sizes(text: str) -> list[int]:
    from classifier.errors import UsageError

    try:
        sizes = sorted({int(size) for size in text.split(",")})
    except ValueError:
        sizes = []
    if len(sizes) < 2 or sizes[0] < 1:
        raise UsageError(f"--pack {text!r}: expected at least two sizes, such as 1,10,20")
    return sizes


def _compare_packs(
    context: typer.Context, gold: GoldSource | None, pack_sizes: str, *, judge: bool, json: bool
) -> int:
    from classifier.cli.console import emit_json
    from classifier.cli.layout import show
    from classifier.cli.render import pack_sizes as render
    from classifier.cli.session import open_project
    from classifier.errors import UsageError

    if gold is None:
        raise UsageError("--pack needs labels: name them, as in `classify eval GOLD --pack`")
    sizes = _sizes(pack_sizes)
    with open_project(context) as project:
        comparison = project.compare_pack_sizes(gold, sizes, judge=judge)
        if json:
            emit_json(render.to_dict(comparison))
        else:
            show(render.lines(comparison))
    return 0 if comparison.complete else 1
