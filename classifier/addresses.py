"""Places of files that fsspec knows: paths of this machine, and addresses such as `s3://bucket`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from classifier.errors import UsageError

# Two letters or more: one is a drive.
_ADDRESS: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/+(.*)", re.DOTALL)


def absolute(place: str) -> str:
    """Return an address that means the same in every process of this machine."""
    return place if is_remote(place) else str(Path(place.removeprefix("file://")).absolute())


def address(path: str | Path) -> str:
    """Return an address or a path as text; a `Path` has made one slash of two."""
    text = path if isinstance(path, str) else path.as_posix()
    found = _ADDRESS.fullmatch(text)
    return f"{found[1]}://{found[2]}" if found else text


def is_remote(place: str) -> bool:
    """Whether an address is none of this machine's files."""
    return "://" in place and not place.startswith("file://")


def filesystem(place: str) -> tuple[Any, str]:
    """Return the file system of an address, and the path in it.

    Raises:
        UsageError: There is no such kind of address, or it needs a package.
    """
    try:
        import fsspec

        system, path = fsspec.core.url_to_fs(place)
    except (ImportError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UsageError(f"{place!r}: {reason}") from error
    return system, path
