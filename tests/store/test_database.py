"""Opening a store, sharing it between processes, and files that are not ours."""

import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from unittest.mock import Mock

import pytest
from support.stores import (
    ARTICLES,
    run,
    sheet,
    start,
    tamper,
)

from classifier.errors import StoreError
from classifier.store import (
    Store,
    database,
    schema,
)

# --- the disk -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("free", "said"), [(0, "the disk is full: free some room"), (1 << 30, "disk I/O error")]
)
def test_an_error_of_a_full_disk_is_called_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, said: str
) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = "SQLITE_IOERR_SHMSIZE"
    path = tmp_path / "records.sqlite3"
    Store.open(path).close()
    monkeypatch.setattr(sqlite3, "connect", Mock(side_effect=error))
    monkeypatch.setattr(shutil, "disk_usage", Mock(return_value=Mock(free=free)))
    with pytest.raises(StoreError, match=said):
        Store.open(path)


# --- opening -------------------------------------------------------------------------------------


def foreign(path: Path, *, wal: bool = False, application_id: int = 0) -> None:
    with closing(sqlite3.connect(path)) as db:
        if wal:
            db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE theirs (x)")
        db.execute(f"PRAGMA application_id = {application_id}")
        db.commit()


def newer(path: Path) -> None:
    Store.open(path).close()
    tamper(path, f"PRAGMA user_version = {schema.version() + 1}")


def garbled(path: Path) -> None:
    Store.open(path).close()
    with path.open("r+b") as raw:
        raw.seek(100)
        raw.write(os.urandom(3000))


def cut(path: Path) -> None:
    Store.open(path).close()
    os.truncate(path, 5000)


UNUSABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "text": (lambda path: path.write_text("tags: [a, b]\n" * 50), "not a store of classify"),
    "short text": (lambda path: path.write_text("hello"), "not a store of classify"),
    "empty": (lambda path: path.touch(), "empty file"),
    "other database": (foreign, "not a store of classify"),
    "other database in WAL mode": (lambda p: foreign(p, wal=True), "not a store of classify"),
    "other application": (lambda p: foreign(p, application_id=7), "not a store of classify"),
    "newer": (newer, "newer classify .* upgrade"),
    "garbled": (garbled, "damaged"),
    "cut short": (cut, "damaged"),
    "folder": (lambda path: path.mkdir(), "is a folder"),
    "pipe": (os.mkfifo, "is not a file"),
}


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("kind", UNUSABLE)
def test_a_file_that_cannot_be_used_is_named_in_one_line_and_left_as_it_is(
    path: Path, kind: str, read_only: bool
) -> None:
    make, message = UNUSABLE[kind]
    make(path)
    before = state(path)
    with pytest.raises(StoreError, match=message) as raised:
        Store.open(path, read_only=read_only)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)
    assert state(path) == before


def state(path: Path) -> object:
    """Return all that must not change: what lies beside the file, its bytes and its times."""
    status = path.stat()
    data = path.read_bytes() if stat.S_ISREG(status.st_mode) else None
    return sorted(path.parent.iterdir()), data, status.st_mtime_ns, status.st_ino


def test_a_newer_version_is_seen_even_where_it_is_still_in_the_log(path: Path) -> None:
    Store.open(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(f"PRAGMA user_version = {schema.version() + 1}")
        before = state(path)
        with pytest.raises(StoreError, match="newer"):
            Store.open(path)
        assert state(path) == before


def test_reading_what_is_not_there_creates_nothing(path: Path) -> None:
    with pytest.raises(StoreError, match="is not there"):
        Store.open(path, read_only=True)
    assert list(path.parent.iterdir()) == []


def test_creating_makes_the_folder_and_leaves_only_the_store(tmp_path: Path) -> None:
    path = tmp_path / "a" / ".classify" / "records.sqlite3"
    Store.open(path).close()
    assert list(path.parent.iterdir()) == [path]


def test_a_store_may_have_any_name(tmp_path: Path) -> None:
    for name in ("a b?mode=ro#c%20.db", "\udcff.db", "ü.db"):
        with Store.open(tmp_path / name) as store:
            store.add(sheet())
    assert len(list(tmp_path.iterdir())) == 3


def test_a_path_through_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="`store`"):
        Store.open(tmp_path / "file" / "records.sqlite3")


def test_the_header_of_a_new_store_is_in_the_file_itself(path: Path) -> None:
    with Store.open(path) as store:
        store.add(sheet())
        header = path.read_bytes()[:100]
    assert int.from_bytes(header[68:72], "big") == schema.APPLICATION_ID
    assert int.from_bytes(header[60:64], "big") == schema.version()


def test_reading_leaves_nothing_behind_and_cannot_write(path: Path) -> None:
    with Store.open(path) as store:
        store.add(sheet())
    with Store.open(path, read_only=True) as store:
        assert store.stats()["judgements"] == 2
        assert store.garbage(categories=[]) == {"category gone": 2}
        with pytest.raises(StoreError, match="cannot be written"):
            store.add(sheet())
    assert list(path.parent.iterdir()) == [path]


