"""What one worker does: read a unit, judge its partitions, and write each when it is finished."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from classifier import unexpected
from classifier.content.formats.tables import Columns
from classifier.distributed import regions, sources
from classifier.distributed.leases import Coordination, RemoteLimits, remote_store
from classifier.distributed.sources import Row, Unit
from classifier.errors import ClassifierError, ModelError
from classifier.models import (
    Article,
    Category,
    Failure,
    FailureReason,
    Outcome,
    Result,
    Task,
    Usage,
    digest,
)
from classifier.outputs import partitions
from classifier.outputs.partition_folder import Folder
from classifier.outputs.partitions import Counts, JudgedArticle, PartitionHead
from classifier.pipeline import Classifier
from classifier.scorers import members
from classifier.scorers.base import Scorer
from classifier.scorers.cached import Cached
from classifier.scorers.contained import whole_outcomes
from classifier.scorers.members import is_paid

_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What all workers of a run are told."""

    classifier: Classifier
    scorer: str
    """Identity of the scorer, which has to be the same everywhere."""
    source: str
    """Key of the source, in the names of its partitions."""
    output: str
    columns: Columns
    retry_failed: bool = False

    @property
    def state(self) -> str:
        """Changes with the scorer and the categories."""
        categories = [category.digest for category in self.classifier.taxonomy.categories]
        ids = [category.id for category in self.classifier.taxonomy.categories]
        return digest(_VERSION, self.scorer, ids, categories)

    @property
    def rules(self) -> str:
        """Changes with what decides on the labels."""
        policy = self.classifier.policy
        return digest(policy.rules_digest, policy.verdicts.digest)


@dataclass(slots=True, kw_only=True)
class Report:
    """What a worker did with one partition."""

    name: str = ""
    """Of its file; empty where this is about no partition."""
    counts: Counts = field(default_factory=Counts)
    judged: int = 0
    """Pairs that were judged now."""
    usage: Usage = field(default_factory=Usage)
    finished_before: bool = False
    finished: bool = False
    """Whether a unit is finished."""
    lost: str = ""
    """Why a unit could not be finished."""
    error: str = ""
    """Why the run cannot go on."""


