"""`classify train`: learn from people's labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from classifier import small_files
from classifier.cli import options as o

if TYPE_CHECKING:
    from classifier.training.calibrate import MinimumTarget

TEACHER: Final = "Teacher"


_Content = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="CONTENT",
        help="Folders of articles with labels in their front matter, or .csv, .tsv and .jsonl "
        "tables. Default: the folders that the settings name, else the project's folder if "
        "they name a field, else the verdicts alone.",
        show_default=False,
    ),
]
_TargetPrecision = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="Instead of the best F1, choose the lowest minimum confidence at which this share "
        "of the labels is right.",
        rich_help_panel=o.RULES,
    ),
]
_TargetRecall = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="Instead of the best F1, choose the highest minimum confidence that still finds "
        "this share of the true labels.",
        rich_help_panel=o.RULES,
    ),
]
_Per = Annotated[
    str | None,
    typer.Option(
        metavar="kind|category",
        help="Choose a minimum for each kind (default), or for each category with enough labels.",
        rich_help_panel=o.RULES,
    ),
]
_Teacher = Annotated[
    str | None,
    typer.Option(
        metavar="MODEL",
        help="Ask this language model about a sample of the articles, and learn from its "
        "answers, too.",
        rich_help_panel=TEACHER,
    ),
]
_Articles = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Size of the teacher's sample. Default: 100.",
        show_default=False,
        rich_help_panel=TEACHER,
    ),
]
_Until = Annotated[
    str | None,
    typer.Option(
        metavar="f1=SHARE|plateau",
        help="Ask in rounds of 25 articles until the agreement with the teacher reaches this "
        "F1, or no longer grows.",
        rich_help_panel=TEACHER,
    ),
]
_Batch = Annotated[
    bool,
    typer.Option(
        "--batch",
        help="Ask through the Batch API: about half the price, up to a day. If interrupted, "
        "run the same command again to wait for the same batch.",
        rich_help_panel=TEACHER,
    ),
]


def train(
    context: typer.Context,
    content: _Content = None,
    *,
    field: o.Fields = None,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    scorer: o.Scorer = None,
    fast: o.Fast = False,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_canary: o.NoCanary = False,
    judge: o.Pay = False,
    target_precision: _TargetPrecision = None,
    target_recall: _TargetRecall = None,
    per: _Per = None,
    teacher: _Teacher = None,
    articles: _Articles = None,
    until: _Until = None,
    batch: _Batch = False,
    dry_run: o.EstimateOnly = False,
    max_cost: o.MaxCost = None,
    max_calls: o.MaxCalls = None,
    store: o.Store = None,
    output: o.ArtifactFile = None,
    quiet: o.Quiet = False,
) -> int:
    """Learn from human labels, for all later runs.

    Writes a file beside the categories that later runs use: corrections for the embedded scorer,
    examples for a language model, calibrated confidences and the minimums that give the best
    labels. Parts that make labels worse in cross-validation are left out. Verdicts of `accept`
    and `reject` count as well; labels that `classify apply` wrote do not.

    With `--teacher MODEL`, a language model labels a sample of the articles, and the embedded
    scorer learns from that. Answers are stored: run again after a stop, or with more articles, and
    nothing is asked twice.

    Exit code 0: done. 1: some articles could not be read or judged, or the budget was used up.
    2: usage error, or too few labels.
    """
    from classifier.errors import UsageError

    target = _target(target_precision, target_recall, per)
    if teacher is not None:
        if target is not None or judge:
            raise UsageError("--teacher cannot be combined with --judge and --target-...")
        return _teach(context, teacher, content or [], _until(until))
    of_teacher = {"articles": articles, "until": until, "batch": batch, "dry-run": dry_run}
    if name := next((name for name, value in of_teacher.items() if value), None):
        raise UsageError(f"--{name} is for a teacher: add --teacher MODEL")
    return _train(context, content or [], target)


def _train(context: typer.Context, content: list[Path], target: MinimumTarget | None) -> int:
    from classifier.cli.layout import show
    from classifier.cli.next_step import show_next
    from classifier.cli.render import artifact
    from classifier.cli.render import training as render
    from classifier.cli.session import open_project

    options = context.params
    output = options["output"]
    with open_project(context, defaults_matter=output is not None) as project:
        result = project.train(
            *content,
            fields=options["field"] or (),
            target=target,
            output=output,
            judge=options["judge"],
        )
        show(render.lines(result, target.target if target else None))
        for remark in (*artifact.remarks(result.artifact), *render.remarks(result)):
            project.note(remark)
        show_next(project, context, "train", [path for path in content if small_files.is_dir(path)])
    return 0 if result.complete else 1


def _teach(
    context: typer.Context,
    teacher: str,
    content: list[Path],
    until: float | Literal["plateau"] | None,
) -> int:
    from classifier.cli.layout import show
    from classifier.cli.next_step import show_next
    from classifier.cli.render import artifact
    from classifier.cli.render import teaching as render
    from classifier.cli.session import open_project

    options = context.params
    size = 100 if options["articles"] is None else options["articles"]
    with open_project(context, scorer="openai", model=teacher) as project:
        if options["dry_run"]:
            found = project.estimate_teaching(*content, articles=size, batch=options["batch"])
            show(render.estimate(found, in_rounds=until is not None))
            return 0
        result = project.teach(
            *content,
            fields=options["field"] or (),
            articles=size,
            until=until,
            batch=options["batch"],
            output=options["output"],
        )
        show(render.lines(result))
        for remark in artifact.remarks(result.training.artifact):
            project.note(remark)
        student = project.with_settings(scorer="embedded")
        show_next(student, context, "train", [path for path in content if small_files.is_dir(path)])
    return 0 if result.complete else 1


def _until(given: str | None) -> float | Literal["plateau"] | None:
    from classifier.errors import UsageError

    if given is None:
        return None
    if given == "plateau":
        return "plateau"
    name, _, value = given.partition("=")
    try:
        if name.strip() == "f1":
            return float(value)
    except ValueError:
        pass
    raise UsageError(f"--until {given!r}: expected f1=SHARE, such as f1=0.9, or plateau")


def _target(precision: float | None, recall: float | None, per: str | None) -> MinimumTarget | None:
    from classifier.errors import UsageError
    from classifier.training.calibrate import MinimumTarget
    from classifier.training.targets import MetricTarget

    if precision is not None and recall is not None:
        raise UsageError("--target-precision and --target-recall exclude each other")
    value = recall if precision is None else precision
    if value is None:
        if per is not None:
            raise UsageError("--per is for a target: add --target-precision or --target-recall")
        return None
    measure: Literal["precision", "recall"] = "recall" if precision is None else "precision"
    if not 0 < value < 1:
        raise UsageError(f"--target-{measure} {value!r}: expected a number between 0 and 1")
    target = MetricTarget(measure, value)
    match per:
        case None | "kind":
            return MinimumTarget(target=target)
        case "category":
            return MinimumTarget(target=target, per="category")
    raise UsageError(f"--per {per!r}: expected kind or category")
