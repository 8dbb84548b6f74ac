"""`classify train`: learn from people's labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from classifier.cli import options as o

if TYPE_CHECKING:
    from classifier.training.calibrate import MinimumTarget


def train(
    context: typer.Context,
    content: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="CONTENT",
            help="Folders of articles with labels in their front matter, or .csv, .tsv and .jsonl "
            "tables. Default: the folders that the settings name, else the project's folder if "
            "they name a field, else the verdicts alone.",
            show_default=False,
        ),
    ] = None,
    *,
    field: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[KIND=]NAME",
            help="Front matter field that holds the labels. Default: the fields in the settings, "
            "or the names of the kinds. Repeatable.",
            rich_help_panel=o.JUDGED,
        ),
    ] = None,
    categories: o.Categories = None,
    kind: o.Kinds = None,
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
            help="Instead of the best F1, choose the lowest minimum confidence at which this share "
            "of the labels is right.",
            rich_help_panel=o.RULES,
        ),
    ] = None,
    target_recall: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Instead of the best F1, choose the highest minimum confidence that still finds "
            "this share of the true labels.",
            rich_help_panel=o.RULES,
        ),
    ] = None,
    per: Annotated[
        str | None,
        typer.Option(
            metavar="kind|category",
            help="Choose a minimum for each kind (default), or for each category with enough "
            "labels.",
            rich_help_panel=o.RULES,
        ),
    ] = None,
    store: o.Store = None,
    output: o.ArtifactFile = None,
    quiet: o.Quiet = False,
) -> int:
    """Learn from the labels that people gave, and apply it to all articles.

    Writes a file beside the categories that later runs use: corrections for the embedded scorer,
    examples for a language model, calibrated confidences and the minimums that give the best
    labels. What makes labels worse on articles it had not seen is left out. Verdicts of `accept`
    and `reject` count as well; labels that `classify apply` wrote do not.

    Exit code 0: done. 1: some articles could not be read or judged. 2: usage error, or too few
    labels.
    """
    from classifier.cli.layout import show
    from classifier.cli.next_step import show_next
    from classifier.cli.render import artifact
    from classifier.cli.render import training as render
    from classifier.cli.session import open_project

    target = _target(target_precision, target_recall, per)
    with open_project(context, defaults_matter=output is not None) as project:
        result = project.train(
            *(content or ()), fields=field or (), target=target, output=output, judge=judge
        )
        show(render.lines(result, target.target if target else None))
        for remark in (*artifact.remarks(result.artifact), *render.remarks(result)):
            project.note(remark)
        show_next(project, context, "train", [path for path in content or () if path.is_dir()])
    return 0 if result.complete else 1


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
