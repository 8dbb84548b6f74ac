"""Temporary files and folders, and the removal of those that a killed process left.

Each is locked as long as its process uses it; a lock ends with its process. One that bears our kind
of name and is not locked is a leftover.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

try:
    import fcntl
except ImportError:  # Windows, where a file in use cannot be deleted
    fcntl = None  # type: ignore[assignment]

FILE_PREFIX: Final = ".classify-"
_FILE: Final = re.compile(r"\.classify-[0-9a-f]{16}\.tmp")
_FOLDER_END: Final = re.compile(r"[a-z0-9_]{8}")
_TRIES: Final = 5
_OLD_SECONDS: Final = 3600.0
"""Where locks do not work, what was not changed for so long is not in use."""


def temporary_file(folder: Path, flags: int, mode: int) -> tuple[Path, int, int]:
    """Create a hidden file in a folder; return its path, its descriptor and that of its lock.

    Close the lock's when the file has its name, or is deleted. Raises OSError.
    """
    tries = _TRIES
    while True:
        path = folder / f"{FILE_PREFIX}{secrets.token_hex(8)}.tmp"
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, mode)
        lock = os.dup(descriptor)
        tries -= 1
        if (_lock(lock) is not False and _is(lock, path)) or not tries:
            return path, descriptor, lock
        os.close(descriptor)  # another process took it for a leftover, in the moment before
        os.close(lock)
        path.unlink(missing_ok=True)


@contextmanager
def temporary_folder(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """Make a folder for the block, and remove what other processes left of their own.

    Args:
        prefix: Start of its name, which no other folders have.
        parent: Where it is; None for the system's place for temporary files.
    """
    import tempfile

    parent = parent or Path(tempfile.gettempdir())
    remove_folders(parent, prefix)
    for tries_left in reversed(range(_TRIES)):
        with tempfile.TemporaryDirectory(
            dir=parent, prefix=prefix, ignore_cleanup_errors=True
        ) as name:
            path = Path(name)
            try:
                lock = _opened(path)
            except FileNotFoundError:  # another process took it for a leftover
                continue
            try:
                if lock is None or (_lock(lock) is not False and _is(lock, path)) or not tries_left:
                    yield path
                    return
            finally:
                if lock is not None:
                    os.close(lock)


def remove_files(folder: Path) -> None:
    """Delete the leftover files in a folder."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(FILE_PREFIX):
                remove_file(Path(entry.path))


def remove_file(path: Path) -> None:
    """Delete a file if it is a leftover; do nothing where that cannot be done."""
    if _FILE.fullmatch(path.name):
        with suppress(OSError):
            if stat.S_ISREG(path.lstat().st_mode) and _abandoned(path):
                path.unlink()


def remove_folders(parent: Path, prefix: str) -> None:
    """Delete the leftover folders that `temporary_folder` made."""
    with suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            if entry.name.startswith(prefix):
                _remove_folder(Path(entry.path), prefix)


def _remove_folder(path: Path, prefix: str) -> None:
    import shutil

    if _FOLDER_END.fullmatch(path.name.removeprefix(prefix)):
        with suppress(OSError):
            if stat.S_ISDIR(path.lstat().st_mode) and _abandoned(path):
                shutil.rmtree(path, ignore_errors=True)


def _abandoned(path: Path) -> bool:
    """Whether a file or folder is ours, and no process uses it."""
    if hasattr(os, "geteuid") and path.lstat().st_uid != os.geteuid():
        return False
    descriptor = _opened(path)
    locked = None if descriptor is None else _lock(descriptor)
    if descriptor is not None:
        os.close(descriptor)
    if locked is None:
        return time.time() - path.lstat().st_mtime > _OLD_SECONDS
    return locked


def _opened(path: Path) -> int | None:
    """Open what can be locked; None where nothing can be."""
    if fcntl is None:
        return None
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)


def _lock(descriptor: int) -> bool | None:
    """Lock a file or folder; False if another process has, None where locks do not work."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _is(descriptor: int, path: Path) -> bool:
    """Whether a path still leads to what was opened."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False
