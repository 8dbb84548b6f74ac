"""Fetching answers and putting them on record: judgements, or why there are none."""

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
from classifier.scorers.batch.answers import Answers, Reading, ended_without
from classifier.scorers.batch.kept import Kept, unpack, unpack_article
from classifier.scorers.batch.server import Seen
from classifier.scorers.batch.submit import Desk
from classifier.scorers.openai import costs, outcomes
from classifier.scorers.openai.costs import INPUT_SPREAD
from classifier.scorers.openai.options import api_key
from classifier.scorers.openai.outcomes import Exchange, PackReplies
from classifier.scorers.openai.requests import EncodedText, make_request
from classifier.scorers.openai.responses import Reply
from classifier.store import Batch, FailureRecord, JudgementSet, SentArticle, SettledArticle

_LIMIT: Final = re.compile(r"[Ll]imit: ([0-9,]{1,20}) enqueued")

Watch = Callable[[Outcome], None]


def collect(desk: Desk, batches: Sequence[Batch], *, watch: Watch) -> Iterator[Batch]:
    """Put on record what has come, and yield every batch that is not, or no longer, under way.

    `watch` sees each article's outcome when it is on record. Raises ServerError; for a batch that
    the server does not know, after all others.
    """
    unknown: ServerError | None = None
    for batch in batches:
        try:
            came = _come(desk, batch, watch) if batch.state == "started" else None
        except _UnknownError as error:
            unknown = error
        else:
            if came:
                yield came
    if unknown:
        raise unknown


def _come(desk: Desk, batch: Batch, watch: Watch) -> Batch | None:
    """Return the batch as it is on record now, if it is under way no longer."""
    try:
        seen = desk.server.look(batch.batch_id)
    except ServerError as error:
        if error.status == 404:
            raise _UnknownError(batch, error) from error
        raise
    if seen.crowded_out and not _never_fits(batch, seen):
        return desk.turned_away(batch)
    if seen.ended:
        return _Collecting(desk, batch, seen).run(watch)
    if seen.status != batch.status:
        desk.save(replace(batch, status=seen.status))
    return None


class _UnknownError(ServerError):
    """The server does not know a batch."""

    def __init__(self, batch: Batch, error: ServerError) -> None:
        way_out = f"`classify batch cancel --batch {batch.name[:8]}` gives it up"
        super().__init__(f"{error}; is the key of another project? {way_out}", status=404)


def _never_fits(batch: Batch, seen: Seen) -> bool:
    """Whether the queue is too small for a batch even with nothing else in it."""
    limit = _queue(seen)
    return limit is not None and batch.tokens / INPUT_SPREAD > limit


def _queue(seen: Seen) -> int | None:
    """Return the tokens that the server says its queue holds."""
    said = (_LIMIT.search(problem.message) for problem in seen.problems)
    return next((int(found[1].replace(",", "") or 0) for found in said if found), None)


@dataclass(frozen=True, slots=True)
class _Collecting:
    desk: Desk
    batch: Batch
    seen: Seen

    def run(self, watch: Watch) -> Batch:
        records, batch = self.desk.batches, self.batch
        kept = unpack(records.detail(batch.name))
        with TemporaryFile() as file:
            answers = self._fetch(file)
            reader = _Reader(batch, kept, answers, self._reading(kept))
            for some in records.unsettled(batch.name):
                outcomes = [reader.outcome(sent) for sent in some]
                settled = [
                    _settled(batch, sent, outcome, kept)
                    for sent, outcome in zip(some, outcomes, strict=True)
                ]
                records.settle(batch.name, settled)
                for outcome in outcomes:
                    watch(outcome)
        return records.finish(
            batch.name, at=time.time(), status=self.seen.status, refused=answers.refused
        )

    def _fetch(self, file: IO[bytes]) -> Answers:
        known = self.desk.batches.requests(self.batch.name)
        answers = self._download(file, known)
        if len(answers) < self.seen.completed:  # cut off on its way?
            answers = self._download(file, known)
        return answers

    def _download(self, file: IO[bytes], known: Set[str]) -> Answers:
        file.seek(0)
        file.truncate()
        for file_id in self.seen.files:
            try:
                self.desk.server.download(file_id, file)
            except ServerError as error:
                if error.status != 404:
                    raise
                self.desk.warn(f"{error}; what it held is asked again at the next submit")
            file.write(b"\n")
        return Answers(file, known)

    def _reading(self, kept: Kept) -> Reading:
        problems = [problem.message or problem.code for problem in self.seen.problems]
        if (limit := _queue(self.seen)) is not None:
            problems = [f"{problems[0]} Submit it again with --tokens {limit}"]
        return Reading(
            rubric=kept,
            base_url=self.batch.base_url,
            key=api_key(self.batch.base_url),
            unanswered=ended_without(self.seen.status, problems),
        )


@dataclass(frozen=True, slots=True)
class _Reader:
    """From lines to outcomes."""

    batch: Batch
    kept: Kept
    answers: Answers
    reading: Reading

    def outcome(self, sent: SentArticle) -> Outcome:
        """Read the answers about one article like those of live calls."""
        article = unpack_article(sent.detail)
        locator = passages.Locator(article.body)
        packs = []
        for name, digests in sent.packs.items():
            categories = [self.kept.categories[digest] for digest in digests]
            request = make_request(EncodedText("", 0), categories, canary=self.kept.canary)
            reply = self._priced(self.reading.reply(self.answers.of(name), request))
            packs.append(
                outcomes.outcome(
                    Task(article, request.targets),
                    PackReplies(Exchange(request, reply)),
                    locator=locator,
                    scorer=self.batch.scorer,
                )
            )
        task = Task(article, tuple(c for pack in packs for c in pack.task.categories))
        return discard_if_tampered(merge_outcomes(task, packs))

    def _priced(self, reply: Reply) -> Reply:
        """Price what the server counted; where it did not count, the estimate stands."""
        if reply.usage == Usage() or (reply.failure and reply.usage.cost is not None):
            return reply  # it was not worked on
        batch = self.batch
        models = (reply.model or batch.model, batch.model)
        usage = costs.first_priced(reply.usage, models, base_url=batch.base_url, tier="batch")
        if usage.cost is None and batch.cost is not None:
            usage = replace(usage, cost=batch.cost / batch.requests)
        return replace(reply, usage=usage)


def _settled(batch: Batch, sent: SentArticle, outcome: Outcome, kept: Kept) -> SettledArticle:
    digests = {kept.categories[d].id: d for pack in sent.packs.values() for d in pack}
    sheet = JudgementSet(
        scorer=batch.scorer,
        article=sent.article,
        judgements={digests[j.category]: j for j in outcome.judgements},
        judged_at=time.time(),
        model=outcome.model,
        usage=outcome.usage,
    )
    # What it cost is with the judgements it brought, where it brought any.
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
        usage=outcome.usage,
    )
