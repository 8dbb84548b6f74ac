"""The SQLite file: opening and upgrading it, sharing it between threads, and errors in one line."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from classifier import leftovers
from classifier.errors import StoreError
from classifier.store import schema
from classifier.store.values import DAMAGE

BUSY_SECONDS = 30.0
"""How long to wait for another process that writes."""

_NEW_STORE = ".new-store-"

LARGEST_BYTES = 128 << 20
"""No value that is read or written is larger."""

IN_LIST = "(SELECT value FROM json_each(CAST(? AS TEXT)))"
"""SQL for a set that is passed as one parameter: `json_list(values)`."""


def encoded(value: str) -> bytes:
    """Return the parameter for `CAST(? AS TEXT)`: file names may hold bytes that are not UTF-8."""
    return value.encode("utf-8", "surrogatepass")


def json_list(values: Iterable[str | int]) -> bytes:
    return encoded(json.dumps(list(values), ensure_ascii=False))


class Database:
    """A connection that threads take turns to use."""

    def __init__(self, connection: sqlite3.Connection, path: Path, real: Path) -> None:
        """`path` is for messages; `real` is where the file is, absolute and without links."""
        self._connection = connection
        self.path = path
        self._real = real
        self._lock = threading.RLock()

    def reopen(self) -> Database:
        """Return another connection to the file, which writes."""
        with _one_line(self.path):
            return Database(_writable(self.path, self._real), self.path, self._real)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def __del__(self) -> None:
        self._connection.close()  # a library's store may live as long as its program

    def read(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._lock, _one_line(self.path):
            cursor = self._connection.execute(sql, parameters)
            with self.decoding():  # text may not be UTF-8
                return cursor.fetchall()

    @contextmanager
    def decoding(self) -> Iterator[None]:
        """Turn what damaged values raise in the block into a StoreError."""
        try:
            yield
        except DAMAGE as error:
            raise damaged(self.path) from error

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Run the block as one transaction, which is on disk at its end."""
        with self._lock, _one_line(self.path):
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def claim(self, name: str, taken: str) -> Iterator[None]:
        """Keep other processes out of the block, but not from this file.

        An empty database beside it is locked meanwhile; a process that dies frees it.

        Raises:
            StoreError: Another process is inside; the message is `taken`.
        """
        beside = Path(f"{self._real}-{name}.lock")
        with _one_line(beside):
            lock = _connect(beside, "rwc", timeout=0)
        with closing(lock):
            with _one_line(beside):
                try:
                    lock.execute("BEGIN EXCLUSIVE")
                except sqlite3.OperationalError as error:
                    if _family(error) != "BUSY":
                        raise
                    raise StoreError(f"{_named(self.path)}: {taken}; wait for it to end") from None
            yield

    def compact(self) -> None:
        """Return the space of deleted rows to the disk."""
        self.read("VACUUM")
        self.read("PRAGMA wal_checkpoint(TRUNCATE)")

    def numbers(self, names: Iterable[str]) -> dict[str, int]:
        """Return the ids of those `names` that have one."""
        return dict(
            self.read(f"SELECT name, id FROM names WHERE name IN {IN_LIST}", (json_list(names),))
        )

    def intern(self, names: Iterable[str]) -> dict[str, int]:
        """Return the ids of `names`, adding those that are new. Call this inside `write`."""
        names = list(names)
        self._connection.execute(
            f"INSERT INTO names (name) SELECT value FROM {IN_LIST} WHERE true"
            " ON CONFLICT DO NOTHING",
            (json_list(names),),
        )
        return self.numbers(names)


# --- opening -------------------------------------------------------------------------------------


