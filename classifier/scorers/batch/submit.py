"""Sending batches, one recorded step at a time, so that any of them can be the last.

    planned -> uploaded -> starting -> started

Only the step from `starting` costs money, so it alone is never repeated before the server was
asked whether it has happened.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Final

from classifier.errors import ServerError
from classifier.scorers.batch.drafts import Draft
from classifier.scorers.batch.kept import pack
from classifier.scorers.batch.server import Seen, Server
from classifier.scorers.openai.scorer import OpenAIScorer
from classifier.store import Batch, Batches

_TRIES: Final = 4
_GONE: Final = frozenset({400, 404, 410, 422})
"""HTTP states of a start that will not work later either, such as for a file that has expired."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What is on record here, and the server that works on it. For one process at a time."""

    batches: Batches
    server: Server
    tokens: int | None = None
    """What may wait in the server's queue, of one model."""
    warn: Callable[[str], None] = lambda _: None
    pause: Callable[[float], None] = time.sleep

    def open(self) -> list[Batch]:
        """Return batches at this server that are not over, in the order they were planned."""
        return [
            batch
            for batch in self.batches.all()
            if batch.state != "collected" and batch.base_url == self.server.base_url
        ]

    def save(self, batch: Batch) -> Batch:
        self.batches.save(batch)
        return batch

    # --- sending ---------------------------------------------------------------------------------

    def submit(self, drafts: Generator[Draft], scorer: OpenAIScorer) -> Iterator[Batch]:
        """Send each draft and yield how far it came: `started`, or `uploaded` where it waits.

        Raises ServerError; what is on record then is gone on with by `recover`.
        """
        room = True
        with closing(drafts):
            for draft in drafts:
                batch = self._plan(draft, scorer)
                self._upload(batch, draft)
                room = room and self.start_waiting()
                yield next(it for it in self.open() if it.name == batch.name)

    def _plan(self, draft: Draft, scorer: OpenAIScorer) -> Batch:
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
        kept = pack(draft.categories.values(), canary=builder.canary, rubric=builder.prompts)
        self.batches.plan(batch, draft.sent, detail=kept)
        return batch

    def _upload(self, batch: Batch, draft: Draft) -> None:
        try:
            file_id = self.server.upload(draft.file, _file_name(batch))
        except ServerError as error:
            if error.passing:
                raise
            self.batches.drop([batch.name])
            if error.status != 413:
                raise
            raise ServerError(
                f"a file of {batch.size / 1e6:.1f} MB is too large for the server: lower"
                " batch_megabytes (--megabytes)"
            ) from error
        self.save(replace(batch, state="uploaded", file_id=file_id))

    def start_waiting(self) -> bool:
        """Have the server begin what it has the files of; return whether it turned none away."""
        return all(
            self._start(batch)
            for batch in self.open()
            if batch.state == "uploaded" and self._has_room(batch)
        )

    def _has_room(self, batch: Batch) -> bool:
        running = [b.tokens for b in self.open() if b.state == "started" and b.model == batch.model]
        if not running:
            return True
        # One that was turned away has the queue to itself before it is tried again.
        within = self.tokens is None or sum(running) + batch.tokens <= self.tokens
        return batch.tries == 1 and within

    def _start(self, batch: Batch) -> bool:
        starting = self.save(replace(batch, state="starting"))
        try:
            seen = self._begin(starting)
        except ServerError as error:
            if error.status == 429 and error.passing:
                self.turned_away(batch)
                return False
            if error.status in _GONE:
                self.batches.drop([batch.name])
                raise ServerError(f"{error}; what it asked is left for the next submit") from error
            if error.status is not None and not error.passing:
                self.save(batch)  # it said no; else it may have begun
            raise
        self._started(starting, seen)
        return True

    def _begin(self, batch: Batch) -> Seen:
        for tried in range(_TRIES):
            try:
                return self.server.start(batch.file_id, _metadata(batch))
            except ServerError as error:
                if not error.passing or error.status == 429 or tried == _TRIES - 1:
                    raise
            self.pause(2.0**tried)
            if seen := self.server.find(_metadata(batch)):
                return seen
        raise AssertionError("unreachable")  # the last try returns or raises

    def _started(self, batch: Batch, seen: Seen) -> Batch:
        return self.save(
            replace(
                batch,
                state="started",
                batch_id=seen.batch_id,
                status=seen.status,
                started_at=time.time(),
            )
        )

    def turned_away(self, batch: Batch) -> Batch:
        """Put a batch back that found no room in the server's queue."""
        return self.save(
            replace(batch, state="uploaded", batch_id="", tries=batch.tries + 1, status="no room")
        )

    def cancel(self, batch: Batch) -> bool:
        """Stop a batch; return whether it is forgotten, for nothing of it was or will be answered.

        Of one that is under way, what is answered already is still to be collected.
        """
        if batch.state == "started":
            try:
                seen = self.server.cancel(batch.batch_id)
            except ServerError as error:
                if error.status in (400, 409) and self.server.look(batch.batch_id).ended:
                    return False
                if error.status != 404:
                    raise
            else:
                self.save(replace(batch, status=seen.status))
                return False
        self.batches.drop([batch.name])
        return True

    # --- taking up what was left -----------------------------------------------------------------

    def recover(self) -> list[Batch]:
        """Go on with what another process has left half done; return what was never sent.

        Those are forgotten, so that what they asked can be asked again.
        """
        left = []
        for batch in self.open():
            if batch.state == "planned":
                found = self.server.find_file(_file_name(batch), size=batch.size)
                if found is None:
                    left.append(batch)
                else:
                    self.save(replace(batch, state="uploaded", file_id=found))
            elif batch.state == "starting":
                if seen := self.server.find(_metadata(batch)):
                    self._started(batch, seen)
                else:
                    self.save(replace(batch, state="uploaded"))
        self.batches.drop(batch.name for batch in left)
        return left


def _file_name(batch: Batch) -> str:
    return f"classify-{batch.name}.jsonl"


def _metadata(batch: Batch) -> dict[str, str]:
    return {"classify_batch": batch.name, "classify_try": str(batch.tries)}
