"""Places of files that fsspec knows: paths of this machine, and addresses such as `s3://bucket`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from classifier.errors import UsageError

# Two letters or more: one is a drive.
_ADDRESS: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/+(.*)", re.DOTALL)


_LIBRARIES: Final = frozenset(
    {"aiobotocore", "aiohttp", "azure", "botocore", "gcsfs", "google", "requests", "urllib3"}
)
"""Packages below file systems of fsspec whose errors are none of the operating system's."""


@contextmanager
def as_os_errors() -> Iterator[None]:
    """Have whatever the packages below a file system raise be an `OSError`.

    fsspec translates most, but not that there are no credentials, or that nobody answers.
    """
    try:
        yield
    except Exception as error:
        package = type(error).__module__.partition(".")[0]
        if isinstance(error, OSError) or package not in _LIBRARIES:
            raise
        raise OSError(" ".join(str(error).split())[:200]) from error


def absolute(place: str) -> str:
    """Return an address that means the same in every process of this machine."""
    return place if is_remote(place) else str(Path(place.removeprefix("file://")).absolute())


def address(path: str | Path) -> str:
    """Return an address or a path as text; a `Path` has made one slash of two."""
    text = path if isinstance(path, str) else path.as_posix()
    found = _ADDRESS.fullmatch(text)
    return f"{found[1]}://{found[2]}" if found else text


def missing(path: str | Path) -> UsageError:
    """Return the error for a path where nothing is; for an address, with what reads there."""
    shown = address(path)
    if is_remote(shown) and not shown.startswith(("http://", "https://")):
        return UsageError(
            f"no such file or folder: {shown!r}; `classify run --engine ray` reads it"
        )
    return UsageError(f"no such file or folder: {str(path)!r}")


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