def open_database(path: Path, *, read_only: bool = False) -> Database:
    """Open the store at `path`; create it if it is missing and not `read_only`.

    Raises:
        StoreError: It cannot be opened. The file is left as it is, and nothing is left beside it.
    """
    real = Path(os.path.realpath(path))
    with _one_line(path):
        if not read_only:
            if not real.exists():
                _create(real)
            leftovers.remove_folders(real.parent, _NEW_STORE)
        if not real.is_file():
            raise StoreError(f"{_named(path)} {_no_file(real)}: name another with `store`")
        version = _version(path, real)
        if not read_only:
            return Database(_writable(path, real), path, real)
        missing = [it for statements in schema.MIGRATIONS[version:] for it in statements]
        if not all(statement.startswith("CREATE TABLE ") for statement in missing):
            raise StoreError(
                f"{_named(path)} was written by an older classify: run any command once with"
                " write access to it, to upgrade it"
            )
        return Database(_readable(real, missing), path, real)


def _no_file(real: Path) -> str:
    return "is a folder" if real.is_dir() else "is not a file" if real.exists() else "is not there"


def _connect(real: Path, mode: str, *, timeout: float | None = None) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{real.as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_SECONDS if timeout is None else timeout,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_BYTES)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.text_factory = lambda data: data.decode("utf-8", "surrogatepass")
    return connection


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    (number,) = connection.execute(f"PRAGMA {pragma}").fetchone()
    return int(number)


def _create(real: Path) -> None:
    """Make a complete store in a folder beside, then link it in: nobody sees half of one.

    It is switched to WAL mode after its header is in the file itself, while nobody else can have
    it open.
    """
    real.parent.mkdir(parents=True, exist_ok=True)
    with leftovers.temporary_folder(_NEW_STORE, real.parent) as folder:
        new = folder / real.name
        with closing(_connect(new, "rwc")) as connection:
            _upgrade(connection)
            connection.execute("PRAGMA journal_mode = WAL")
        try:
            os.link(new, real)
        except FileExistsError:  # another process was first
            pass
        except OSError:  # a file system without links
            new.rename(real)


def _quiet(real: Path) -> bool:
    """Whether everything is in the file itself, and nothing in a write-ahead log."""
    wal = Path(f"{real}-wal")
    return not (wal.exists() and wal.stat().st_size)


def _version(path: Path, real: Path) -> int:
    """Return the version of the schema.

    Reads through SQLite: opening and closing the file directly would drop the locks that other
    connections of this process hold on it (sqlite.org/howtocorrupt.html). `immutable` keeps SQLite
    from making files beside; a store with a log is read with its log.

    Raises:
        StoreError: It is not a store, or one that this version cannot use.
    """
    if not real.stat().st_size:
        raise StoreError(
            f"{_named(path)} is an empty file: delete it, or name another with `store`"
        )
    with closing(_connect(real, "ro&immutable=1" if _quiet(real) else "ro")) as connection:
        try:
            ours = _number(connection, "application_id") == schema.APPLICATION_ID
        except sqlite3.DatabaseError as error:
            if _family(error) != "NOTADB":
                raise
            ours = False
        if not ours:
            raise StoreError(
                f"{_named(path)} is not a store of classify: name another with `store`"
            )
        version = _number(connection, "user_version")
        if version > schema.version():
            raise StoreError(
                f"{_named(path)} was written by a newer classify (version {version} of the store,"
                f" this one knows {schema.version()}): upgrade, or name another with `store`"
            )
        for name, sql in connection.execute(  # raises where it is damaged
            "SELECT tbl_name, sql FROM sqlite_master WHERE type IN ('table', 'view', 'trigger')"
        ).fetchall():
            if name in schema.TABLES and not str(sql).upper().startswith("CREATE TABLE"):
                raise damaged(path)  # it would run what somebody has written into it
        return version


