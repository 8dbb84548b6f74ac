"""Cut rows into partitions by their own names, so that everybody who reads them cuts alike.

A row whose name has a digest that ends in zeros is the last of its region, whatever is before it:
content-defined chunking (Muthitacharoen, Chen and Mazieres, "A Low-Bandwidth Network File System",
2001). A row that is added or removed changes one partition, and a reader that begins in the middle
of a file finds the same partitions as one that began at its start.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final, Protocol, TypeVar

ROWS: Final = 64
"""Rows of a partition on average; a power of two."""
MOST: Final = 4 * ROWS
"""Rows of a partition at most."""


class Named(Protocol):
    @property
    def id(self) -> str: ...


_Row = TypeVar("_Row", bound=Named)


def ends_region(name: str) -> bool:
    """Whether a row of this name is the last of a region."""
    found = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(found) % ROWS == 0


def regions(rows: Iterable[tuple[int, _Row]], start: int, stop: int | None) -> Iterator[list[_Row]]:
    """Yield partitions, of those regions that begin behind a row from `start` on before `stop`.

    So ranges that touch have each region once.

    Args:
        rows: The position and the row, of those from `start` on; they are read as far as needed.
        start: Position of the first row of the range. That of a file is its beginning: 0.
        stop: Position after the last row of the range; None: the end of the file.
    """
    found = iter(rows)
    if start and not _skipped(found, stop):
        return
    region: list[_Row] = []
    for position, row in found:
        region.append(row)
        last = ends_region(row.id)
        if last or len(region) == MOST:
            yield region
            region = []
        if last and stop is not None and position >= stop:
            return
    if region:
        yield region


def _skipped(rows: Iterator[tuple[int, _Row]], stop: int | None) -> bool:
    """Pull rows until a region has ended; return whether that was before `stop`."""
    for position, row in rows:
        if stop is not None and position >= stop:
            return False
        if ends_region(row.id):
            return True
    return False


def grouped(names: Iterable[str], least: int) -> Iterator[list[str]]:
    """Yield groups of at least so many names that are made of whole regions."""
    group: list[str] = []
    for name in names:
        group.append(name)
        if len(group) >= least and ends_region(name):
            yield group
            group = []
    if group:
        yield group


def pieces(names: list[_Row]) -> Iterator[list[_Row]]:
    """Yield the partitions of whole regions."""
    return regions(enumerate(names), 0, None)
