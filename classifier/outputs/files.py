"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from io import BufferedWriter, FileIO, TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Literal, overload

from classifier import leftovers
from classifier.errors import OutputError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_WRITE: Final = os.O_WRONLY | getattr(os, "O_BINARY", 0)
_RIGHTS: Final = "system.posix_acl_access"
"""Where Linux keeps the rights of single users and groups; the mode is a part of them."""
_TIDY: Final[set[str]] = set()
"""Folders that were looked through for what killed processes left."""
_WAYS_OUT: Final = {
    errno.ENOSPC: "make room or name a file on another disk",
    errno.EDQUOT: "make room or name a file on another disk",
    errno.ENOENT: "make the folder first",
    errno.ENOTDIR: "name a file in a folder",
    errno.EISDIR: "name a file in it",
    errno.EACCES: "name a file in a folder you may write to, or change the permissions",
    errno.EPERM: "name a file in a folder you may write to, or change the permissions",
    errno.EROFS: "name a file on a disk that can be written to",
}


@overload
def replacing(path: Path, mode: Literal["w"] = "w") -> AbstractContextManager[IO[str]]: ...
@overload
def replacing(path: Path, mode: Literal["wb"]) -> AbstractContextManager[IO[bytes]]: ...
@contextmanager
def replacing(path: Path, mode: Literal["w", "wb"] = "w") -> Generator[IO[Any]]:
    """Write a file that takes the place of `path` when the block ends, and only then.

    Until then it has a hidden name in the same folder; an exception removes it and leaves what was
    there. Readers see the old file or the new one, never a half. Permissions, extended attributes
    (on Linux) and, where allowed, owner and group of an old file are kept; a link is followed, so
    what it points to is replaced. Text is UTF-8 and its line breaks stay as they are written.

    Raises OutputError where the file cannot be written. An OSError of the block's own, such as a
    lost connection, passes through unchanged.
    """
    target = Path(os.path.realpath(path))
    try:
        old = _old(target)
        _tidy(target.parent)
        # An old file's readers may be few: until they are known to be the same, nobody else reads.
        temporary, descriptor, lock = leftovers.temporary_file(
            target.parent, _WRITE, 0o600 if old else 0o666
        )
    except OSError as error:
        raise _trouble(path, error) from error
    try:
        file = _opened(descriptor, path, mode)
        try:
            yield file
            _finish(file, path, old)
        except BaseException:
            with suppress(OutputError):  # closing writes what is left; the first error is the news
                file.close()
            raise
        try:
            temporary.replace(target)
        except OSError as error:
            raise _trouble(path, error) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        os.close(lock)
    _sync_folder(target.parent)


def write_text(path: Path, text: str) -> None:
    """Write a text file as `replacing` does, and its folder where there is none.

    What UTF-8 cannot hold, such as the bytes of a file name in another encoding, becomes an escape,
    which JSON reads back.

    Raises OutputError where one of them cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _trouble(path, error) from error
    with replacing(path) as file:
        file.write(text.encode("utf-8", "backslashreplace").decode("utf-8"))


def _tidy(folder: Path) -> None:
    """Remove what killed processes left in a folder, the first time something is written there."""
    if str(folder) not in _TIDY:
        _TIDY.add(str(folder))
        leftovers.remove_files(folder)


def _old(target: Path) -> os.stat_result | None:
    """Return what is known of the file to replace; raises OSError where it must stay."""
    try:
        old = target.lstat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(old.st_mode):
        raise OSError(errno.EISDIR, "it is a folder")
    if stat.S_ISLNK(old.st_mode):  # what realpath could not follow
        raise OSError(errno.ELOOP, "it is a circular link")
    if not stat.S_ISREG(old.st_mode):
        raise OSError(errno.EINVAL, "it is a device or a pipe, which is never replaced")
    # Renaming asks only the folder, but whoever made a file read-only meant it.
    if not os.access(target, os.W_OK):
        raise OSError(errno.EACCES, "it is read-only")
    return old


class _Raw(FileIO):
    """Says at once, and in one line, when the disk takes no more.

    Done here and not around the block, whose own OSErrors are none of ours.
    """

    path: Path

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            raise _trouble(self.path, error) from error


def _opened(descriptor: int, path: Path, mode: str) -> IO[Any]:
    raw = _Raw(descriptor, "wb")
    raw.path = path
    binary = BufferedWriter(raw, 1 << 18)
    return binary if mode == "wb" else TextIOWrapper(binary, encoding="utf-8", newline="")


def _finish(file: IO[Any], path: Path, old: os.stat_result | None) -> None:
    try:
        file.flush()
        if old is not None:
            _take_after(file.fileno(), old, path)
        os.fsync(file.fileno())
        file.close()
    except OSError as error:
        raise _trouble(path, error) from error


def _take_after(descriptor: int, old: os.stat_result, path: Path) -> None:
    if not hasattr(os, "fchown"):
        return
    mode = stat.S_IMODE(old.st_mode) & 0o777
    same_owner = True
    try:
        os.fchown(descriptor, old.st_uid, old.st_gid)
    except PermissionError:
        same_owner = False
        try:
            os.fchown(descriptor, -1, old.st_gid)
        except PermissionError:
            mode &= 0o707  # what the old group was allowed is not for another one
    os.fchmod(descriptor, mode)
    _take_attributes(descriptor, path, rights=same_owner)


def _take_attributes(descriptor: int, path: Path, *, rights: bool) -> None:
    """Copy what programs and people attached to a file, such as tags and access lists."""
    if sys.platform != "linux":  # elsewhere Python cannot
        return
    names: list[str] = []
    with suppress(OSError):  # a file system without attributes
        names = os.listxattr(path)
    for name in names:
        if name.startswith("user.") or (rights and name == _RIGHTS):
            with suppress(OSError):
                os.setxattr(descriptor, name, os.getxattr(path, name))


def _sync_folder(folder: Path) -> None:
    """Make the new name outlive a power cut, where the file system can promise that."""
    if os.name != "posix":
        return
    # The file is whole and in its place by now: what fails here leaves nothing to undo or report.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _trouble(path: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    way_out = _WAYS_OUT.get(error.errno or 0, "name another file")
    return OutputError(f"cannot write {str(path)!r}: {reason[:1].lower()}{reason[1:]}; {way_out}")
