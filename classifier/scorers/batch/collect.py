"""Downloads results and stores them: judgements, or why there are none."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from tempfile import TemporaryFile
from typing import IO, Final

from classifier.content import passages
from classifier.errors import ServerError
from classifier.models import Outcome, Task, Usage
from classifier.scorers.base import discard_if_tampered, merge_outcomes
from classifier.scorers.batch import snapshot
from classifier.scorers.batch.queue import BatchQueue
from classifier.scorers.batch.results import ResultFile, ResultReader, ended_without
from classifier.scorers.batch.server import RemoteBatch
from classifier.scorers.batch.snapshot import BatchSnapshot
from classifier.scorers.openai import costs
from classifier.scorers.openai.costs import INPUT_SPREAD
from classifier.scorers.openai.packs import Exchange, PackReplies, pack_outcome
from classifier.scorers.openai.requests import EncodedText, make_request
from classifier.scorers.openai.responses import Reply
from classifier.scorers.openai.servers import api_key
from classifier.store import (
    Batch,
    FailureRecord,
    JudgementSet,
    SentArticle,
    SettledArticle,
    held_back,
)

_LIMIT: Final = re.compile(r"[Ll]imit: ([0-9,]{1,20}) enqueued")
_BYTES, _BYTES_OF_A_LINE = 1_000_000, 256_000
"""A result file is no larger than the first, and for each request the second."""

OnOutcome = Callable[[Outcome], None]


def collect(
    queue: BatchQueue, batches: Sequence[Batch], *, on_outcome: OnOutcome
) -> Iterator[Batch]:
    """Store the results that are there, and yield each batch that is not in progress.

    Args:
        queue: The stored batches and their server.
        batches: Those to look at.
        on_outcome: Called with each article's outcome when it is stored.

    Raises:
        ServerError: for a batch that the server does not know, after all others.
    """
    unknown: ServerError | None = None
    for batch in batches:
        try:
            collected = _collect_one(queue, batch, on_outcome) if batch.state == "started" else None
        except _UnknownError as error:
            unknown = error
        else:
            if collected:
                yield collected
    if unknown:
        raise unknown


def _collect_one(queue: BatchQueue, batch: Batch, on_outcome: OnOutcome) -> Batch | None:
    """Return the batch as it is stored now, unless it is still in progress."""
    try:
        remote = queue.server.retrieve(batch.batch_id)
    except ServerError as error:
        if error.status == 404:
            raise _UnknownError(batch, error) from error
        raise
    if remote.queue_full and not _never_fits(batch, remote):
        return queue.requeue(batch)
    if remote.ended:
        return _Collecting(queue, batch, remote).run(on_outcome)
    if remote.status != batch.status:
        queue.save(replace(batch, status=remote.status))
    return None


class _UnknownError(ServerError):
    """The server does not know a batch."""

    def __init__(self, batch: Batch, error: ServerError) -> None:
        command = f"classify batch cancel --batch {batch.name[:8]}"
        message = (
            f"{error}; does the key belong to another project? `{command}` deletes the batch here"
        )
        super().__init__(message, status=404)


def _never_fits(batch: Batch, remote: RemoteBatch) -> bool:
    """Whether the batch is larger than the whole queue."""
    limit = _queue_limit(remote)
    return limit is not None and batch.tokens / INPUT_SPREAD > limit


def _queue_limit(remote: RemoteBatch) -> int | None:
    """Return the size of the queue in tokens, if an error names it."""
    matches = (_LIMIT.search(problem.message) for problem in remote.problems)
    return next((int(match[1].replace(",", "") or 0) for match in matches if match), None)


@dataclass(frozen=True, slots=True)
class _Collecting:
    queue: BatchQueue
    batch: Batch
    remote: RemoteBatch

    def run(self, on_outcome: OnOutcome) -> Batch:
        records, batch = self.queue.batches, self.batch
        context = snapshot.load(records.detail(batch.name))
        with TemporaryFile() as file:
            results = self._fetch(file)
            reader = _OutcomeReader(batch, context, results, self._reader(context))
            for some in records.unsettled(batch.name):
                outcomes = [reader.outcome(sent) for sent in some]
                settled = [
                    _settled(batch, sent, outcome, context)
                    for sent, outcome in zip(some, outcomes, strict=True)
                ]
                records.settle(batch.name, settled)
                for outcome in outcomes:
                    on_outcome(outcome)
        return records.finish(
            batch.name, at=time.time(), status=self.remote.status, refused=results.refused
        )

    def _fetch(self, file: IO[bytes]) -> ResultFile:
        known = self.queue.batches.requests(self.batch.name)
        results = self._download(file, known)
        if len(results) < self.remote.completed:  # a download that was cut off
            results = self._download(file, known)
        return results

    def _download(self, file: IO[bytes], known: Set[str]) -> ResultFile:
        file.seek(0)
        file.truncate()
        most = _BYTES + _BYTES_OF_A_LINE * self.batch.requests
        for file_id in self.remote.files:
            end = file.tell()
            try:
                self.queue.server.download(file_id, file, most=most)
            except ServerError as error:
                if error.status not in (404, 413):
                    raise
                file.seek(end)
                file.truncate()
                self.queue.warn(f"{error}; the next submit sends its requests again")
            file.write(b"\n")
        return ResultFile(file, known)

    def _reader(self, context: BatchSnapshot) -> ResultReader:
        problems = [problem.message or problem.code for problem in self.remote.problems]
        if (limit := _queue_limit(self.remote)) is not None:
            problems = [f"{problems[0]} Submit again with `batch_tokens={limit}`"]
        return ResultReader(
            rubric=context,
            base_url=self.batch.base_url,
            key=api_key(self.batch.base_url),
            unanswered=ended_without(self.remote.status, problems),
        )


@dataclass(frozen=True, slots=True)
class _OutcomeReader:
    """Makes outcomes of lines."""

    batch: Batch
    context: BatchSnapshot
    results: ResultFile
    reader: ResultReader

    def outcome(self, sent: SentArticle) -> Outcome:
        """Read the answers about one article, like those of live calls."""
        article = snapshot.load_article(sent.detail)
        locator = passages.Locator(article.body)
        packs = []
        for name, digests in sent.packs.items():
            categories = [self.context.categories[digest] for digest in digests]
            request = make_request(
                EncodedText("", 0), categories, canaries=self.context.canaries_of(name)
            )
            reply = self._priced(self.reader.reply(self.results.of(name), request))
            packs.append(
                pack_outcome(
                    Task(article, request.targets),
                    PackReplies(Exchange(request, reply)),
                    locator=locator,
                    scorer=self.batch.scorer,
                )
            )
        task = Task(article, tuple(c for pack in packs for c in pack.task.categories))
        return discard_if_tampered(merge_outcomes(task, packs))

    def _priced(self, reply: Reply) -> Reply:
        """Price what the server counted; if it did not count, the estimate stands."""
        if reply.usage == Usage() or (reply.failure and reply.usage.cost is not None):
            return reply  # never processed
        batch = self.batch
        models = (reply.model or batch.model, batch.model)
        usage = costs.first_priced(reply.usage, models, base_url=batch.base_url, tier="batch")
        if usage.cost is None and batch.cost is not None:
            usage = replace(usage, cost=batch.cost / batch.requests)
        return replace(reply, usage=usage)


def _settled(
    batch: Batch, sent: SentArticle, outcome: Outcome, context: BatchSnapshot
) -> SettledArticle:
    digests = {context.categories[d].id: d for pack in sent.packs.values() for d in pack}
    sheet = JudgementSet(
        scorer=batch.scorer,
        article=sent.article,
        judgements={digests[j.category]: j for j in outcome.judgements},
        judged_at=time.time(),
        model=outcome.model,
        usage=outcome.usage,
    )
    # The usage is stored with the judgements, or else with the first failure.
    usages = iter(() if sheet.judgements else (outcome.usage,))
    misses = tuple(
        FailureRecord(
            failure=failure,
            path=sent.path,
            scorer=batch.scorer,
            article=sent.article,
            usage=next(usages, Usage()),
        )
        for failure in outcome.failures
    )
    return SettledArticle(
        article=sent.article,
        sheet=sheet if sheet.judgements else None,
        misses=misses,
        held=tuple(
            held_back(outcome.failures, scorer=batch.scorer, article=sent.article, digests=digests)
        ),
        usage=outcome.usage,
    )