def _writable(path: Path, real: Path) -> sqlite3.Connection:
    if not os.access(real, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        # SQLite would open it for reading, and object only at the first write.
        raise StoreError(f"{_named(path)} {_READ_ONLY}")
    connection = _connect(real, "rw")
    try:
        # A killed process loses nothing with NORMAL; FULL also survives a power cut, and
        # judgements may have been paid for.
        connection.execute("PRAGMA synchronous = FULL")
        _upgrade(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _readable(real: Path, missing: Sequence[str]) -> sqlite3.Connection:
    """Open for reading; tables that an older version lacks are `missing`, and empty here."""
    # Not mode=ro, which leaves -wal and -shm files behind.
    connection = _connect(real, "rw")
    try:
        _add_missing(connection, missing)
        connection.execute("PRAGMA query_only = ON")
        connection.execute("SELECT COUNT(*) FROM sqlite_master")
    except sqlite3.OperationalError as error:
        connection.close()
        if _family(error) not in ("CANTOPEN", "READONLY") or not _quiet(real):
            raise
        # WAL mode needs files beside, and the folder cannot be written: then nobody writes.
        connection = _connect(real, "ro&immutable=1")
        _add_missing(connection, missing)
    return connection


def _add_missing(connection: sqlite3.Connection, tables: Sequence[str]) -> None:
    connection.execute("PRAGMA temp_store = MEMORY")
    for statement in tables:
        connection.execute(statement.replace("CREATE TABLE", "CREATE TEMP TABLE", 1))


def _upgrade(connection: sqlite3.Connection) -> None:
    if _number(connection, "user_version") == schema.version():
        return
    connection.execute("BEGIN IMMEDIATE")
    version = _number(connection, "user_version")  # another process may have been first
    for statements in schema.MIGRATIONS[version:]:
        for statement in statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {schema.version()}")
    connection.execute("COMMIT")


# --- what went wrong -----------------------------------------------------------------------------

_SHARED_BYTES = 1 << 16
"""What SQLite's shared index needs at once, twice over."""
_READ_ONLY = "cannot be written: make it and its folder writable, or name another with `store`"
_DAMAGED = "is damaged: restore a copy, or move it away to start a new one"
_DAMAGED_VALUE = (
    "is damaged (`classify store verify` says where): restore a copy, or move it away to start a"
    " new one"
)

_WHY = {
    "BUSY": "is locked by another process: wait for it to end, or name another with `store`",
    "LOCKED": "is locked by another process: wait for it to end, or name another with `store`",
    "READONLY": _READ_ONLY,
    "FULL": "cannot grow, the disk is full: free some room and run again, nothing stored is lost",
    "CANTOPEN": "cannot be opened: make it and its folder readable and writable, or name another"
    " with `store`",
    "CORRUPT": _DAMAGED,
    "NOTADB": _DAMAGED,
}


def _named(path: Path) -> str:
    return f"the store {str(path)!r}"


def damaged(path: Path) -> StoreError:
    return StoreError(f"{_named(path)} {_DAMAGED_VALUE}")


def _family(error: sqlite3.Error) -> str:
    """Return the second word of SQLITE_BUSY, SQLITE_BUSY_SNAPSHOT, ...; Python's own have none."""
    name: str = getattr(error, "sqlite_errorname", None) or "_"
    return name.split("_")[1]


def _is_full(error: sqlite3.Error, path: Path) -> bool:
    """Whether a disk without room is behind an error of input and output.

    The index of what is not yet in the file (`-shm`) cannot grow then, which SQLite calls so.
    """
    with suppress(OSError):
        return _family(error) == "IOERR" and shutil.disk_usage(path.parent).free < _SHARED_BYTES
    return False


@contextmanager
def _one_line(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and the file system into a StoreError: one line that names the file."""
    try:
        yield
    except sqlite3.Error as error:
        family = "FULL" if _is_full(error, path) else _family(error)
        why = _WHY.get(family, f"cannot be used: {error}")
        if isinstance(error, sqlite3.ProgrammingError) and "closed" in str(error):
            why = "is closed: read results before their project or store is closed"
        raise StoreError(f"{_named(path)} {why}") from error
    except OSError as error:
        why = f"cannot be opened: {error.strerror or error}; name another with `store`"
        raise StoreError(f"{_named(path)} {why}") from error
