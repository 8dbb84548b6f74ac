"""The sidecar of a file that holds many articles: JSON Lines, one for each entry.

    {"entry": "ID", "classifications": {"Bread": {...}, ...}}

What `classifications` holds is the content of the sidecar of an article. Files may be large, so
they are never in memory as a whole.
"""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from classifier.content.collections import is_collection
from classifier.content.discovery import key_of
from classifier.errors import OutputError
from classifier.models import Result, Taxonomy
from classifier.outputs.files import replacing
from classifier.sanitize import json_line
from classifier.sidecars import parsing, serializing
from classifier.sidecars.importing import FileImport, ImportResult
from classifier.sidecars.parsing import Sidecar, SidecarError
from classifier.sidecars.stored import StoredChecks, VerdictTimes
from classifier.sidecars.writing import Merging, WriteResult
from classifier.store import JudgementRecord, Store
from classifier.taxonomy.labels import LabelIndex

_LONGEST: Final = 16 * 2**20
"""Bytes of a line."""
_BEFORE: Final = "data."
_AFTER: Final = ".classifications.jsonl"


def path_for(collection: Path) -> Path:
    """Return the sidecar of a table, an mbox or a feed."""
    return collection.with_name(f"{_BEFORE}{collection.name}{_AFTER}")


def collection_of(path: Path) -> Path | None:
    """Return the file whose sidecar a path is; None if it is no such sidecar by its name."""
    if not (path.name.startswith(_BEFORE) and path.name.endswith(_AFTER)):
        return None
    found = path.with_name(path.name.removeprefix(_BEFORE).removesuffix(_AFTER))
    return found if is_collection(found) else None


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of a file by the name of their entry."""

    path: Path
    places: Mapping[str, int]
    """Where each begins, in bytes."""

    @classmethod
    def of(cls, path: Path) -> _Lines:
        """Look through a file; one that is not there has no lines. Raises SidecarError."""
        places: dict[str, int] = {}
        for place, name, _ in _read(path):
            if name in places:
                raise SidecarError(f"the entry {name[:80]!r} occurs twice")
            places[name] = place
        return cls(path, places)

    def line(self, name: str) -> bytes:
        with self.path.open("rb") as file:
            file.seek(self.places[name])
            return file.readline(_LONGEST)

    def entry(self, name: str) -> Sidecar:
        """Return what is said of an entry; nothing of one without a line. Raises SidecarError."""
        if name not in self.places:
            return {}
        return parsing.parse(json.dumps(json.loads(self.line(name))["classifications"]))


def _read(path: Path) -> Iterator[tuple[int, str, Sidecar]]:
    """Yield where each line begins, its entry, and what it says. Raises SidecarError."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise SidecarError("a link, folder or device where a file should be")
        with path.open("rb") as file:
            place = 0
            for number, line in enumerate(iter(lambda: file.readline(_LONGEST + 1), b""), 1):
                if len(line) > _LONGEST:
                    raise SidecarError(f"line {number:,}: longer than {_LONGEST:,} bytes")
                if line.strip():
                    yield place, *_parsed(line, number)
                place += len(line)
    except FileNotFoundError:
        return
    except OSError as error:
        raise SidecarError(f"cannot be read: {error.strerror or error}") from None


def _parsed(line: bytes, number: int) -> tuple[str, Sidecar]:
    try:
        value = json.loads(line.decode("utf-8-sig"))
        name, said = value["entry"], value["classifications"]
    except (ValueError, RecursionError, TypeError, KeyError):
        raise SidecarError(
            f'line {number:,}: expected an object with "entry" and "classifications"'
        ) from None
    if not isinstance(name, str):
        raise SidecarError(f'line {number:,}: "entry" is not a text')
    try:
        return name, parsing.parse(json.dumps(said))
    except SidecarError as error:
        raise SidecarError(f"line {number:,}: {error}") from None


# --- written --------------------------------------------------------------------------------------


class _UnchangedError(Exception):
    pass


