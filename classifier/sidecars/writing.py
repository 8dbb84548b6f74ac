"""Write sidecars from the store, without losing anything that is in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from classifier import small_files
from classifier.content.discovery import key_of
from classifier.errors import OutputError
from classifier.models import Result, Taxonomy
from classifier.outputs.files import replacing
from classifier.sidecars import naming, serializing
from classifier.sidecars.files import check_alone, read_file
from classifier.sidecars.naming import entry_keys
from classifier.sidecars.parsing import (
    LEGACY_SCORER,
    LegacyEntry,
    NativeEntry,
    Sidecar,
    SidecarError,
)
from classifier.sidecars.paths import BESIDE, SidecarPaths
from classifier.sidecars.stored import StoredChecks, VerdictTimes
from classifier.store import JudgementRecord, Store
from classifier.taxonomy.labels import LabelIndex

_Entry: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteResult:
    """The result of writing one sidecar."""

    path: str
    changed: bool = False
    imported: int = 0
    """Imported judgements that stay, because the embedded scorer's would be weaker."""
    error: str = ""
    """Why the file was not written, in one line that names it; empty if it was."""


def write(  # noqa: PLR0913 - all but one by name
    found: Iterable[tuple[Result, Mapping[str, JudgementRecord]]],
    *,
    taxonomy: Taxonomy,
    store: Store,
    home: Path,
    paths: SidecarPaths = BESIDE,
    replace: bool = False,
) -> Iterator[WriteResult]:
    """Write a sidecar for each article, and one for each kind that has a file of its own.

    A file that would not change is not touched. Entries of categories without a stored judgement of
    the article as it is now stay as they are. Nothing that the store lacks is overwritten.

    Args:
        found: Results, each with the stored judgements by category id.
        taxonomy: All categories.
        store: What may be overwritten is in here.
        home: The folder that paths in the store are relative to.
        paths: Where the sidecars are; folders that are missing are made.
        replace: Whether the embedded scorer's judgements may take the place of imported ones.
    """
    merging = Merging(taxonomy, frozenset(paths.own_files), replace=replace)
    verdict_times = VerdictTimes(store.verdicts())
    for result, records in found:
        entries = serializing.entries(result, records)
        if not entries:
            continue
        article = Path(result.article)
        stored = StoredChecks(store, key_of(article, home=home), verdict_times)
        path = article
        try:
            for path, some in _files(paths, article, entries):
                yield _write(path, article, some, merging, stored)
        except (SidecarError, OutputError) as error:
            yield WriteResult(path=str(path), error=str(error))


def _files(
    paths: SidecarPaths, article: Path, entries: Mapping[str, _Entry]
) -> Iterator[tuple[Path, dict[str, _Entry]]]:
    """Yield the files of an article, each with its entries by category id."""
    main = paths.written(article)
    own: dict[str, dict[str, _Entry]] = {kind: {} for kind in paths.own_files}
    rest: dict[str, _Entry] = {}
    for id_, entry in entries.items():
        own.get(id_.partition("/")[0], rest)[id_] = entry
    if rest or small_files.exists(main):
        yield main, rest
    for kind, some in own.items():
        if some:
            yield main.with_name(naming.of_kind(main.name, kind)), some


def _write(
    path: Path,
    article: Path,
    entries: Mapping[str, _Entry],
    merging: Merging,
    stored: StoredChecks,
) -> WriteResult:
    beside = path.parent == article.parent
    old = read_file(path, beside=article if beside else None)
    if beside:
        try:
            check_alone(article)
        except SidecarError as error:
            raise SidecarError(f"{str(path)!r}: {error}") from None
    else:
        _make_folder(path.parent)
    new, imported = merging.update(str(path), old, entries, stored)
    if new == {key: entry.raw for key, entry in old.items()}:
        return WriteResult(path=str(path), imported=imported)
    with replacing(path) as file:
        file.write(serializing.to_text(new))
    return WriteResult(path=str(path), changed=True, imported=imported)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SidecarError(f"{str(folder)!r}: cannot be made: {error.strerror}") from None


def _and_others(names: list[str]) -> str:
    return f" and {len(names) - 1:,} more" if len(names) > 1 else ""


