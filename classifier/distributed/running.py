"""Judge a source on the workers of a Ray cluster, partition by partition."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier import addresses
from classifier.content.formats.tables import Columns
from classifier.distributed import coordinator, engine, sources
from classifier.distributed.coordinator import Shares
from classifier.distributed.leases import Coordination
from classifier.distributed.worker import Job, Report, Worker
from classifier.errors import ClassifierError
from classifier.models import Failure, FailureReason
from classifier.outputs.partition_folder import Folder
from classifier.outputs.partitions import Counts
from classifier.progress import Failed, Progress
from classifier.project import events
from classifier.scorers.members import is_paid

if TYPE_CHECKING:
    from classifier.distributed.sources import Source, Unit
    from classifier.project import Project


@dataclass(slots=True, kw_only=True)
class DistributedRun:
    """What a run has judged, and what its folder holds of the source now."""

    output: str
    progress: Progress
    counts: Counts = field(default_factory=Counts)
    """Of all partitions of the source."""
    partitions: int = 0
    finished_before: int = 0
    """Partitions that an earlier run had finished."""
    deleted: int = 0
    """Partitions of what is no longer in the source."""
    trouble: list[str] = field(default_factory=list)
    """Why parts of the source are not finished, which is no article's fault."""
    workers: int = 0

    @property
    def complete(self) -> bool:
        """Whether everything is judged that could be asked for."""
        progress = self.progress
        ended = progress.stopping or progress.over_budget
        return not (ended or self.trouble or self.counts.failures)


def run(  # noqa: PLR0913 - all but three by name
    project: Project,
    source: str | Path,
    output: str | Path,
    *,
    address: str | None = None,
    workers: int | None = None,
    retry_failed: bool = False,
) -> DistributedRun:
    """Judge the articles of a source, and write partitions with labels and all judgements.

    A partition is some 64 articles. It is written when all of it is judged, under a name that its
    articles make: a run that was stopped, or that follows a change of the source or of the
    definitions, judges only what no partition has. At the end of a complete run, partitions of
    what is no longer in the source are deleted. `Project.stop` ends a run early.

    Args:
        project: Its categories, scorer, rules, verdicts and files to leave out.
        source: A folder of articles, or tables of Parquet or JSON Lines: a file, a folder of them
            or a pattern, on this machine or at an address that fsspec knows, such as
            `s3://bucket/posts/`. The columns of tables are in the settings (`table`).
        output: A folder, likewise.
        address: Of a Ray cluster; None: start Ray on this machine.
        workers: Actors, with a core each; None: as many as there are cores.
        retry_failed: Whether to ask again what was held back (`tampered`, `unverified`).

    Raises:
        UsageError: There is nothing to judge; Ray or a package for the address is not installed.
        OutputError: The folder cannot be written to.
    """
    where, shown = addresses.address(source), addresses.address(output)
    to = addresses.absolute(shown)
    folder = Folder(to)
    folder.make()
    with engine.started(address, workers=workers):
        number = workers or engine.cores()
        planned = sources.plan(project, where, workers=number)
        job = make_job(project, planned, to, retry_failed=retry_failed)
        progress = Progress(
            due_articles=planned.rows or 0,
            due_pairs=(planned.rows or 0) * len(project.taxonomy.categories),
        )
        found = DistributedRun(output=shown, progress=progress, workers=number)
        _judge(project, job, planned, found)
    return found


def make_job(project: Project, source: Source, output: str, *, retry_failed: bool) -> Job:
    """Return what the workers of a run are told; `output` is an absolute path or an address."""
    classifier = project.classifier()
    records = project.records.get("read")
    classifier.policy = project.with_verdicts(classifier.policy, records)
    key = hashlib.blake2b(source.name.rstrip("/").encode(), digest_size=4).hexdigest()
    return Job(
        classifier=classifier,
        scorer=classifier.scorer.identity,
        source=key,
        output=output,
        columns=Columns(**project.settings.table.model_dump()),
        retry_failed=retry_failed,
    )


def _shares(project: Project) -> Shares | None:
    """Return what language models share; that makes the store, if there is none."""
    if not is_paid(project.scorer):
        return None
    path = project.records.get("write").path
    assert path is not None
    settings = project.settings
    return Shares(store=path, max_cost=settings.max_cost, max_calls=settings.max_calls)


def _judge(project: Project, job: Job, source: Source, found: DistributedRun) -> None:
    names: set[str] = set()
    finished = 0
    progress = found.progress
    with project.stoppable(progress) as stop:
        project.emit(events.JudgingStarted(progress))
        try:
            with (
                coordinator.started(_shares(project)) as shared,
                closing(_reports(job, source.units, found.workers, shared)) as reports,
            ):
                for report in reports:
                    if report.name:
                        _add(found, report)
                        names.add(report.name)
                    elif report.lost:
                        found.trouble.append(report.lost)
                    else:
                        finished += report.finished
                    if stop.is_set() or progress.over_budget:
                        progress.stopping = stop.is_set()
                        break
        finally:
            project.emit(events.JudgingFinished(progress))
    if finished == len(source.units) and not progress.over_budget:
        found.deleted = Folder(job.output).keep(job.source, names)


def _reports(job: Job, units: Sequence[Unit], workers: int, shared: Any) -> Generator[Report]:
    with engine.actors(Worker, job, Coordination(shared), number=min(workers, len(units))) as pool:
        for report in engine.handed_out(pool, "reports", units):
            if report.error:
                raise ClassifierError(report.error)
            yield report


def _add(found: DistributedRun, report: Report) -> None:
    progress, counts = found.progress, report.counts
    found.partitions += 1
    found.finished_before += report.finished_before
    found.counts += counts
    stored = counts.pairs - report.judged
    progress.articles += counts.articles
    progress.pairs += report.judged
    progress.stored += stored
    # What was judged before is not due; of a source of unknown size, what is known so far is.
    progress.due_pairs = max(progress.due_pairs - stored, progress.pairs)
    progress.due_articles = max(progress.due_articles, progress.articles)
    progress.usage += report.usage
    progress.over_budget |= bool(counts.failures.get(FailureReason.OVER_BUDGET))
    for reason, number in counts.failures.items():
        if reason == FailureReason.OVER_BUDGET:
            continue
        failed = progress.failed.setdefault(FailureReason(reason), Failed())
        failed.articles += number
    for article, reason, message, categories in counts.examples:
        failed = progress.failed.get(FailureReason(reason), Failed())
        if len(failed.examples) < 5:
            failure = Failure(FailureReason(reason), message, ("?",) * categories)
            failed.examples.append((article, failure))
