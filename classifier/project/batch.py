"""Classify through the Batch API: requests go out in files, answers come within 24 hours."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from classifier import composition
from classifier.content.discovery import key_of
from classifier.corpus import Corpus, Scan
from classifier.errors import ServerError, SettingsError, UsageError
from classifier.models import Task
from classifier.progress import Progress
from classifier.project.arguments import to_paths
from classifier.project.events import BatchCollected, BatchWaiting, Message
from classifier.project.renewal import RenewOptions, renewed
from classifier.scorers import members
from classifier.scorers.batch.builder import BatchBuilder, BatchDraft, BatchLimits
from classifier.scorers.batch.collect import collect as collect_answers
from classifier.scorers.batch.queue import BatchQueue
from classifier.scorers.batch.server import BatchServer, RemoteBatch
from classifier.scorers.cached import Cached
from classifier.scorers.cascade.scorer import Cascade
from classifier.scorers.openai import servers
from classifier.scorers.openai.costs import UsageEstimate
from classifier.scorers.openai.scorer import OpenAIScorer
from classifier.scorers.openai.servers import normalize_url
from classifier.store import Batch

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace

_FIRST_WAIT, _LONGEST_WAIT = 5.0, 60.0
"""Seconds between two requests for the state of the batches."""
_BACKOFF: Final = 1.5
_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEstimate:
    """What a submission would ask and cost."""

    scan: Scan
    scorer: str
    """Identity."""
    files: int
    requests: int
    pairs: int
    """Pairs to ask about."""
    in_progress: int
    """Pairs that other batches ask about."""
    over_budget: int
    """Pairs that the budget leaves out."""
    largest: int
    """Input tokens of the largest file, at most."""
    usage: UsageEstimate
    """Of all files, at batch prices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    scan: Scan
    batches: tuple[Batch, ...]
    """The new ones: `started`, or `uploaded` while the server's queue has no room."""
    in_progress: int
    """Pairs that were skipped because other batches ask about them."""
    over_budget: bool
    """Whether the budget left something out."""


@dataclass(frozen=True, slots=True)
class BatchStatus:
    batch: Batch
    remote: RemoteBatch | None
    """What the server says; None where it has nothing to say, or did not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    batches: tuple[Batch, ...]
    """Whose answers are stored now."""
    open: tuple[Batch, ...]
    """In progress, or waiting for room in the server's queue."""
    progress: Progress
    """What was judged, and what failed."""


@dataclass(frozen=True, slots=True)
class Cancellation:
    batch: Batch
    dropped: bool
    """Whether nothing of it was answered; otherwise the answers can still be collected."""


