"""Small files, and names that may be none: no pipes or devices, and nothing too large."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

LARGEST: Final = 16_000_000
"""Bytes."""


def exists(path: Path) -> bool:
    """Whether there is something at a path; False for a name that no file can have.

    The methods of `Path` raise for a name that is too long, or in a folder that may not be read.
    """
    return os.path.exists(path)  # noqa: PTH110


def is_file(path: Path) -> bool:
    """Whether there is a file at a path; False for a name that no file can have."""
    return os.path.isfile(path)  # noqa: PTH113


def is_dir(path: Path) -> bool:
    """Whether there is a folder at a path; False for a name that no folder can have."""
    return os.path.isdir(path)  # noqa: PTH112


def why_not(path: Path) -> str:
    """Return what is wrong with a path that `exists` says no to, as the beginning of a message."""
    try:
        path.stat()
    except PermissionError:
        return "no permission to reach the file or folder"
    except (OSError, ValueError):
        pass
    return "no such file or folder"


def refuse_pipe(path: Path) -> None:
    """Refuse a named pipe: to open it waits for another process, perhaps for ever.

    What a shell puts in the place of a command, `<(command)`, is below `/dev` and no such pipe.

    Raises:
        OSError: It is one, or there is nothing at `path`.
    """
    if stat.S_ISFIFO(path.stat().st_mode) and not path.is_relative_to("/dev"):
        raise OSError(errno.EINVAL, "a pipe, not an ordinary file")


def read(path: Path) -> bytes:
    """Return what is in a file.

    Raises:
        OSError: It cannot be read, is no ordinary file, or is larger than `LARGEST`.
    """
    if not stat.S_ISREG(path.stat().st_mode):  # before it is opened: that waits for a pipe
        raise OSError(errno.EINVAL, "not an ordinary file")
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return data
