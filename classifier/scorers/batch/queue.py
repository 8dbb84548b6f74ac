"""Sends batches in steps. Each is stored before the next, so a batch can be resumed after any.

    planned -> uploaded -> starting -> started

Only the step from `starting` costs money. It is never repeated before the server was asked
whether it has happened.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Final

from classifier.errors import ServerError
from classifier.scorers.batch import snapshot
from classifier.scorers.batch.builder import BatchDraft
from classifier.scorers.batch.server import BatchServer, RemoteBatch
from classifier.scorers.openai.scorer import OpenAIScorer
from classifier.store import Batch, Batches

_ATTEMPTS: Final = 4
_FINAL: Final = frozenset({400, 404, 410, 422})
"""HTTP status codes of a start that cannot succeed later, such as for an expired file."""


@dataclass(frozen=True, slots=True)
class BatchQueue:
    """Stored batches, and the server that works on them. For one process at a time."""

    batches: Batches
    server: BatchServer
    tokens: int | None = None
    """Input tokens that the batches of one model may have in the server's queue."""
    warn: Callable[[str], None] = lambda _: None
    pause: Callable[[float], None] = time.sleep

    def open(self) -> list[Batch]:
        """Return the batches at this server that are not collected, in the order of planning."""
        return [
            batch
            for batch in self.batches.all()
            if batch.state != "collected" and batch.base_url == self.server.base_url
        ]

    def save(self, batch: Batch) -> Batch:
        self.batches.save(batch)
        return batch

    # --- sending ---------------------------------------------------------------------------------

    def submit(self, drafts: Generator[BatchDraft], scorer: OpenAIScorer) -> Iterator[Batch]:
        """Send each draft and yield its batch: `started`, or `uploaded` if the queue is full.

        Raises:
            ServerError: `recover` resumes what is stored by then.
        """
        room = True
        with closing(drafts):
            for draft in drafts:
                batch = self._plan(draft, scorer)
                self._upload(batch, draft)
                room = room and self.start_waiting()
                yield next(b for b in self.open() if b.name == batch.name)

    def _plan(self, draft: BatchDraft, scorer: OpenAIScorer) -> Batch:
        builder = scorer.builder
        batch = Batch(
            name=uuid.uuid4().hex,
            scorer=scorer.identity,
            model=builder.model,
            base_url=builder.base_url,
            requests=draft.requests,
            articles=len(draft.sent),
            pairs=draft.pairs,
            tokens=draft.tokens,
            size=draft.size,
            cost=draft.estimate.expected,
            planned_at=time.time(),
        )
        detail = snapshot.dump(
            draft.categories.values(),
            canary=builder.canary,
            rubric=builder.prompts,
            canaries=draft.canaries,
        )
        self.batches.plan(batch, draft.sent, detail=detail)
        return batch

    def _upload(self, batch: Batch, draft: BatchDraft) -> None:
        try:
            file_id = self.server.upload(draft.file, _file_name(batch))
        except ServerError as error:
            if error.passing:
                raise
            self.batches.drop([batch.name])
            if error.status != 413:
                raise
            raise ServerError(
                f"a file of {batch.size / 1e6:.1f} MB is too large for the server; lower"
                " `batch_megabytes`"
            ) from error
        self.save(replace(batch, state="uploaded", file_id=file_id))

    def start_waiting(self) -> bool:
        """Start uploaded batches as far as the queue has room; return whether none was rejected."""
        return all(
            self._start(batch)
            for batch in self.open()
            if batch.state == "uploaded" and self._has_room(batch)
        )

    def _has_room(self, batch: Batch) -> bool:
        running = [b.tokens for b in self.open() if b.state == "started" and b.model == batch.model]
        if not running:
            return True
        # A batch that was rejected is tried again only when the queue is empty.
        within = self.tokens is None or sum(running) + batch.tokens <= self.tokens
        return batch.tries == 1 and within

    def _start(self, batch: Batch) -> bool:
        starting = self.save(replace(batch, state="starting"))
        try:
            remote = self._begin(starting)
        except ServerError as error:
            if error.status == 429 and error.passing:
                self.requeue(batch)
                return False
            if error.status in _FINAL:
                self.batches.drop([batch.name])
                raise ServerError(f"{error}; the next submit sends its requests again") from error
            if error.status is not None and not error.passing:
                self.save(batch)  # a clear rejection; else it may have started
            raise
        self._started(starting, remote)
        return True

    def _begin(self, batch: Batch) -> RemoteBatch:
        for attempt in range(_ATTEMPTS):
            try:
                return self.server.start(batch.file_id, _metadata(batch))
            except ServerError as error:
                if not error.passing or error.status == 429 or attempt == _ATTEMPTS - 1:
                    raise
            self.pause(2.0**attempt)
            if remote := self.server.find(_metadata(batch)):
                return remote
        raise AssertionError("unreachable")  # the last attempt returns or raises

    def _started(self, batch: Batch, remote: RemoteBatch) -> Batch:
        return self.save(
            replace(
                batch,
                state="started",
                batch_id=remote.batch_id,
                status=remote.status,
                started_at=time.time(),
            )
        )

    def requeue(self, batch: Batch) -> Batch:
        """Put a batch back for which the server's queue had no room."""
        return self.save(
            replace(
                batch, state="uploaded", batch_id="", tries=batch.tries + 1, status="queue full"
            )
        )

    def cancel(self, batch: Batch) -> bool:
        """Stop a batch; return whether it was deleted here, because it has no answers.

        A batch in progress stays: what is answered already can still be collected.
        """
        if batch.state == "started":
            try:
                remote = self.server.cancel(batch.batch_id)
            except ServerError as error:
                if error.status in (400, 409) and self.server.retrieve(batch.batch_id).ended:
                    return False
                if error.status != 404:
                    raise
            else:
                self.save(replace(batch, status=remote.status))
                return False
        self.batches.drop([batch.name])
        return True

    # --- resuming --------------------------------------------------------------------------------

    def recover(self) -> list[Batch]:
        """Resume what another process left unfinished; return the batches that were never sent.

        Those are deleted here, so that a next submit can send their requests.
        """
        unsent = []
        for batch in self.open():
            if batch.state == "planned":
                file_id = self.server.find_file(_file_name(batch), size=batch.size)
                if file_id is None:
                    unsent.append(batch)
                else:
                    self.save(replace(batch, state="uploaded", file_id=file_id))
            elif batch.state == "starting":
                if remote := self.server.find(_metadata(batch)):
                    self._started(batch, remote)
                else:
                    self.save(replace(batch, state="uploaded"))
        self.batches.drop(batch.name for batch in unsent)
        return unsent


def _file_name(batch: Batch) -> str:
    return f"classify-{batch.name}.jsonl"


def _metadata(batch: Batch) -> dict[str, str]:
    return {"classify_batch": batch.name, "classify_try": str(batch.tries)}
