"""What a killed process left is removed by the next one, and nothing else is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from classifier import leftovers
from classifier.content.discovery import walk
from classifier.outputs import files
from classifier.outputs.files import replacing
from classifier.store import Store

pytestmark = pytest.mark.skipif(os.name != "posix", reason="locks of files, and kill")

WRITING = """
import os, signal, sys
from pathlib import Path
from classifier.outputs.files import replacing
with replacing(Path(sys.argv[1], "a.md")) as file:
    file.write("half")
    file.flush()
    print("writing", flush=True)
    sys.stdin.read()
"""
CREATING = """
import os, sys
from pathlib import Path
from classifier.store import Store, database
def wait(connection):
    print("creating", flush=True)
    sys.stdin.read()
database._upgrade = wait
Store.open(Path(sys.argv[1], "records.sqlite3"))
"""


@contextmanager
def paused(code: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline()
            yield process
        finally:
            process.kill()


@pytest.fixture(autouse=True)
def as_a_new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_TIDY", set())


def hidden(folder: Path) -> list[str]:
    return sorted(it.name for it in folder.iterdir() if it.name.startswith("."))


def stray(folder: Path) -> Path:
    path = folder / ".classify-0123456789abcdef.tmp"
    path.write_text("half")
    return path


# --- files ---------------------------------------------------------------------------------------


def test_a_write_removes_what_a_killed_write_left_in_the_folder(tmp_path: Path) -> None:
    with paused(WRITING, tmp_path):
        assert len(hidden(tmp_path)) == 1
    with replacing(tmp_path / "b.md") as file:
        file.write("whole")
    assert [it.name for it in tmp_path.iterdir()] == ["b.md"]


def test_a_scan_removes_it_too_where_it_may(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    stray(tmp_path / "deep")
    assert list(walk(tmp_path)) == []
    assert len(hidden(tmp_path / "deep")) == 1
    assert list(walk(tmp_path, tidy=True)) == []
    assert hidden(tmp_path / "deep") == []


def test_what_a_living_process_writes_stays(tmp_path: Path) -> None:
    with paused(WRITING, tmp_path) as process:
        leftovers.remove_files(tmp_path)
        assert len(hidden(tmp_path)) == 1
        process.communicate("", timeout=60)
        assert process.returncode == 0
    assert (tmp_path / "a.md").read_text() == "half"
    assert hidden(tmp_path) == []


def test_what_this_process_writes_stays(tmp_path: Path) -> None:
    with replacing(tmp_path / "a.md") as file:
        file.write("whole")
        leftovers.remove_files(tmp_path)
    assert (tmp_path / "a.md").read_text() == "whole"


@pytest.mark.parametrize(
    "name",
    [
        ".classify-notes.tmp",
        ".classify-0123456789ABCDEF.tmp",
        ".classify-0123456789abcdef0.tmp",
        ".classify-0123456789abcdef.tmp.md",
        ".classify-0123456789abcdef",
        ".classify-",
        "classify-0123456789abcdef.tmp",
    ],
)
def test_other_names_stay(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    leftovers.remove_files(tmp_path)
    list(walk(tmp_path, tidy=True))
    assert (tmp_path / name).read_text() == "mine"


def test_links_folders_and_pipes_of_that_name_stay(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / f".classify-{'0' * 16}.tmp").symlink_to(tmp_path / "mine")
    (tmp_path / f".classify-{'1' * 16}.tmp").mkdir()
    os.mkfifo(tmp_path / f".classify-{'2' * 16}.tmp")
    leftovers.remove_files(tmp_path)
    assert len(list(tmp_path.iterdir())) == 4
    assert (tmp_path / "mine").read_text() == "mine"


def test_what_belongs_to_somebody_else_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stray(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    leftovers.remove_files(tmp_path)
    assert path.exists()


@pytest.mark.parametrize(("age", "stays"), [(60, True), (7200, False)])
def test_where_locks_do_not_work_only_what_is_old_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: int, stays: bool
) -> None:
    path = stray(tmp_path)
    os.utime(path, (time.time() - age,) * 2)
    monkeypatch.setattr(leftovers, "_lock", lambda _: None)
    leftovers.remove_files(tmp_path)
    assert path.exists() == stays
    with replacing(tmp_path / "a.md") as file:
        file.write("whole")
    assert (tmp_path / "a.md").read_text() == "whole"


@pytest.mark.parametrize("held", [True, False])
def test_a_file_that_is_taken_for_a_leftover_in_the_moment_before_it_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: bool
) -> None:
    lock, taken = leftovers._lock, []

    def late(descriptor: int) -> bool | None:
        if not taken:
            (path,) = (it for it in tmp_path.iterdir() if it.name in hidden(tmp_path))
            taken.append(path)
            if held:
                return False
            path.unlink()
        return lock(descriptor)

    monkeypatch.setattr(leftovers, "_lock", late)
    with replacing(tmp_path / "a.md") as file:
        file.write("whole")
    assert [it.name for it in tmp_path.iterdir()] == ["a.md"]


def test_each_folder_is_looked_through_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Path] = []
    monkeypatch.setattr(leftovers, "remove_files", looked.append)
    for number in range(5):
        with replacing(tmp_path / f"{number}.md") as file:
            file.write("whole")
    assert len(looked) == 1


# --- stores --------------------------------------------------------------------------------------


@pytest.mark.parametrize("there", [True, False])
def test_opening_a_store_removes_what_a_killed_creation_left(tmp_path: Path, there: bool) -> None:
    path = tmp_path / "records.sqlite3"
    with paused(CREATING, tmp_path):
        (left,) = hidden(tmp_path)
        assert left.startswith(".new-store-")
        if there:
            Store.open(path).close()
            assert hidden(tmp_path) == [left]  # it is still at work
    Store.open(path, read_only=True).close() if there else None
    Store.open(path).close()
    assert [it.name for it in tmp_path.iterdir()] == ["records.sqlite3"]


@pytest.mark.parametrize("name", [".new-store-", ".new-store-mine", ".new-store-0123456789"])
def test_other_folders_stay(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    Store.open(tmp_path / "records.sqlite3").close()
    assert (tmp_path / name).exists()


def test_a_link_in_place_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a").write_text("mine")
    (tmp_path / ".new-store-abcdefgh").symlink_to(tmp_path / "mine")
    Store.open(tmp_path / "records.sqlite3").close()
    assert (tmp_path / "mine" / "a").read_text() == "mine"


def test_a_store_that_is_kept_nowhere_is_removed_after_a_kill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    code = (
        "import sys, tempfile; from classifier import leftovers; tempfile.tempdir = sys.argv[1]\n"
        "with leftovers.temporary_folder('classify-store-'):\n"
        "    print('there', flush=True); sys.stdin.read()"
    )
    with paused(code, tmp_path) as process:
        with leftovers.temporary_folder("classify-store-"):
            assert len(list(tmp_path.iterdir())) == 2
        process.send_signal(signal.SIGKILL)
        process.wait()
    with leftovers.temporary_folder("classify-store-") as folder:
        assert list(tmp_path.iterdir()) == [folder]
    assert list(tmp_path.iterdir()) == []
