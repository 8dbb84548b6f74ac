"""What a run would judge and cost, before any call is made. Needs no key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from classifier import composition, unexpected
from classifier.corpus import Corpus, Scan
from classifier.errors import UsageError
from classifier.models import Task
from classifier.project import frontier, held_out
from classifier.project.frontier import Asking, FrontierPoint, Student
from classifier.project.renewal import RenewOptions, renewed
from classifier.project.running import warn_about_batches
from classifier.scorers.base import Scorer
from classifier.scorers.cached import Cached, Renewal
from classifier.scorers.cascade.scorer import Cascade
from classifier.scorers.imported import ImportedScorer
from classifier.scorers.imported_first import ImportedFirst
from classifier.scorers.members import is_paid
from classifier.scorers.openai.costs import Estimating, UsageEstimate
from classifier.scorers.openai.planning import Prediction
from classifier.scorers.openai.scorer import OpenAIScorer
from classifier.scorers.panel import Panel, categories_for

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace
    from classifier.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class CascadeEstimate:
    """What a cascade would settle, and what it would ask."""

    settled: int
    """Pairs the first scorer settles."""
    asked: int
    """Pairs for the second scorer, stored ones included."""
    stored: int
    """Pairs of these whose answer is stored."""
    without: UsageEstimate
    """Cost of asking the second scorer about everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostEstimate:
    scan: Scan
    scorer: Scorer
    cost: UsageEstimate | None
    """None: judging is free."""
    cascade: CascadeEstimate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Ways to ask a language model about pending pairs, and what each takes."""

    scan: Scan
    model: OpenAIScorer
    pairs: int
    chosen: Prediction
    """Usage with the current settings."""
    frontier: tuple[FrontierPoint, ...]
    """What the settings say first; then from a call for each pair to a trained student alone."""
    basis: Literal["measured", "assumed", "none"]
    """Where cascades with a trained student come from: the held-out part of a teacher's sample,
    other sites, or there is none."""
    held_out: int = 0
    """Articles it was measured on."""
    promised: bool = False
    """Whether these are enough to promise a recall to a cascade, as `scorer="cascade"` needs."""


def estimate(
    project: Workspace,
    paths: Sequence[Path],
    *,
    store: bool,
    retry_failed: bool = False,
    renew: RenewOptions | None = None,
) -> CostEstimate:
    records, corpus, scan = _scanned(project, paths, store=store, retry_failed=retry_failed)
    scan = renewed(corpus, scan, project.scorer, records.store, renew)
    return cost_of(corpus, scan, project.scorer, records.store)


def cost_of(corpus: Corpus, scan: Scan, scorer: Scorer, store: Store) -> CostEstimate:
    """Estimate what it costs to judge what is pending in a scan."""
    tasks: Iterable[Task] = corpus.tasks(scan)
    if isinstance(scorer, ImportedFirst):
        tasks, scorer = _not_imported(tasks, scorer, store, scan.renewal), scorer.second
    if isinstance(scorer, Cascade):
        cost, cascade = _cascade(tasks, scorer, store, scan.renewal)
        return CostEstimate(scan=scan, scorer=scorer, cost=cost, cascade=cascade)
    if isinstance(scorer, Panel):
        panel = _panel(list(tasks), scorer, store, scan.renewal) if is_paid(scorer) else None
        return CostEstimate(scan=scan, scorer=scorer, cost=panel)
    cost_ = total(scorer, tasks) if isinstance(scorer, Estimating) else None
    return CostEstimate(scan=scan, scorer=scorer, cost=cost_)


def _not_imported(
    tasks: Iterable[Task], scorer: ImportedFirst, store: Store, renewal: Renewal | None
) -> Iterator[Task]:
    """Yield what is left for the scorer behind imported judgements."""
    known = Cached(scorer.second, store, kept=False, renewal=renewal)
    imported = Cached(ImportedScorer(), store, kept=False)
    for split in ImportedFirst(scorer.second, imported).split(tasks):
        if split.rest is not None and (left := known.left(split.rest)) is not None:
            yield left


def total(scorer: Estimating, tasks: Iterable[Task]) -> UsageEstimate:
    """Add up the estimates of tasks, without those that raise an unexpected error."""
    found = (
        unexpected.contain(partial(scorer.estimate, task), article=task.article.id)
        for task in tasks
    )
    return sum((it for it in found if isinstance(it, UsageEstimate)), UsageEstimate())


def _scanned(
    project: Workspace, paths: Sequence[Path], *, store: bool, retry_failed: bool
) -> tuple[Records, Corpus, Scan]:
    records = project.records.get("read" if store else "forget")
    if retry_failed:
        records = replace(records, store=records.store.ignoring_held())
    corpus = project.corpus(project.taxonomy.categories, records, update_index=False)
    scan = project.scan(corpus, paths, scorer=project.scorer.identity)
    warn_about_batches(project, scan, records)
    return records, corpus, scan


def _cascade(
    tasks: Iterable[Task], scorer: Cascade, store: Store, renewal: Renewal | None
) -> tuple[UsageEstimate, CascadeEstimate]:
    first = Cached(scorer.first, store, kept=False)
    known = Cached(scorer.second, store, renewal=renewal)
    settled = asked = stored = 0
    cost, without = UsageEstimate(), UsageEstimate()
    for split in Cascade(first, scorer.second, scorer.deferral).split(tasks):
        rest = split.rest or replace(split.task, categories=())
        plain = tuple(category.uncorrected for category in split.task.categories)
        left, every = known.left(rest), known.left(replace(split.task, categories=plain))
        settled += len(split.kept.judgements)
        asked += len(rest.categories)
        stored += len(rest.categories) - (len(left.categories) if left else 0)
        if isinstance(scorer.second, Estimating):
            cost += total(scorer.second, [left] if left else [])
            without += total(scorer.second, [every] if every else [])
    return cost, CascadeEstimate(settled=settled, asked=asked, stored=stored, without=without)


def _panel(
    tasks: Sequence[Task], scorer: Panel, store: Store, renewal: Renewal | None
) -> UsageEstimate:
    cost = UsageEstimate()
    for member in scorer.members:
        if isinstance(member, Estimating):
            known = Cached(member, store, kept=False, renewal=renewal)
            seen = (Task(t.article, categories_for(member, t.categories)) for t in tasks)
            left = (known.left(task) for task in seen)
            cost += total(member, [task for task in left if task is not None])
    return cost


def plan(
    project: Workspace, paths: Sequence[Path], *, store: bool, retry_failed: bool = False
) -> Plan:
    scorer = project.scorer
    scorer = scorer.second if isinstance(scorer, ImportedFirst) else scorer
    model = scorer.second if isinstance(scorer, Cascade) else scorer
    records, corpus, scan = _scanned(project, paths, store=store, retry_failed=retry_failed)
    if not isinstance(model, OpenAIScorer):
        name = scorer.identity.partition(":")[0]
        raise UsageError(f"`plan` is for language models, not {name!r}: add `scorer=openai`")
    tasks = list(corpus.tasks(scan))
    asking, load = Asking.of(model), model.workload(_asked(scorer, tasks, records.store))
    whole = model.workload(tasks)
    points = list(
        frontier.asked_in_full(asking, whole, f"as planned, {model.builder.pack} per call")
    )
    if isinstance(scorer, Cascade):
        recall = getattr(scorer.deferral, "recall", None)
        points[0] = replace(points[0], name="without the cascade")
        points.insert(0, asking.point("as planned, a cascade", load, recall=recall))
    students, basis, held_out = _students(project, asking, tasks, (records, corpus, scan))
    return Plan(
        scan=scan,
        model=model,
        pairs=load.pairs,
        chosen=asking.predict(load),
        frontier=(*points, *students),
        basis=basis,
        held_out=held_out,
        promised=basis == "measured" and _promised(project, model),
    )


def _promised(project: Workspace, teacher: OpenAIScorer) -> bool:
    student = project.with_settings(scorer="embedded").scorer
    return composition.measured_cuts(project.settings, student, teacher) is not None


def _students(
    project: Workspace,
    asking: Asking,
    tasks: Sequence[Task],
    surveyed: tuple[Records, Corpus, Scan],
) -> tuple[list[FrontierPoint], Literal["measured", "assumed", "none"], int]:
    """Return what a student makes of it, where that comes from, and from how many articles."""
    records, corpus, scan = surveyed
    teacher = asking.model.identity
    part = held_out.of_last_training(project, teacher, corpus, scan, records)
    if part is not None:
        both = part.compare(project.with_settings(scorer="embedded"))
        if both is not None:
            digests = both.pairs.digests
            found = frontier.taught(
                replace(asking, times=len(tasks) / len(digests)),
                Student.of(both),
                lambda: part.tasks(digests, part.categories),
            )
            return list(found), "measured", len(digests)
    if len(tasks) >= frontier.LEAST:
        return list(frontier.assumed(asking, tasks)), "assumed", 0
    return [], "none", 0


def _asked(scorer: Scorer, tasks: Iterable[Task], store: Store) -> Iterator[Task]:
    """Yield what is left for the language model."""
    if not isinstance(scorer, Cascade):
        yield from tasks
        return
    known = Cached(scorer.second, store)
    first = Cached(scorer.first, store, kept=False)
    for split in Cascade(first, scorer.second, scorer.deferral).split(tasks):
        if split.rest is not None and (left := known.left(split.rest)) is not None:
            yield left
