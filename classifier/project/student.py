"""What a student is worth: how far it agrees with its teacher, and what a cascade of both takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from classifier import composition
from classifier.evaluation.bootstrap import MetricEstimate, estimate, resample_weights
from classifier.evaluation.metrics import Scored, ratio, unit_weights
from classifier.models import Category, Task
from classifier.project import frontier
from classifier.project.artifact import Artifact, artifact
from classifier.project.frontier import Asking, FrontierPoint, Student
from classifier.project.held_out import HeldOut
from classifier.project.teaching import Agreement
from classifier.project.tune_cascade import write_thresholds
from classifier.scorers.base import display_name
from classifier.scorers.cascade import deferral
from classifier.scorers.cascade.deferral import FittedThresholds
from classifier.scorers.openai import planning
from classifier.scorers.openai.scorer import OpenAIScorer
from classifier.training.cascade_tuning import fit_articles, fit_by_gold
from classifier.training.threshold_sampling import RecallTarget

if TYPE_CHECKING:
    from classifier.project.workspace import Workspace


def measure(
    project: Workspace, held_out: HeldOut, file: Path
) -> tuple[tuple[Agreement, ...], Student | None]:
    """Judge the held-out part with and without what was trained, and compare with the teacher.

    Args:
        project: Judges with the student.
        held_out: The articles, with the teacher's answers.
        file: What was trained.

    Returns:
        All kinds first, then each, where there are several; nothing if too few were answered.
    """
    both = held_out.compare(project.with_settings(trained=file))
    before = held_out.compare(project.with_settings(trained="off"))
    if both is None or before is None:
        return (), None
    trained, plain = both.given(), before.given()
    categories = both.pairs.categories
    kinds = list(dict.fromkeys(category.kind for category in categories))
    shown = ["", *kinds] if len(kinds) > 1 else kinds
    agreement = tuple(_agreement(kind, categories, trained, plain) for kind in shown)
    return agreement, Student.of(both)


def frontier_points(
    student: Student, teacher: OpenAIScorer, held_out: HeldOut
) -> Iterator[FrontierPoint]:
    """Yield ways to get the teacher's labels of all articles, dearest first."""
    digests = student.pairs.digests
    asking = replace(Asking.of(teacher), times=len(held_out.paths) / len(digests))

    def tasks() -> Iterator[Task]:
        return held_out.tasks(digests, held_out.categories)

    load = teacher.workload(tasks())
    yield asking.point(planning.ONE_BY_ONE.name, load, planning.ONE_BY_ONE)
    yield asking.point("teacher alone", load)
    yield from frontier.taught(asking, student, tasks)


def write_cuts(
    project: Workspace, student: Student, teacher: OpenAIScorer, trained: Artifact, recall: float
) -> FittedThresholds | None:
    """Write cuts for a cascade of both; None where the held-out part supports none.

    Args:
        project: Judges with the student.
        student: With the held-out part.
        teacher: The second scorer of the cascade.
        trained: The file of the training.
        recall: Share (0-1) of the teacher's labels to keep.
    """
    view = project.with_settings(scorer="cascade", trained=trained.path, settle="pairs")
    target = RecallTarget(recall=recall)
    gold = display_name(teacher.identity)
    found = fit_by_gold(student.pairs, view.definitions, target, gold=gold)
    whole = fit_articles(student.pairs, view.definitions, target, student.scale)
    if whole is None and not any(kind.settled for kind in found.kinds.values()):
        return None
    found = found.model_copy(update={"whole": whole})
    file = artifact(view, "cuts", None)
    file.existing(deferral.load)
    write_thresholds(view, composition.cascade(view.settings), found, file)
    return found


def _agreement(
    kind: str, categories: tuple[Category, ...], trained: Scored, plain: Scored
) -> Agreement:
    columns = np.array([not kind or category.kind == kind for category in categories])
    scored, before = trained.of(columns), plain.of(columns)
    truth, known = scored.truth, scored.judged
    weights = np.concatenate([unit_weights(len(truth)), resample_weights(len(truth))])

    def of(part: np.ndarray, whole: np.ndarray) -> MetricEstimate | None:
        values = ratio(weights @ part.astype(float), weights @ whole.astype(float))
        return estimate(float(values[0]), values[1:])

    def f1(one: Scored) -> MetricEstimate | None:
        given = one.assigned & known
        either = given.sum(axis=1) + (truth & known).sum(axis=1)
        return of(2 * (given & truth).sum(axis=1), either)

    same = (scored.assigned == truth) & known
    return Agreement(
        kind=kind,
        articles=int(known.any(axis=1).sum()),
        labels=int((truth & known).sum()),
        f1=f1(scored),
        untrained_f1=f1(before),
        same=of(same.sum(axis=1), known.sum(axis=1)),
    )
