"""Workers: runs that share a store share its articles, and commit their answers in groups."""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeAlias

from classifier.errors import StoreError
from classifier.store.database import IN_LIST, Database, json_list
from classifier.store.inserts import insert_held, insert_sets, withdraw_sets
from classifier.store.records import HeldBack, JudgementSet, pack

LEASE_SECONDS: Final = 30.0
"""How long the claims of a worker hold after it last renewed its lease."""
_RENEW_SECONDS: Final = LEASE_SECONDS / 3

_OURS: Final[set[int]] = set()
"""Ids of the workers of this process."""

_CLAIM: Final = (
    "INSERT INTO claims VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET worker = excluded.worker"
    " WHERE worker = excluded.worker OR worker NOT IN (SELECT id FROM workers)"
)

Written: TypeAlias = "Future[int]"
"""Done when a set is on disk; its result is the set's number."""


@dataclass(frozen=True, slots=True)
class _Addition:
    sheet: JudgementSet
    written: Written = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class _Withdrawal:
    sets: Sequence[Written]
    written: Written = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class _Hold:
    rows: Sequence[HeldBack]
    written: Written = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class _Release:
    article: str
    written: Written = field(default_factory=Future)


_Job: TypeAlias = _Addition | _Withdrawal | _Hold | _Release