@dataclass(frozen=True, slots=True)
class BatchVerbs:
    """`Project.batch`. Works with the batches of the server that the settings name.

    Only one process at a time can submit, collect or cancel batches of a store.
    """

    project: Workspace

    def estimate(
        self, *paths: str | Path, retry_failed: bool = False, renew: RenewOptions | None = None
    ) -> BatchEstimate:
        """Count what `submit` would ask, and what that would cost. Sends nothing.

        Raises:
            UsageError: A path does not exist, there is no article, or no model is set.
        """
        submitter = Submitter.of(
            self.project, to_paths(paths), dry_run=True, retry_failed=retry_failed, renew=renew
        )
        return submitter.estimate()

    def submit(
        self, *paths: str | Path, retry_failed: bool = False, renew: RenewOptions | None = None
    ) -> Submission:
        """Ask about everything that is neither stored nor in another batch.

        What an interrupted call has left is resumed first: nothing is paid twice. `retry_failed`
        and `renew` as for `Project.run`; what is renewed keeps its judgements until the answers are
        collected.

        Raises:
            UsageError: A path does not exist, there is no article, or no model is set.
            ServerError: The server refused, or cannot be reached.
            ModelError: The model cannot follow the rubric: see `OpenAIScorer.check_model`.
        """
        submitter = Submitter.of(
            self.project, to_paths(paths), dry_run=False, retry_failed=retry_failed, renew=renew
        )
        return submitter.submit()

    def status(self, *paths: str | Path) -> list[BatchStatus]:
        """Return all stored batches, and what the server says about those in progress.

        Args:
            paths: Only open batches with articles there.

        Raises:
            StoreError: Nothing is stored yet.
        """
        records = self.project.records.existing()
        with _queue(self.project, records) as queue:
            batches = _with_articles(records.store.batches.all(), to_paths(paths), records)
            return [BatchStatus(batch, self._remote(queue, batch)) for batch in batches]

    def collect(self, *paths: str | Path, wait: bool = False) -> Collection:
        """Store the answers of finished batches, and start batches that wait for room.

        Each batch is reported when its answers are stored. `Project.stop` ends the waiting.

        Args:
            paths: Only batches with articles there.
            wait: Wait until no batch is open, and go on if the server is away for a while.

        Raises:
            StoreError: Nothing is stored yet.
            ServerError: The server refused, or cannot be reached; what was stored stays stored.
        """
        project, progress = self.project, Progress()
        records = project.records.existing("write")
        collected: list[Batch] = []
        with _queue(project, records) as queue, project.stoppable(progress) as stopped:
            pause = _FIRST_WAIT
            while True:
                new = self._collect(queue, to_paths(paths), records, progress, wait=wait)
                collected += new
                left = _with_articles(queue.open(), to_paths(paths), records)
                if not wait or not left or stopped.is_set():
                    break
                pause = _FIRST_WAIT if new else min(_LONGEST_WAIT, _BACKOFF * pause)
                project.emit(BatchWaiting(tuple(left), pause))
                if stopped.wait(pause):
                    break
        return Collection(batches=tuple(collected), open=tuple(left), progress=progress)

    def cancel(self, *paths: str | Path, name: str = "") -> list[Cancellation]:
        """Cancel open batches. Finished answers are paid for, and can still be collected.

        Args:
            paths: Only batches with articles there.
            name: Only the batch with this name, or that begins with it.

        Raises:
            StoreError: Nothing is stored yet.
            ServerError: The server refused, or cannot be reached.
        """
        records = self.project.records.existing("write")
        with records.store.batches.alone(), _queue(self.project, records) as queue:
            queue.recover()
            batches = _with_articles(queue.open(), to_paths(paths), records)
            chosen = [batch for batch in batches if batch.name.startswith(name)]
            return [Cancellation(batch, queue.cancel(batch)) for batch in chosen]

    def _remote(self, queue: BatchQueue, batch: Batch) -> RemoteBatch | None:
        if batch.state != "started" or batch.base_url != queue.server.base_url:
            return None
        try:
            return queue.server.retrieve(batch.batch_id)
        except ServerError as error:
            self.project.emit(Message(str(error), "error"))
            return None

    def _collect(
        self,
        queue: BatchQueue,
        paths: Sequence[Path],
        records: Records,
        progress: Progress,
        *,
        wait: bool,
    ) -> list[Batch]:
        """Do all that can be done now, and return the batches that were collected."""
        collected = []
        try:
            with records.store.batches.alone():
                for batch in queue.recover():
                    self.project.warn(f"batch {batch.name[:8]} was never sent: submit again")
                batches = _with_articles(queue.open(), paths, records)
                for batch in collect_answers(queue, batches, on_outcome=progress.add):
                    if batch.state == "collected":
                        collected.append(batch)
                        self.project.emit(BatchCollected(batch))
                queue.start_waiting()
        except ServerError as error:
            if not (wait and error.passing):
                raise _resumable(error) from error
            self.project.emit(Message(str(error), "error"))
        return collected


