"""What is stored about articles, in files beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from classifier import sidecars
from classifier.runs import recorded
from classifier.sidecars.parsing import LEGACY_SCORER

if TYPE_CHECKING:
    from classifier.project.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class SidecarsWritten:
    written: int
    unchanged: int
    errors: tuple[str, ...]
    """One line for each file that was left as it was, which it names."""


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


def write(project: Workspace, paths: Sequence[Path]) -> SidecarsWritten:
    """Write everything that is stored, also of categories that `only` leaves out."""
    records = project.records.existing("write")
    policy = project.with_verdicts(project.policy, records)
    corpus = project.corpus(policy.taxonomy.categories, records)
    scan = project.scan(corpus, paths, scorer=project.scorer.identity)
    stored = recorded(corpus, scan, policy=policy, store=records.store)
    outcomes = list(
        sidecars.write(stored, taxonomy=policy.taxonomy, store=records.store, home=records.home)
    )
    errors = tuple(outcome.error for outcome in outcomes if outcome.error)
    written = sum(outcome.changed for outcome in outcomes)
    return SidecarsWritten(
        written=written, unchanged=len(outcomes) - written - len(errors), errors=errors
    )


def import_sidecars(project: Workspace, paths: Sequence[Path]) -> SidecarsImported:
    """Import files beside articles; titles of the earlier layout are of categories of `only`."""
    records = project.records.get("write")
    corpus = project.corpus(project.definitions.categories, records)
    articles = [sidecars.article_of(path) for path in paths]
    scan = project.scan(corpus, articles, scorer=LEGACY_SCORER)
    results = list(
        sidecars.import_sidecars(
            {entry.path: entry.digest for entry in scan.entries},
            taxonomy=project.select(project.definitions),
            store=records.store,
            home=records.home,
        )
    )
    unread = [
        failure.message for path, failure in scan.unread.items() if sidecars.any_sidecar(Path(path))
    ]
    return SidecarsImported(
        files=sum(result.files for result in results),
        judgements=sum(result.judgements for result in results),
        verdicts=sum(result.verdicts for result in results),
        stored=sum(result.known for result in results),
        unmatched=Counter(title for result in results for title in result.unmatched),
        ambiguous=Counter(title for result in results for title in result.ambiguous),
        unscored=sum(result.unscored for result in results),
        clamped=sum(result.clamped for result in results),
        errors=(*unread, *(error for result in results for error in result.errors)),
    )