@dataclass
class _Update:
    """The lines of a sidecar as they should be now."""

    collection: Path
    merging: Merging
    store: Store
    home: Path
    imported: int = 0
    """Imported judgements that stay."""

    def lines(
        self, found: Iterable[tuple[Result, Mapping[str, JudgementRecord]]], old: _Lines
    ) -> Iterator[bytes]:
        """Yield those of the entries that are there, then those of others. Raises SidecarError."""
        left = dict.fromkeys(old.places)
        verdict_times = VerdictTimes(self.store.verdicts())
        for result, records in found:
            name = result.article.removeprefix(f"{self.collection.as_posix()}#")
            left.pop(name, None)
            key = key_of(Path(result.article), home=self.home)
            new, imported = self.merging.update(
                result.article,
                old.entry(name),
                serializing.entries(result, records),
                StoredChecks(self.store, key, verdict_times, result.digest),
            )
            self.imported += imported
            if new:
                yield json_line({"entry": name, "classifications": new}).encode() + b"\n"
        for name in left:
            yield old.line(name).rstrip(b"\r\n") + b"\n"


def write(  # noqa: PLR0913 - all but two by name
    collection: Path,
    found: Iterable[tuple[Result, Mapping[str, JudgementRecord]]],
    *,
    taxonomy: Taxonomy,
    store: Store,
    home: Path,
    replace: bool = False,
) -> WriteResult:
    """Write the sidecar of a file, as `writing.write` does those of articles.

    Lines of entries that are not in the file any more stay as they are.

    Args:
        collection: The file.
        found: The results of its entries, each with the stored judgements by category id.
        taxonomy: All categories.
        store: What may be overwritten is in here.
        home: The folder that paths in the store are relative to.
        replace: Whether the embedded scorer's judgements may take the place of imported ones.
    """
    path = path_for(collection)
    update = _Update(collection, Merging(taxonomy, frozenset(), replace=replace), store, home)
    try:
        changed = _replaced(path, update.lines(found, _Lines.of(path)))
    except OutputError as error:
        return WriteResult(path=str(path), error=str(error))
    except SidecarError as error:
        return WriteResult(path=str(path), error=f"{str(path)!r}: {error}")
    return WriteResult(path=str(path), changed=changed, imported=update.imported)


def _replaced(path: Path, lines: Iterable[bytes]) -> bool:
    """Write a file, and return whether it is another one now."""
    before = _digest(path)
    after = hashlib.sha256()

    def check() -> None:
        if after.hexdigest() == before:
            raise _UnchangedError

    try:
        with replacing(path, "wb") as file:
            for line in lines:
                after.update(line)
                file.write(line)
            check()
    except _UnchangedError:
        return False
    return True


def _digest(path: Path) -> str:
    """Return that of a file; that of an empty one if there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return hashlib.sha256().hexdigest()


# --- imported -------------------------------------------------------------------------------------


def import_entries(
    collection: Path, digests: Mapping[str, str], *, taxonomy: Taxonomy, store: Store, home: Path
) -> ImportResult:
    """Import the sidecar of a file, as a whole or not at all.

    Args:
        collection: The file.
        digests: Of its entries, by their ids (`path#name`). Others are imported where their lines
            say what they are about.
        taxonomy: The categories that titles in legacy entries are matched with.
        store: Where to import to.
        home: The folder that paths in the store are relative to.
    """
    result = ImportResult(article=str(collection))
    path = path_for(collection)
    names = LabelIndex(taxonomy.categories)
    verdict_times = VerdictTimes(store.verdicts())
    try:
        _Lines.of(path)  # all of it can be read
        for _, name, said in _read(path):
            id_ = f"{collection.as_posix()}#{name}"
            digest = digests.get(id_, "")
            stored = StoredChecks(store, key_of(Path(id_), home=home), verdict_times, digest)
            news = FileImport(result, stored, names=names, kinds=None, digest=digest)
            news.read(said)
            news.keep()
    except SidecarError as error:
        result.errors.append(f"{str(path)!r}: {error}")
    result.files = min(result.files, 1)
    return result
