"""Files that people write or we do: never pipes or devices, and never larger than they can mean."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

LARGEST: Final = 16_000_000
"""Bytes."""


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
