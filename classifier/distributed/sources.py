"""Where articles come from: a folder of files, tables of Parquet or JSON Lines, at any address."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, Final, Literal

from classifier import small_files, unexpected
from classifier.addresses import as_os_errors, filesystem, is_remote
from classifier.content import articles
from classifier.content.collections import article_of
from classifier.content.discovery import SUFFIXES, Selection
from classifier.content.formats import tables
from classifier.content.formats.extract import LARGEST, Item, UnreadableError
from classifier.content.formats.tables import Columns
from classifier.distributed.regions import grouped
from classifier.errors import UsageError
from classifier.models import Article, Failure, FailureReason

if TYPE_CHECKING:
    from classifier.project import Project

LINES: Final = (".jsonl", ".ndjson")
ROWS: Final = (".parquet",)
_UNITS_PER_WORKER: Final = 8
"""So that no worker waits long for the last one."""
_LEAST_ROWS, _MOST_ROWS = 128, 20_000
_LEAST_BYTES, _MOST_BYTES = 1 << 15, 64 << 20
_LOOK_INSIDE: Final = 1_000
"""Tables that are looked into before the run; of more, each is one unit."""
_LOOKING: Final = 16
"""Tables that are looked into at a time."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of a source that one worker reads: rows, lines or files."""

    kind: Literal["rows", "lines", "files"]
    place: str
    """Address of the table, or of the folder that files are in."""
    name: str
    """The same as the caller wrote it."""
    start: int = 0
    stop: int | None = None
    """Rows of Parquet, or bytes of JSON Lines."""
    files: tuple[str, ...] = ()
    """Paths below `place`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An article of a source, or why it could not be read."""

    article: str
    """What results call it."""
    id: str
    """What the source calls it: the id of a row, the path of a file below its folder."""
    file: str
    content: Article | Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a run judges."""

    name: str
    """As the caller wrote it."""
    units: Sequence[Unit]
    rows: int | None
    """None where it is not known."""


# --- planning ------------------------------------------------------------------------------------


def plan(project: Project, source: str, *, workers: int) -> Source:
    """Return the units of a source: some for each worker, and none too large.

    Raises:
        UsageError: There is nothing to judge, or it cannot be read.
    """
    if not is_remote(source) and "*" not in source and not small_files.exists(Path(source)):
        raise UsageError(f"no such file or folder: {source!r}")
    local = not is_remote(source) and small_files.is_dir(Path(source))
    try:
        with as_os_errors():
            tables_, files = _listed(source)
        if tables_ and (files if not local else any(_local(project, source))):
            raise UsageError(
                f"{source!r} has tables ({tables_[0]!r}) and files that are articles: name one kind"
            )
        if tables_:
            return _tables(source, tables_, workers)
    except OSError as error:
        raise UsageError(f"cannot read {source!r}: {_one_line(error)}") from error
    below = list(_local(project, source)) if local else files
    if not below:
        raise UsageError(f"nothing to judge in {source!r}: no article, .parquet or .jsonl file")
    least = max(1, len(below) // (workers * _UNITS_PER_WORKER))
    place = os.path.abspath(source) if local else source  # noqa: PTH100 - a link stays one
    units = [
        Unit("files", place, source, files=tuple(group)) for group in grouped(sorted(below), least)
    ]
    return Source(name=source, units=units, rows=len(below))


def _local(project: Project, source: str) -> Iterator[str]:
    """Yield the articles of a folder, as `classify run` finds them, by their path below it."""
    root = Path(source)
    corpus = project.corpus(project.taxonomy.categories, project.records.get("read"))
    for path in corpus.paths(root, project.selection):
        yield Path(path).relative_to(root).as_posix()


def _listed(source: str) -> tuple[list[str], list[str]]:
    """Return the tables, as addresses, and the Markdown files below an address."""
    system, path = filesystem(source)
    if PurePosixPath(path).suffix.lower() in (*LINES, *ROWS) and not system.isdir(path):
        found = sorted(system.glob(path)) if "*" in path else [path]
        return [system.unstrip_protocol(it) for it in found], []
    found = sorted(system.find(path))
    inside = {it: it.removeprefix(path.rstrip("/") + "/") for it in found}
    shown = [it for it, below in inside.items() if not re.search(r"(^|/)[._]", below)]
    of = {it: PurePosixPath(it).suffix.lower() for it in shown}
    selected = Selection().suffixes if not is_remote(source) else SUFFIXES
    return (
        [system.unstrip_protocol(it) for it in shown if of[it] in (*LINES, *ROWS)],
        [inside[it] for it in shown if of[it] in selected],
    )


def _tables(source: str, places: Sequence[str], workers: int) -> Source:
    names = {it: _name(it, source) for it in places}
    if len(places) > max(_LOOK_INSIDE, workers * _UNITS_PER_WORKER):
        whole = [Unit(_kind(it), it, names[it]) for it in places]
        return Source(name=source, units=whole, rows=None)
    with ThreadPoolExecutor(_LOOKING) as pool:
        found = list(pool.map(_size, places))
    unreadable = {it: size for it, size in zip(places, found, strict=True) if isinstance(size, str)}
    if len(unreadable) == len(places):
        raise UsageError(f"{names[places[0]]!r} {unreadable[places[0]]}")
    # Such a table is one row with a failure, which its worker finds.
    sizes = [1 if isinstance(size, str) else size for size in found]
    share = workers * _UNITS_PER_WORKER
    of_rows = sum(size for it, size in zip(places, sizes, strict=True) if _kind(it) == "rows")
    of_bytes = sum(sizes) - of_rows
    steps = {
        "rows": min(_MOST_ROWS, max(_LEAST_ROWS, of_rows // share)),
        "lines": min(_MOST_BYTES, max(_LEAST_BYTES, of_bytes // share)),
    }
    units = []
    for place, size in zip(places, sizes, strict=True):
        step = steps[_kind(place)]
        for start in range(0, size, step):
            stop = start + step if start + step < size else None
            units.append(Unit(_kind(place), place, names[place], start, stop))
    if not units:
        raise UsageError(f"nothing to judge in {source!r}: it has no rows")
    return Source(name=source, units=units, rows=None if of_bytes else of_rows)


def _kind(place: str) -> Literal["rows", "lines"]:
    return "rows" if PurePosixPath(place).suffix.lower() in ROWS else "lines"


def _size(place: str) -> int | str:
    """Return the rows of a Parquet file, or the bytes of another, or why it cannot be read."""
    from pyarrow import ArrowException, parquet

    try:
        system, path = filesystem(place)
        if _kind(place) == "lines":
            with as_os_errors():
                return int(system.size(path) or 0)
        with as_os_errors(), system.open(path, "rb") as file:
            return int(parquet.read_metadata(file).num_rows)
    except ArrowException as error:
        return _no_parquet(error)
    except OSError as error:
        return f"cannot be read: {_one_line(error)}"


def _no_parquet(error: Exception) -> str:
    return f"cannot be read as Parquet: {_one_line(error)}"


# --- reading -------------------------------------------------------------------------------------


def read(unit: Unit, columns: Columns) -> Iterator[tuple[int, Row]]:
    """Yield the rows of a unit from its start on, and those behind it, with their positions.

    A file that cannot be read (any further) is a row with a failure.
    """
    position = unit.start
    try:
        made = _READERS[unit.kind](unit, columns)
        with as_os_errors():
            for position, row in made:
                yield position, row
    except UnreadableError as error:
        yield position + 1, _unreadable(unit, str(error))
    except OSError as error:
        problem = f"cannot be read: {_one_line(error)}"
        yield position + 1, _unreadable(unit, problem)


def _unreadable(unit: Unit, problem: str) -> Row:
    failure = Failure(FailureReason.UNREADABLE, f"{unit.name!r} {problem}")
    return Row(article=unit.name, id="", file=unit.name, content=failure)


def _files(unit: Unit, _: Columns) -> Iterator[tuple[int, Row]]:
    remote = is_remote(unit.place)
    system, root = filesystem(unit.place) if remote else (None, unit.place)
    for position, below in enumerate(unit.files):
        name = f"{unit.name.rstrip('/')}/{below}" if unit.name != "." else below
        path = f"{root.rstrip('/')}/{below}"
        work = partial(_remote_file, system, path, name) if system else partial(_file, path, name)
        content = unexpected.contain(work, article=name)
        yield position, Row(article=name, id=below, file=name, content=content)


def _file(path: str, name: str) -> Article | Failure:
    """Read a file; the article keeps its absolute path, which verdicts and sections go by."""
    try:
        found = articles.read(Path(path))
    except UsageError as error:
        return Failure(FailureReason.UNREADABLE, str(error).replace(path, name))
    if isinstance(found, Failure):
        return replace(found, message=found.message.replace(path, name))
    return found


def _remote_file(system: Any, path: str, name: str) -> Article | Failure:
    try:
        with as_os_errors():
            data = system.cat_file(path)
        return articles.from_bytes(data, id=name)
    except OSError as error:
        return Failure(FailureReason.UNREADABLE, f"{name!r} cannot be read: {_one_line(error)}")


def _parquet(unit: Unit, columns: Columns) -> Iterator[tuple[int, Row]]:
    from pyarrow import ArrowException, parquet

    system, path = filesystem(unit.place)
    try:
        with system.open(path, "rb") as opened, parquet.ParquetFile(opened) as file:
            groups, position = _groups(file.metadata, unit.start)
            found = columns.among(file.schema_arrow.names)
            names = [it for it in (found.text, found.id, found.title) if it]
            names += [it for it in (found.description, found.language) if it]
            wanted = list(dict.fromkeys(names))
            for batch in file.iter_batches(batch_size=256, row_groups=groups, columns=wanted):
                if position + len(batch) > unit.start:
                    for number, cells in enumerate(batch.to_pylist(), position):
                        if number >= unit.start:
                            item = tables.item(f"row {number + 1}", cells, found)
                            yield number, _row(unit.name, item)
                position += len(batch)
    except ArrowException as error:
        raise UnreadableError(_no_parquet(error)) from None


def _groups(metadata: Any, start: int) -> tuple[list[int], int]:
    """Return the row groups from the one with row `start` on, and the row that they begin with."""
    first = 0
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group).num_rows
        if first + rows > start:
            return list(range(group, metadata.num_row_groups)), first
        first += rows
    return [], first


def _lines(unit: Unit, columns: Columns) -> Iterator[tuple[int, Row]]:
    system, path = filesystem(unit.place)
    # What fsspec opens may have no bound for a line.
    with system.open(path, "rb") as opened, io.BufferedReader(opened, 1 << 20) as file:
        if unit.start:
            file.seek(unit.start - 1)
            _line(file)
        while True:
            at = file.tell()
            line = _line(file)
            if not line:
                return
            if not line.isspace():
                yield at, _row(unit.name, _item(line.removeprefix(b"\xef\xbb\xbf"), at, columns))


def _line(file: IO[bytes]) -> bytes:
    line = file.readline(4 * LARGEST + 1)
    if len(line) > 4 * LARGEST:
        raise UnreadableError(f"has a line of more than {LARGEST // 10**6} million characters")
    return line


def _item(line: bytes, at: int, columns: Columns) -> Item:
    number = f"byte {at}"
    try:
        cells = json.loads(line)
    except UnicodeDecodeError:
        return Item(number, "is not UTF-8")
    except (ValueError, RecursionError):
        return Item(number, "no JSON")
    if not isinstance(cells, dict):
        return Item(number, "no JSON object")
    try:
        return tables.item(number, cells, columns.among(list(cells)))
    except UnreadableError as error:
        return Item(number, str(error))


def _row(file: str, item: Item) -> Row:
    name = f"{file}#{item.name}"
    content = unexpected.contain(partial(article_of, name, item), article=name)
    return Row(article=name, id=item.name, file=file, content=content)


_READERS: Final = {"files": _files, "rows": _parquet, "lines": _lines}


def _name(place: str, source: str) -> str:
    """Return a table's address as the caller of this process would write it."""
    if is_remote(source):
        return place
    path = place.removeprefix("file://")
    return path if Path(source).is_absolute() else os.path.relpath(path)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
