"""`classify calibrate`: fit confidences to human labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from classifier.cli import options as o

if TYPE_CHECKING:
    from classifier.training.calibrate import MinimumTarget


def calibrate(
    context: typer.Context,
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
            help="Choose the lowest minimum confidence at which this share of the labels is right.",
            rich_help_panel=o.RULES,
        ),
    ] = None,
    target_recall: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Choose the highest minimum confidence that still finds this share of the true "
            "labels.",
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
    """Calibrate confidences with human labels.

    Writes a file beside the categories that later runs use: a confidence of 0.8 then means that
    about 8 of 10 such pairs belong. Calibrations of other scorers in that file are kept.

    Exit code 0: done. 1: some articles could not be judged completely. 2: usage error, or too few
    labels.
    """
    from classifier.cli.layout import show
    from classifier.cli.render import artifact
    from classifier.cli.render import calibration as render
    from classifier.cli.session import open_project
    from classifier.project.gold import GoldSource

    target = _target(target_precision, target_recall, per)
    source = GoldSource(gold, tuple(field or ()), content)
    with open_project(context, defaults_matter=output is not None) as project:
        result = project.calibrate(source, target=target, output=output, judge=judge)
        show(render.lines(result))
        for remark in (*artifact.remarks(result.artifact), *render.remarks(result)):
            project.note(remark)
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
