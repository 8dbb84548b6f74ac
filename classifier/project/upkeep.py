"""Inspect and clean up the record store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from classifier import composition, small_files
from classifier.models import Usage

if TYPE_CHECKING:
    from classifier.project.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerUsage:
    """What is stored of one scorer, and what it took."""

    scorer: str
    """Its identity."""
    judgements: int
    last_used: float
    """Seconds since the epoch."""
    usage: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreStats:
    path: Path
    counts: Mapping[str, int]
    """`judgements`, `pairs` (without repetitions), `articles`, `categories`, `scorers`, `failures`,
    `runs`, `files`, `verdicts`, `vectors`, and the file's size in `bytes`."""
    scorers: tuple[ScorerUsage, ...]
    """The one used last comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbage:
    """What is no longer needed."""

    judgements: Mapping[str, int]
    """Numbers by reason: `superseded`, `article gone`, `category gone`."""
    missing_files: tuple[str, ...]
    """Stored paths without a file, relative to the folder of the store."""
    freed: int
    """Bytes by which the file has shrunk."""


def stats(project: Workspace) -> StoreStats:
    records = project.records.existing()
    assert records.path is not None
    return StoreStats(
        path=records.path,
        counts=records.store.stats(),
        scorers=tuple(
            ScorerUsage(scorer=name, judgements=judgements, last_used=last, usage=usage)
            for name, judgements, last, usage in records.store.scorers()
        ),
    )


def collect_garbage(project: Workspace, *, other_definitions: bool, dry_run: bool) -> Garbage:
    kept = _digests(project) if other_definitions else None
    records = project.records.existing("read" if dry_run else "write")
    store = records.store
    missing = [name for name in store.paths() if not small_files.exists(records.home / name)]
    before = store.stats()["bytes"]
    if dry_run:
        counts = store.garbage(categories=kept, gone=missing)
    else:
        counts = store.collect(categories=kept, gone=missing)
        # Nothing says which vectors are of texts that are gone; all can be made again.
        store.drop_vectors()
    freed = before - store.stats()["bytes"]
    return Garbage(judgements=counts, missing_files=tuple(missing), freed=freed)


def _digests(project: Workspace) -> set[str]:
    """Return the digests of the definitions, with and without what was trained."""
    categories = project.definitions.categories
    digests = {digest for c in categories for digest in (c.digest, c.definition)}
    file = composition.load_trained(project.settings)
    if file is not None:
        plain = [replace(c, examples=(), correction=None) for c in categories]
        shown, corrected = file.with_examples(plain), file.corrected(plain)
        both = file.with_examples(corrected)
        digests |= {category.digest for category in (*shown, *corrected, *both)}
    return digests


def verify(project: Workspace) -> list[str]:
    return project.records.existing().store.verify()
