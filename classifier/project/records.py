"""Locate and open the store of a project."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from classifier import leftovers
from classifier.corpus import STORE_FILE, STORE_FOLDER, home_of
from classifier.errors import StoreError
from classifier.store import Store

Purpose: TypeAlias = Literal["write", "read", "forget"]
"""`read` creates no file. `forget` neither reads nor keeps any record."""


@dataclass(frozen=True, slots=True)
class Records:
    store: Store
    home: Path
    """Paths in the store are relative to it, so that a site can be moved."""
    path: Path | None
    """None: the store is temporary, and gone at the end."""
    file: tuple[int, int] | None = None
    """Device and number of the file that is open."""

    @property
    def is_there(self) -> bool:
        """Whether the file that is open still has its name."""
        return self.path is None or _file(self.path) == self.file


@dataclass(slots=True)
class OpenRecords:
    """The store of a project, opened when a verb first needs it and kept open for the next one."""

    path: Path
    _open: dict[Purpose, Records] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    def get(self, purpose: Purpose) -> Records:
        """Return the open store, opened anew where its file was deleted or replaced.

        Raises:
            StoreError: It cannot be used.
        """
        if not all(records.is_there for records in self._open.values()):
            self.close()
        if purpose == "read" and "write" in self._open:
            return self._open["write"]
        if purpose == "write":
            self._close_reader()
        if purpose not in self._open:
            self._open[purpose] = self._stack.enter_context(_opened(self.path, purpose))
        return self._open[purpose]

    def existing(self, purpose: Purpose = "read") -> Records:
        """Return the existing store. Raises StoreError if there is none."""
        if not self.path.exists():
            raise StoreError(f"nothing is stored yet: there is no {str(self.path)!r}; see `store`")
        return self.get(purpose)

    def close(self) -> None:
        self._open.clear()
        self._stack.close()

    def _close_reader(self) -> None:
        # What a reader saw may be of a moment before there was a file.
        if "read" in self._open:
            self.close()


@contextmanager
def _opened(path: Path, purpose: Purpose) -> Iterator[Records]:
    home = home_of(path)
    if purpose == "forget" or (purpose == "read" and not path.exists()):
        with (
            leftovers.temporary_folder("classify-store-") as folder,
            Store.open(folder / STORE_FILE) as store,
        ):
            yield Records(store, home, None)
    else:
        with _store(path, read_only=purpose == "read") as store:
            yield Records(store, home, path, _file(path))


def _file(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _store(path: Path, *, read_only: bool) -> Store:
    new = not read_only and not path.exists()
    store = Store.open(path, read_only=read_only)
    if new and path.parent.name == STORE_FOLDER:
        _keep_out_of_git(path.parent)
    return store


def _keep_out_of_git(folder: Path) -> None:
    ignore = folder / ".gitignore"
    try:
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise StoreError(f"cannot write {str(ignore)!r}: {error.strerror}; see `store`") from error