class Worker:
    """Judges one unit after the other with one scorer."""

    def __init__(self, job: Job, coordination: Coordination | None = None) -> None:
        self._job = job
        self._coordination = coordination or Coordination()
        self._scorer = self._job.classifier.scorer
        if is_paid(self._scorer):
            self._scorer = _shared(self._scorer, self._coordination)
        self._state, self._rules = job.state, job.rules
        self._folder: Folder | None = None

    def reports(self, unit: Unit | None) -> Iterator[Report]:
        """Yield a report for each partition of a unit, and one when it is finished; of None, none.

        The same unit has the same reports in the same order, so that a worker that takes it over
        from a killed one gives those that are missing.
        """
        if unit is None:
            return
        try:
            yield from self.judge(unit)
            yield Report(finished=True)
        except ClassifierError as error:
            yield Report(error=str(error))
        except Exception as error:  # noqa: BLE001 - raised again where it is of the run
            # Of the machinery around articles: those have failures of their own.
            yield Report(lost=unexpected.failure(error, article=unit.name).message)

    def judge(self, unit: Unit) -> Iterator[Report]:
        """Judge the partitions of a unit that are not finished, and yield a report for each.

        Raises:
            ClassifierError: The run cannot go on.
        """
        if self._folder is None:
            self._check()
            self._folder = Folder(self._job.output)
        rows = sources.read(unit, self._job.columns)
        for partition in regions.regions(rows, unit.start, unit.stop):
            yield self._partition(partition, self._folder)

    def _check(self) -> None:
        here = self._job.classifier.scorer.identity
        if here != self._job.scorer:
            raise ModelError(
                f"a worker has the scorer {here}, not {self._job.scorer}: install the same version "
                "of category-classifier, with the same models, on every machine"
            )

    def _partition(self, rows: Sequence[Row], folder: Folder) -> Report:
        content = digest([(row.article, _content_digest(row)) for row in rows])
        name = f"part-{self._job.source}-{content}.parquet"
        head = folder.head(name)
        if head and (head.state, head.rules) == (self._state, self._rules):
            retry = head.counts.unfinished or (self._job.retry_failed and head.counts.failures)
            if not retry:
                return Report(name=name, counts=head.counts, finished_before=True)
        known = self._known(folder, name) if head and head.scorer == self._job.scorer else {}
        if self._job.retry_failed or not head or head.state != self._state:
            known = {key: replace(it, held={}) for key, it in known.items()}
        return self._judged(rows, known, name, folder)

    def _known(self, folder: Folder, name: str) -> dict[str, JudgedArticle]:
        """Return what is judged, by article digest; nothing of a damaged file: it is made anew."""
        try:
            return {it.digest: it for it in folder.articles(name)}
        except ValueError:
            return {}

    def _judged(
        self, rows: Sequence[Row], earlier: Mapping[str, JudgedArticle], name: str, folder: Folder
    ) -> Report:
        report = Report(name=name)
        made: list[dict[str, Any]] = [{} for _ in rows]
        pending: list[tuple[int, _Known, Task]] = []
        for place, row in enumerate(rows):
            if isinstance(row.content, Failure):
                made[place] = self._row(row, self._unread(row, row.content), {}, report)
                continue
            known = _Known.of(earlier.get(row.content.digest))
            left = tuple(c for c in self._categories if not known.has(c))
            if left:
                pending.append((place, known, Task(row.content, left)))
            else:
                made[place] = self._row(row, *self._result(row.content, known, None), report)
        places = {id(task): (place, known) for place, known, task in pending}
        for outcome in self._outcomes([task for _, _, task in pending], name):
            place, known = places[id(outcome.task)]
            report.judged += len(outcome.judgements) - outcome.stored
            report.usage += outcome.usage
            found = self._result(outcome.task.article, known, outcome)
            made[place] = self._row(rows[place], *found, report)
        head = PartitionHead(
            scorer=self._job.scorer, state=self._state, rules=self._rules, counts=report.counts
        )
        folder.write(name, partitions.encode(made, head))
        self._coordination.end(name)
        return report

    def _outcomes(self, tasks: Sequence[Task], name: str) -> Iterator[Outcome]:
        """Judge the articles of a partition: together, or one by one where a worker died over it.

        So the one that a worker died over is known when the next tries, and is a failure.
        """
        tries, fatal = self._coordination.begin(name)
        if self._job.retry_failed and is_paid(self._job.classifier.scorer):
            digests = [task.article.digest for task in tasks]
            names = list(members.judges(self._job.classifier.scorer))
            remote_store(self._coordination).release_held(names, digests)
        if tries == 1:
            yield from whole_outcomes(self._scorer, tasks)
            return
        for number, task in enumerate(tasks):
            known = f"{number} {task.article.id}"
            if known in fatal:
                yield _fatal(task)
                continue
            self._coordination.judging(name, known)
            yield from whole_outcomes(self._scorer, [task])
        self._coordination.judging(name, "")

    @property
    def _categories(self) -> tuple[Category, ...]:
        return self._job.classifier.taxonomy.categories

    def _unread(self, row: Row, failure: Failure) -> Result:
        kinds = tuple(dict.fromkeys(category.kind for category in self._categories))
        return Result(
            article=row.article, scorer=self._job.scorer, failures=(failure,), kinds=kinds
        )

    def _result(
        self, article: Article, known: _Known, outcome: Outcome | None
    ) -> tuple[Result, dict[str, tuple[Any, float]]]:
        """Decide on what was known of an article and what was judged now."""
        now = time.time()
        digests = {category.id: category.digest for category in self._categories}
        new = outcome.judgements if outcome else ()
        judgements = {
            category.digest: (
                replace(known.judgements[category.digest][0], category=category.id),
                known.judgements[category.digest][1],
            )
            for category in self._categories
            if category.digest in known.judgements
        } | {digests[it.category]: (it, now) for it in new}
        whole = Outcome(
            task=Task(article, self._categories),
            judgements=tuple(judgement for judgement, _ in judgements.values()),
            failures=(*known.failures, *(outcome.failures if outcome else ())),
            usage=known.usage + (outcome.usage if outcome else Usage()),
            model=(outcome.model if outcome else "") or known.model,
            notes=outcome.notes if outcome else (),
            stored=len(judgements) - len(new) + (outcome.stored if outcome else 0),
        )
        return self._job.classifier.result(whole), judgements

    def _row(
        self, row: Row, result: Result, judgements: Mapping[str, tuple[Any, float]], report: Report
    ) -> dict[str, Any]:
        result = replace(result, article=row.article)
        report.counts.add(result)
        return partitions.row(result, judgements, id=row.id, file=row.file)


@dataclass(frozen=True, slots=True)
class _Known:
    """What an earlier run has judged of an article."""

    judgements: Mapping[str, tuple[Any, float]]
    failures: tuple[Failure, ...]
    """Answers that are held back."""
    usage: Usage
    model: str

    @classmethod
    def of(cls, earlier: JudgedArticle | None) -> _Known:
        if earlier is None:
            return cls({}, (), Usage(), "")
        held = tuple(earlier.held.values())
        return cls(earlier.judgements, held, earlier.usage, earlier.model)

    def has(self, category: Category) -> bool:
        held = any(category.id in failure.categories for failure in self.failures)
        return held or category.digest in self.judgements


def _shared(scorer: Scorer, coordination: Coordination) -> Scorer:
    """Return a scorer that costs something with the limits, budget and store of all workers."""
    store = remote_store(coordination)
    limited = members.with_limits(scorer, RemoteLimits(coordination))
    return Cached(members.with_cache(limited, store), store)


def _fatal(task: Task) -> Outcome:
    message = "its worker was killed while it was judged; there may be too little memory"
    ids = tuple(category.id for category in task.categories)
    return Outcome(task=task, failures=(Failure(FailureReason.INTERNAL, message, ids),))


def _content_digest(row: Row) -> str:
    found = row.content
    return found.digest if isinstance(found, Article) else str(found.reason)
