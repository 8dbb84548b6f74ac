"""The folder that a distributed run writes to, at a path or an address: whole partitions only.

On this machine a file is written under a hidden name and renamed. An object store shows an object
when all of it is there. Elsewhere a half file is no Parquet, which is found when it is opened.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from classifier import addresses, small_files
from classifier.errors import OutputError
from classifier.outputs import files, partitions
from classifier.outputs.partitions import JudgedArticle, PartitionHead

_PARTITION: Final = re.compile(r"part-[0-9a-f]{8}-[0-9a-f]{32}\.parquet")


class Folder:
    """Where partitions are. Can be pickled."""

    def __init__(self, place: str) -> None:
        """`place` is an absolute path or an address.

        Raises:
            UsageError: There is no such kind of address, or it needs a package.
        """
        self.place = place
        self._system, self._root = addresses.filesystem(place)
        self._local = not addresses.is_remote(place)

    def make(self) -> None:
        """Make the folder, and look whether it can be written to.

        Raises:
            OutputError: It cannot.
        """
        with self._used():
            self._system.makedirs(self._root, exist_ok=True)
            if self._local and not small_files.is_dir(Path(self._root)):
                raise NotADirectoryError("it is a file")

    def head(self, name: str) -> PartitionHead | None:
        """Return what is known of a partition; None where it is not there, or damaged."""
        try:
            with self._used(missing=True), self._system.open(self._path(name), "rb") as file:
                return partitions.read_head(file)
        except FileNotFoundError:
            return None

    def articles(self, name: str) -> list[JudgedArticle]:
        """Return what a partition holds.

        Raises:
            ValueError: It is damaged.
        """
        with self._used():
            data = self._system.cat_file(self._path(name))
        return list(partitions.read(io.BytesIO(data)))

    def write(self, name: str, data: bytes) -> None:
        """Write a partition in the place of one of the same name.

        Raises:
            OutputError: It cannot be written.
        """
        if self._local:
            with files.replacing(Path(self._path(name)), "wb") as file:
                file.write(data)
            return
        with self._used():
            self._system.pipe_file(self._path(name), data)

    def names(self) -> list[str]:
        """Return the names of all partitions, of any source, in order."""
        try:
            with self._used(missing=True):
                self._system.invalidate_cache()
                found = self._system.ls(self._root, detail=False)
        except FileNotFoundError:
            return []
        names = (str(it).rstrip("/").rpartition("/")[2] for it in found)
        return sorted(name for name in names if _PARTITION.fullmatch(name))

    def keep(self, source: str, names: Collection[str]) -> int:
        """Delete the partitions of a source, by its key, but for these; return how many."""
        old = [it for it in self.names() if it.startswith(f"part-{source}-") and it not in names]
        with self._used():
            for name in old:
                self._system.rm_file(self._path(name))
        return len(old)

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"

    @contextmanager
    def _used(self, *, missing: bool = False) -> Iterator[None]:
        """Raise OutputError for what the file system raises.

        `missing`: but for a FileNotFoundError.
        """
        try:
            with addresses.as_os_errors():
                yield
        except OSError as error:
            if missing and isinstance(error, FileNotFoundError):
                raise
            raise self._trouble(error) from error

    def _trouble(self, error: OSError) -> OutputError:
        reason: Any = error.strerror or " ".join(str(error).split())[:200]
        return OutputError(f"cannot use the folder {self.place!r}: {reason}; name another one")