def test_opening_a_second_time_keeps_the_locks_of_the_first(path: Path) -> None:
    # Closing any descriptor of a file drops all POSIX locks of the process on it: another process
    # would then think itself alone, and take the log away when it closes.
    with Store.open(path) as store:
        store.add(sheet())
        Store.open(path).close()
        Store.open(path, read_only=True).close()
        log = Path(f"{path}-wal").stat().st_ino
        run("Store.open(path).close()", path)
        assert Path(f"{path}-wal").stat().st_ino == log
        store.add(sheet(ARTICLES[1]))
        assert run("print(Store.open(path).stats()['judgements'])", path) == "4"


# --- locks, permissions, crashes -----------------------------------------------------------------


@contextmanager
def locked(path: Path, *, how: str = "BEGIN EXCLUSIVE") -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in how.split(";"):
            db.execute(statement)
        yield


def test_a_locked_store_is_named_in_one_line(
    path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add(sheet())
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    with locked(path), Store.open(path) as second:
        assert second.stats()["judgements"] == 2  # readers need not wait
        with pytest.raises(StoreError, match="is locked by another process") as raised:
            second.add(sheet())
    assert str(path) in str(raised.value)
    store.add(sheet())


def test_a_store_that_another_program_keeps_to_itself_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store.open(path).close()
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    alone = "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; UPDATE files SET size = 1"
    with locked(path, how=alone), pytest.raises(StoreError, match="is locked"):
        Store.open(path).add(sheet())


@contextmanager
def unprivileged(folder: Path) -> Iterator[None]:
    """Give up what root may do; `folder` becomes the other user's."""
    if os.geteuid():
        yield
        return
    for path in (folder, *folder.iterdir()):
        os.chown(path, 65534, 65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that another user can reach, as root's tmp_path is not."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def test_a_read_only_file_is_refused_for_writing_and_open_for_reading(reachable: Path) -> None:
    path = reachable / "records.sqlite3"
    with Store.open(path) as store:
        store.add(sheet())
    path.chmod(0o444)
    with unprivileged(reachable):
        before = state(path)
        with pytest.raises(StoreError, match="cannot be written"):
            Store.open(path)
        assert state(path) == before
        with Store.open(path, read_only=True) as store:
            assert store.stats()["judgements"] == 2


def test_a_store_in_a_read_only_folder_can_be_read(reachable: Path) -> None:
    path = reachable / "records.sqlite3"
    with Store.open(path) as store:
        store.add(sheet())
    reachable.chmod(0o555)
    with unprivileged(reachable):
        before = state(path)
        with pytest.raises(StoreError, match="make it and its folder"):
            Store.open(path)
        with pytest.raises(StoreError, match="cannot be opened"):
            Store.open(reachable / "new.sqlite3")
        with Store.open(path, read_only=True) as store:
            assert store.stats()["judgements"] == 2
        assert state(path) == before
    reachable.chmod(0o755)


def test_what_is_in_the_log_is_never_left_out_in_a_read_only_folder(reachable: Path) -> None:
    path = reachable / "records.sqlite3"
    Store.open(path).close()
    run("s = Store.open(path); s.add(sheet('a')); os.kill(os.getpid(), signal.SIGKILL)", path)
    reachable.chmod(0o555)
    with unprivileged(reachable), Store.open(path, read_only=True) as store:
        assert store.stats()["judgements"] == 1
    reachable.chmod(0o755)
    Path(f"{path}-shm").unlink()
    reachable.chmod(0o555)
    with unprivileged(reachable), pytest.raises(StoreError, match="cannot be opened"):
        Store.open(path, read_only=True)
    reachable.chmod(0o755)


def test_everything_that_was_told_to_be_stored_survives_a_kill(path: Path) -> None:
    code = """
store = Store.open(path)
for n in range(100000):
    store.add(sheet(f"article {n}"))
    print(n, flush=True)
"""
    with start(code, path) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(40)]
        process.kill()
        told += process.stdout.readlines()
    assert Path(f"{path}-wal").stat().st_size > 0
    last = int([line for line in told if line.endswith("\n")][-1])
    with Store.open(path, read_only=True) as store:
        stored = store.stats()["judgements"]
        assert store.verify() == []
    assert last + 1 <= stored <= last + 2
    with Store.open(path) as store:
        assert store.stats()["judgements"] == stored
        assert store.verify() == []


def test_a_store_whose_creator_was_killed_at_once_opens(path: Path) -> None:
    run("store = Store.open(path); os.kill(os.getpid(), signal.SIGKILL)", path)
    with Store.open(path) as store:
        store.add(sheet())
        assert store.verify() == []


def test_a_second_process_opens_a_store_that_the_first_still_writes(
    path: Path, store: Store
) -> None:
    store.add(sheet())
    assert Path(f"{path}-wal").stat().st_size > 0
    assert run("print(Store.open(path).stats()['judgements'])", path) == "2"
    assert run("print(Store.open(path, read_only=True).stats()['judgements'])", path) == "2"


def test_processes_that_create_and_write_at_once_lose_nothing(path: Path) -> None:
    code = """
store = Store.open(path)
for n in range(25):
    store.add(sheet(f"article {n}", f"scorer {os.getpid()}"))
    store.mark_completed("s", "t", [f"article {n}"])
"""
    processes = [start(code, path) for _ in range(4)]
    assert [process.wait(timeout=120) for process in processes] == [0, 0, 0, 0]
    for process in processes:
        process.communicate()
    with Store.open(path) as store:
        assert store.stats()["judgements"] == 100
        assert len(store.completed("s", "t")) == 25
        assert store.verify() == []
    assert list(path.parent.iterdir()) == [path]