class Merging:
    """Puts new entries among those that a sidecar has."""

    def __init__(self, taxonomy: Taxonomy, own_files: frozenset[str], *, replace: bool) -> None:
        self._keys = entry_keys(taxonomy.categories)
        self._names = LabelIndex(taxonomy.categories)
        self._own_files = own_files
        self._replace = replace

    def update(
        self, name: str, old: Sidecar, entries: Mapping[str, _Entry], stored: StoredChecks
    ) -> tuple[dict[str, _Entry], int]:
        """Return the entries by key, and how many imported ones stay though there are new ones.

        Raises:
            SidecarError: One that is not stored would be lost; `name` says of which sidecar.
        """
        imported = self.imported(old, entries)
        fresh = {id_: it for id_, it in entries.items() if id_ not in imported}
        new = self.merged(old, fresh)
        kept = {id(entry) for entry in new.values()}
        gone = {key: entry for key, entry in old.items() if id(entry.raw) not in kept}
        lost = [key for key, entry in gone.items() if not self.safe(entry, stored)]
        if lost:
            raise SidecarError(
                f"{name!r}: its entry for {lost[0]!r}{_and_others(lost)} would be lost, because "
                "it is not stored: run `classify sidecars import` first"
            )
        return new, len(imported)

    def imported(self, old: Sidecar, new: Mapping[str, _Entry]) -> frozenset[str]:
        """Return the ids of imported entries that stay as they are.

        Where they decided themselves there is nothing new to say, and the embedded scorer's
        judgement is the weaker one.
        """
        there = (self._category(entry) for entry in old.values() if _is_imported(entry))
        return frozenset(id_ for id_ in there if id_ and id_ in new and self._stays(new[id_]))

    def _stays(self, new: _Entry) -> bool:
        judge = str(new.get("judged_by") or new.get("scorer") or "")
        weaker = judge.startswith("embedded:") and not self._replace
        return weaker or new.get("judged_by") == LEGACY_SCORER

    def merged(self, old: Sidecar, new: Mapping[str, _Entry]) -> dict[str, _Entry]:
        """Return the entries by key; `new` has them by category id.

        Native entries come first, by kind and title, then those of other programs.
        """
        kinds = {id_.partition("/")[0] for id_ in new}
        moved = self._own_files if kinds.isdisjoint(self._own_files) else frozenset()
        ours, others = dict(new), {}
        for key, entry in old.items():
            category = self._category(entry)
            if category is not None and category in new:
                if _same(entry.raw, new[category]):
                    ours[category] = entry.raw
            elif isinstance(entry, LegacyEntry):
                others[key] = entry.raw
            elif category is not None and category.partition("/")[0] not in moved:
                ours[category] = entry.raw
        order = sorted(ours, key=lambda id_: (id_.partition("/")[0], self._keys[id_].casefold()))
        by_key = {self._keys[id_]: ours[id_] for id_ in order}
        return by_key | {key: others[key] for key in sorted(others) if key not in by_key}

    def safe(self, entry: NativeEntry | LegacyEntry, stored: StoredChecks) -> bool:
        """Whether an entry can be overwritten without loss."""
        if isinstance(entry, NativeEntry):
            judged = entry.record is None or stored.record(entry.record)
            return judged and stored.verdict(entry)
        category = self._category(entry)
        return category is not None and stored.legacy(category, entry.judged_at)

    def _category(self, entry: NativeEntry | LegacyEntry) -> str | None:
        """Return the id of the category that an entry is about; None if there is none today."""
        if isinstance(entry, NativeEntry):
            return entry.category if entry.category in self._keys else None
        matches = self._names.find(entry.title)
        return matches[0].id if len(matches) == 1 else None


def _same(old: _Entry, new: _Entry) -> bool:
    """Whether two entries differ in their time alone: the pair was judged again without a store."""
    return all(old.get(name) == new.get(name) for name in {*old, *new} - {"calculated_at"})


def _is_imported(entry: NativeEntry | LegacyEntry) -> bool:
    if isinstance(entry, LegacyEntry):
        return True
    return entry.record is not None and entry.record.scorer == LEGACY_SCORER
