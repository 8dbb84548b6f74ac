"""The store of a command: where it is, and what it is opened for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeAlias

from classifier import settings
from classifier.corpus import STORE_FOLDER, home_of
from classifier.errors import StoreError
from classifier.project.records import Records
from classifier.settings import Settings
from classifier.store import Store

Purpose: TypeAlias = Literal["write", "read", "forget"]

_FILE = "records.sqlite3"


def place(found: Settings) -> Path:
    """Return where the store is, whether there is one or not."""
    return found.store or settings.home() / STORE_FOLDER / _FILE


@contextmanager
def opened(found: Settings, to: Purpose) -> Iterator[Records]:
    """Open the store; to `read` where there is none, or to `forget`, a fresh one for the moment.

    Raises StoreError where it cannot be used.
    """
    path = place(found)
    home = home_of(path)
    if to == "forget" or (to == "read" and not path.exists()):
        with TemporaryDirectory(prefix="classify-") as folder, Store.open(Path(folder, _FILE)) as s:
            yield Records(s, home, None)
    else:
        with _open(path, read_only=to == "read") as store:
            yield Records(store, home, path)


@contextmanager
def existing(path: Path | None, *, read_only: bool = True) -> Iterator[Records]:
    """Open the store that is there. Raises StoreError where there is none."""
    found = settings.load(store=path)
    file = place(found)
    if not file.exists():
        raise StoreError(f"nothing is on record: there is no {str(file)!r}; see --store")
    with opened(found, "read") if read_only else opened(found, "write") as records:
        yield records


def _open(path: Path, *, read_only: bool) -> Store:
    new = not read_only and not path.exists()
    try:
        store = Store.open(path, read_only=read_only)
    except StoreError as error:
        raise StoreError(
            f"{error}{'' if read_only else ', or keep nothing: --no-store'}"
        ) from error
    if new and path.parent.name == STORE_FOLDER:
        _keep_out_of_git(path.parent)
    return store


def _keep_out_of_git(folder: Path) -> None:
    ignore = folder / ".gitignore"
    try:
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise StoreError(f"cannot write {str(ignore)!r}: {error.strerror}; see --store") from error
