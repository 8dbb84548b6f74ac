"""What is stored about articles, in files beside them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from classifier import sidecars, small_files
from classifier.content.collections import is_collection
from classifier.content.discovery import Found, walk
from classifier.errors import UsageError
from classifier.project.entries import digests, stored_entries
from classifier.runs import recorded
from classifier.sidecars import entries
from classifier.sidecars.importing import ImportResult
from classifier.sidecars.naming import article_stem
from classifier.sidecars.parsing import LEGACY_SCORER

if TYPE_CHECKING:
    from classifier.project.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class SidecarsWritten:
    written: int
    unchanged: int
    errors: tuple[str, ...]
    """One line for each file that was left as it was, which it names."""
    imported: int = 0
    """Imported judgements that stay, because the embedded scorer's would be weaker, or because they
    decided themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SidecarsImported:
    files: int
    judgements: int
    verdicts: int
    stored: int
    """Judgements and verdicts that were stored before, or have a later one in their place."""
    unmatched: Mapping[str, int]
    """Entries by title that were skipped, because no category has the title."""
    ambiguous: Mapping[str, int]
    """Entries by title that were skipped, because several categories have the title."""
    unscored: int
    """Entries of the earlier layout that were skipped, because they have no score."""
    clamped: int
    """Aspects of the earlier layout outside 0-100; the nearest value inside was stored."""
    errors: tuple[str, ...]
    """One line for each file that could not be used, which it names."""


def write(project: Workspace, paths: Sequence[Path], *, replace: bool) -> SidecarsWritten:
    """Write everything that is stored, also of categories that `only` leaves out."""
    records = project.records.existing("write")
    policy = project.with_verdicts(project.policy, records)
    collections = [path for path in paths if is_collection(path)]
    articles = [path for path in paths if path not in collections]
    outcomes: list[sidecars.WriteResult] = []
    if articles:
        # Pages of categories have no ids that a path could be made of.
        beside = not project.sidecar_paths.template
        corpus = project.corpus(policy.taxonomy.categories, records, pages=beside)
        scan = project.scan(corpus, articles, scorer=project.scorer.identity)
        outcomes += sidecars.write(
            recorded(corpus, scan, policy=policy, store=records.store),
            taxonomy=policy.taxonomy,
            store=records.store,
            home=records.home,
            paths=project.sidecar_paths,
            replace=replace,
        )
    outcomes += [
        entries.write(
            collection,
            stored_entries(project, collection, policy=policy, store=records.store),
            taxonomy=policy.taxonomy,
            store=records.store,
            home=records.home,
            replace=replace,
        )
        for collection in collections
    ]
    errors = tuple(outcome.error for outcome in outcomes if outcome.error)
    written = sum(outcome.changed for outcome in outcomes)
    return SidecarsWritten(
        written=written,
        unchanged=len(outcomes) - written - len(errors),
        errors=errors,
        imported=sum(outcome.imported for outcome in outcomes),
    )


def import_sidecars(project: Workspace, paths: Sequence[Path]) -> SidecarsImported:
    """Import files beside articles; titles of the earlier layout are of categories of `only`."""
    records = project.records.get("write")
    places = project.sidecar_paths
    paths = [entries.collection_of(path) or path for path in paths]
    collections = [path for path in paths if is_collection(path)]
    articles = _articles(project, [path for path in paths if path not in collections])
    taxonomy = project.select(project.definitions)
    results = [
        entries.import_entries(
            path, digests(project, path), taxonomy=taxonomy, store=records.store, home=records.home
        )
        for path in collections
    ]
    bare = [_bare(path, entries.path_for(path)) for path in collections if not _has(path)]
    unread: list[str] = []
    if articles:
        corpus = project.corpus(project.definitions.categories, records)
        scan = project.scan(corpus, articles, scorer=LEGACY_SCORER)
        results += sidecars.import_sidecars(
            {entry.path: entry.digest for entry in scan.entries},
            taxonomy=taxonomy,
            store=records.store,
            home=records.home,
            paths=places,
        )
        unread = [
            failure.message
            for path, failure in scan.unread.items()
            if Path(path) in articles or places.any(Path(path))
        ]
        used = {result.article for result in results} | scan.unread.keys()
        bare += [
            _bare(path, places.main(path))
            for path in dict.fromkeys(articles)
            if not small_files.is_dir(path) and path.as_posix() not in used and not places.any(path)
        ]
    return _total(results, errors=(*unread, *bare))


def _total(results: Sequence[ImportResult], *, errors: Sequence[str]) -> SidecarsImported:
    return SidecarsImported(
        files=sum(result.files for result in results),
        judgements=sum(result.judgements for result in results),
        verdicts=sum(result.verdicts for result in results),
        stored=sum(result.known for result in results),
        unmatched=Counter(title for result in results for title in result.unmatched),
        ambiguous=Counter(title for result in results for title in result.ambiguous),
        unscored=sum(result.unscored for result in results),
        clamped=sum(result.clamped for result in results),
        errors=(*errors, *(error for result in results for error in result.errors)),
    )


def _has(collection: Path) -> bool:
    return entries.path_for(collection).exists()


def _bare(path: Path, sidecar: Path) -> str:
    return f"{path.as_posix()!r} has no sidecar: there is no {str(sidecar)!r}"


def _articles(project: Workspace, paths: Sequence[Path]) -> list[Path]:
    """Return the articles of sidecars that are named; other paths as they are.

    Raises:
        UsageError: No article has a sidecar, or the file does not exist.
    """
    named = [path for path in paths if _is_elsewhere(path)]
    owners = _owners(project, named) if named else {}
    return [owners[path] if path in owners else sidecars.article_of(path) for path in paths]


def _is_elsewhere(path: Path) -> bool:
    """Whether a path is a file that may be the sidecar of an article in another folder."""
    return (
        path.suffix.lower() == ".json"
        and small_files.is_file(path)
        and article_stem(path.name) is None
    )


def _owners(project: Workspace, files: Sequence[Path]) -> dict[Path, Path]:
    places = project.sidecar_paths
    kinds = list(dict.fromkeys(category.kind for category in project.definitions.categories))
    wanted = {os.path.realpath(file): file for file in files}
    owners: dict[Path, Path] = {}
    for root in project.articles() if places.template else ():
        for found in walk(root, project.selection):
            if isinstance(found, Found):
                for path, _ in places.read(Path(found.path), kinds):
                    if file := wanted.get(os.path.realpath(path)):
                        owners[file] = Path(found.path)
    if lost := next((file for file in files if file not in owners), None):
        where = "no article has this sidecar; see `sidecar_path` in the settings"
        raise UsageError(f"{str(lost)!r}: {where}")
    return owners