@dataclass(frozen=True, slots=True)
class Submitter:
    """Writes and sends batches. Start with `of`."""

    project: Workspace
    paths: Sequence[Path]
    scorer: OpenAIScorer
    corpus: Corpus
    records: Records
    cascade: Cascade | None
    """Whose second scorer is asked, about what the first one does not settle."""
    scan: Scan | None = None
    """What to ask about; None: what is missing of the articles in `paths`."""
    renew: RenewOptions | None = None
    """Which stored judgements of these are made again."""

    @classmethod
    def of(
        cls,
        project: Workspace,
        paths: Sequence[Path],
        *,
        dry_run: bool,
        retry_failed: bool,
        renew: RenewOptions | None,
    ) -> Submitter:
        cascade = None
        if project.settings.scorer == "cascade":
            cascade = composition.cascade(project.settings)
        else:
            # A language model may be shown examples, which are part of the definitions.
            project = project.with_settings(scorer="openai")
        scorer = composition.language_model(project.settings)
        if provider := servers.provider_at(scorer.builder.base_url):
            raise UsageError(
                f"batches are files for OpenAI's Batch API, which {provider.name} does not have: "
                "use `classify run`"
            )
        categories = project.select(project.definitions).categories
        records = project.records.get("read" if dry_run else "write")
        if retry_failed:
            # What is answered replaces it when it is collected; until then nothing is forgotten.
            records = replace(records, store=records.store.ignoring_held())
        corpus = project.corpus(categories, records, update_index=not dry_run)
        return cls(project, paths, scorer, corpus, records, cascade, renew=renew)

    def estimate(self) -> BatchEstimate:
        scan, builder = self._prepare()
        files = requests = pairs = largest = 0
        usage = UsageEstimate()
        asked = _Counted(self._tasks(scan, store=False))
        for draft in builder.drafts(asked):
            files, requests, pairs = files + 1, requests + draft.requests, pairs + draft.pairs
            largest, usage = max(largest, draft.tokens), usage + draft.estimate
        deque(asked, maxlen=0)  # what the budget does not reach
        return BatchEstimate(
            scan=scan,
            scorer=self.scorer.identity,
            files=files,
            requests=requests,
            pairs=pairs,
            in_progress=builder.in_progress,
            over_budget=asked.pairs - builder.in_progress - pairs,
            largest=largest,
            usage=usage,
        )

    def submit(self) -> Submission:
        batches = self.records.store.batches
        with batches.alone(), _queue(self.project, self.records) as queue:
            try:
                queue.recover()
                queue.start_waiting()
                scan, builder = self._prepare()
                drafts = self._checked(builder.drafts(self._tasks(scan, store=True)))
                sent = {batch.name for batch in queue.submit(drafts, self.scorer)}
            except ServerError as error:
                raise _resumable(error) from error
            return Submission(
                scan=scan,
                batches=tuple(batch for batch in queue.open() if batch.name in sent),
                in_progress=builder.in_progress,
                over_budget=builder.over_budget,
            )

    def _tasks(self, scan: Scan, *, store: bool) -> Iterator[Task]:
        """Yield what the language model is to be asked. `store`: what the first scorer judged."""
        tasks = self.corpus.tasks(scan)
        if self.cascade is None:
            yield from tasks
            return
        records = self.records.store
        judge = members.with_cache(self.cascade.first, records) if store else self.cascade.first
        first = Cached(judge, records, booked=False, kept=store)
        known = Cached(self.scorer, records, kept=False, renewal=scan.renewal)
        with closing(Cascade(first, self.scorer, self.cascade.deferral).split(tasks)) as splits:
            for split in splits:
                if split.rest is not None and (left := known.left(split.rest)) is not None:
                    yield left

    def _checked(self, drafts: Generator[BatchDraft]) -> Generator[BatchDraft]:
        """Check the model before the first draft is sent: a batch may be large."""
        with closing(drafts):
            for number, draft in enumerate(drafts):
                if not number:
                    scorer = self.scorer.with_memory(self.records.store)
                    scorer.check_model(list(draft.categories.values()))
                yield draft

    def _prepare(self) -> tuple[Scan, BatchBuilder]:
        settings = self.project.settings
        scan = self.scan or self._scan()
        builder = BatchBuilder(
            self.scorer,
            BatchLimits(
                size=int(settings.batch_megabytes * _MEGABYTE), tokens=settings.batch_tokens
            ),
            self.records.store.batches.pending(self.scorer.identity),
            self.corpus.key,
        )
        return scan, builder

    def _scan(self) -> Scan:
        judge = self.cascade or self.scorer
        scan = self.project.scan(self.corpus, self.paths, scorer=judge.identity)
        return renewed(self.corpus, scan, judge, self.records.store, self.renew)


class _Counted:
    """Tasks, and how many pairs they had so far."""

    def __init__(self, tasks: Iterator[Task]) -> None:
        self._tasks = tasks
        self.pairs = 0

    def __iter__(self) -> Iterator[Task]:
        return self

    def __next__(self) -> Task:
        task = next(self._tasks)
        self.pairs += len(task.categories)
        return task


@contextmanager
def _queue(project: Workspace, records: Records) -> Iterator[BatchQueue]:
    settings = project.settings
    if settings.refusal:
        raise SettingsError(settings.refusal)
    server = BatchServer(normalize_url(settings.base_url), send_key=settings.sends_key)
    try:
        yield BatchQueue(
            records.store.batches, server, tokens=settings.batch_tokens, warn=project.warn
        )
    finally:
        server.close()


def _with_articles(
    batches: Sequence[Batch], paths: Sequence[Path], records: Records
) -> list[Batch]:
    """Return the batches that ask about an article in `paths`; all without paths."""
    if not paths:
        return list(batches)
    names = records.store.batches.below([key_of(path, home=records.home) for path in paths])
    return [batch for batch in batches if batch.name in names]


def _resumable(error: ServerError) -> ServerError:
    advice = "; run it again: nothing is sent twice" if error.passing else ""
    return ServerError(f"{error}{advice}", status=error.status, passing=error.passing)