class Worker:
    """Claims articles for one scorer and stores what is judged of them.

    `add`, `withdraw` and `release` queue and return at once, in any thread. A thread of the worker
    commits all that is queued in one transaction, then what was queued meanwhile.

    No other worker, in any process, can claim an article until it is released, this worker is
    closed, its process has ended, or its lease has run out.
    """

    def __init__(self, database: Database, scorer: str) -> None:
        """Register a worker.

        Args:
            database: A connection of its own, so that readers do not wait for commits.
            scorer: `Scorer.identity` of whatever judges.
        """
        self._db = database
        self._scorer = scorer
        self._id = secrets.randbits(62)
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        _OURS.add(self._id)  # first: once it can be read, another thread may look whether we live
        with self._db.write() as connection:
            _drop_dead(connection)
            self._renew(connection)
        self._thread = threading.Thread(target=self._serve, name="classifier-store", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Store what is queued, give up all claims and close the connection."""
        self._jobs.put(None)
        self._thread.join()
        _OURS.discard(self._id)
        with suppress(StoreError), self._db.write() as connection:  # else the lease runs out
            _drop(connection, [self._id])
        self._db.close()

    def claim(self, article: str) -> bool:
        """Claim an article by its digest; return whether it is this worker's now.

        Another worker may have judged it just before: look up afterwards what is stored.
        """
        values = (self._scorer, article, self._id)
        with self._db.write() as connection:
            if connection.execute(_CLAIM, values).rowcount > 0:
                return True
            return _drop_dead(connection) and connection.execute(_CLAIM, values).rowcount > 0

    def taken(self, articles: Iterable[str]) -> set[str]:
        """Return those of the article digests that another worker has claimed."""
        with self._db.write() as connection:
            _drop_dead(connection)
            rows = connection.execute(
                "SELECT article FROM claims JOIN workers ON id = worker"
                f" WHERE scorer = ? AND worker != ? AND article IN {IN_LIST}",
                (self._scorer, self._id, json_list(articles)),
            ).fetchall()
        return {article for (article,) in rows}

    def add(self, sheet: JudgementSet) -> Written:
        """Queue judgements to be stored."""
        return self._queue(_Addition(sheet))

    def withdraw(self, sets: Sequence[Written]) -> Written:
        """Queue `Store.withdraw` of sets that were queued before."""
        return self._queue(_Withdrawal(tuple(sets)))

    def hold(self, rows: Sequence[HeldBack]) -> Written:
        """Queue `Store.hold`."""
        return self._queue(_Hold(tuple(rows)))

    def release(self, article: str) -> Written:
        """Queue the end of a claim; what was queued before is stored with it, or was before it."""
        return self._queue(_Release(article))

    def _queue(self, job: _Job) -> Written:
        self._jobs.put(job)
        return job.written

    # --- the thread ------------------------------------------------------------------------------

    def _serve(self) -> None:
        due = time.monotonic() + _RENEW_SECONDS
        closing = False
        while not closing:
            queued = self._queued(due - time.monotonic())
            closing = None in queued
            renew = time.monotonic() >= due
            if renew:
                due = time.monotonic() + _RENEW_SECONDS
            jobs = [job for job in queued if job is not None]
            if jobs or renew:
                self._commit(jobs, renew=renew)

    def _queued(self, seconds: float) -> list[_Job | None]:
        """Return all that is queued; wait for the first so long."""
        found: list[_Job | None] = []
        with suppress(Empty):
            found.append(self._jobs.get(timeout=max(0.0, seconds)))
            while True:
                found.append(self._jobs.get_nowait())
        return found

    def _commit(self, jobs: Sequence[_Job], *, renew: bool) -> None:
        numbers: dict[Written, int] = {}
        try:
            packed = {
                job.written: (job.sheet, pack(job.sheet))
                for job in jobs
                if isinstance(job, _Addition)
            }
            with self._db.write() as connection:
                if renew:
                    self._renew(connection)
                added = insert_sets(self._db, connection, list(packed.values()))
                numbers = dict(zip(packed, added, strict=True))
                self._take_back(connection, jobs, numbers)
        except Exception as error:  # noqa: BLE001 - raised by whoever waits for it
            for job in jobs:
                job.written.set_exception(error)
        else:
            for job in jobs:
                job.written.set_result(numbers.get(job.written, 0))

    def _take_back(
        self, connection: sqlite3.Connection, jobs: Sequence[_Job], numbers: dict[Written, int]
    ) -> None:
        withdrawn = [it for job in jobs if isinstance(job, _Withdrawal) for it in job.sets]
        if withdrawn:
            withdraw_sets(
                connection,
                [numbers[it] if it in numbers else it.result() for it in withdrawn],
            )
        held = [row for job in jobs if isinstance(job, _Hold) for row in job.rows]
        if held:
            insert_held(self._db, connection, held, at=time.time())
        released = [job.article for job in jobs if isinstance(job, _Release)]
        if released:
            connection.execute(
                f"DELETE FROM claims WHERE scorer = ? AND worker = ? AND article IN {IN_LIST}",
                (self._scorer, self._id, json_list(released)),
            )

    def _renew(self, connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT OR REPLACE INTO workers VALUES (?, ?, ?)",
            (self._id, f"{_place()} {os.getpid()}", time.time() + LEASE_SECONDS),
        )


# --- workers that are gone -----------------------------------------------------------------------


def _drop_dead(connection: sqlite3.Connection) -> bool:
    """Forget workers that no longer work; return whether there were any."""
    now = time.time()
    rows = connection.execute(
        # A lease beyond any that is given out now: the clock was set back.
        "SELECT id, process, lease NOT BETWEEN ? AND ? FROM workers",
        (now, now + 2 * LEASE_SECONDS),
    ).fetchall()
    dead = [number for number, process, over in rows if over or _ended(number, process)]
    if dead:
        _drop(connection, dead)
    return bool(dead)


def _drop(connection: sqlite3.Connection, workers: Iterable[int]) -> None:
    listed = json_list(workers)
    connection.execute(f"DELETE FROM claims WHERE worker IN {IN_LIST}", (listed,))
    connection.execute(f"DELETE FROM workers WHERE id IN {IN_LIST}", (listed,))


def _ended(worker: int, process: Any) -> bool:
    """Whether the process of a worker is known to have ended; False if it cannot be known."""
    place, _, pid = str(process).rpartition(" ")
    if not place or place != _place() or not pid.isdecimal():
        return False
    if int(pid) == os.getpid():
        return worker not in _OURS  # the number of a process that has ended, given out again
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):  # someone else's, so it runs
        return False
    return False


@cache
def _place() -> str:
    """Return what process ids are unique in; empty where a process cannot be asked for safely."""
    if os.name != "posix":
        return ""
    parts = [os.uname().nodename]
    with suppress(OSError):  # Linux: since it was started, and in which container
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(parts)
